"""Files to a folder that readers share."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.publisher import Publisher

__all__ = ["FilePublisher"]


class FilePublisher(Publisher):
    """Copy files to a folder, such as a mounted share: under a temporary name first, then renamed.

    Attributes:
        directory: the folder, absolute on the worker; made where it is missing.

    Example:
        ```yaml
        publishers:
          share: {type: file, directory: /srv/public/rates, files: [out/rates.csv]}
        ```
    """

    directory: str

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse a relative folder, unless it begins with a template."""
        yield from super().check(context)
        if self.directory.startswith("file://") and urlsplit(self.directory).netloc not in ("", "localhost"):
            # The text is not repeated: a password may stand before the host.
            yield context.error("directory", "the folder is on another machine", code="DW206", help="mount it")
        if not self.directory.startswith(("/", "file://", "{")):
            message = f"the folder '{self.directory}' is not absolute"
            yield context.error("directory", message, code="DW206", help="write it from '/' on, as the worker sees it")

    def folder_uri(self) -> str:
        """Return the folder's URI."""
        return f"file://{self.directory.removeprefix('file://').rstrip('/')}"

    def make_operator(self) -> Any:
        """Return a PythonOperator that copies."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.publish_file import publish_file

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_file, {"base": self.settings.workspace}),
            op_kwargs={"sending": self.sending(), "directory": self.directory},
            outlets=self.outlets(),
        )
