"""Files to a folder that readers share."""

from typing import Any

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

    def folder_uri(self) -> str:
        """Return the folder's URI."""
        return f"file://{self.directory.rstrip('/')}"

    def make_operator(self) -> Any:
        """Return a PythonOperator that copies."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.publish_file import publish_file

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_file, {"base": self.settings.workspace}),
            op_kwargs={"files": self.files, "directory": self.directory},
            outlets=self.outlets(),
        )
