"""Files to an SFTP server."""

import posixpath
from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import MinLen

from dagwright import CheckContext, DagwrightError, Diagnostic
from dagwright.builtin.publisher import Publisher

__all__ = ["SftpPublisher"]


class SftpPublisher(Publisher):
    """Upload files to an SFTP server: under a temporary name first, then renamed.

    Attributes:
        connection_id: the Airflow connection with the credentials.
        host: overrides the connection's host; may be a URI with port and folder (`sftp://files.example.com:2222/in`).
        directory: the folder on the server; made where it is missing.

    Example:
        ```yaml
        publishers:
          sftp: {connection_id: partner_sftp, files: [out/rates.csv]}
        ```
    """

    connection_id: Annotated[str, MinLen(1)]
    host: str | None = None
    directory: str = ""

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Check the host as far as it is no template, and the names of the files."""
        from dagwright.runtime.sftp_host import parse_sftp_host

        yield from super().check(context)
        if self.host is not None and "{" not in self.host:
            try:
                parse_sftp_host(self.host)
            except DagwrightError as error:
                yield context.error("host", str(error), code="DW206")

    def folder_uri(self) -> str | None:
        """Return the folder's URI where the data gives the host; a connection's host is known to the worker only."""
        from dagwright.runtime.sftp_host import parse_sftp_host

        if self.host is None or "{" in self.host:
            return None
        host = parse_sftp_host(self.host)
        name = host.name if host.port is None else f"{host.name}:{host.port}"
        folder = posixpath.join(host.directory, self.directory).strip("/")
        return f"sftp://{name}/{folder}".rstrip("/")

    def worker_packages(self) -> Iterable[str]:
        """Return the SFTP provider."""
        return ("dagwright[sftp]",)

    def make_operator(self) -> Any:
        """Return a PythonOperator that uploads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.publish_sftp import publish_sftp

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_sftp, {"base": self.settings.workspace}),
            op_kwargs={
                "sending": self.sending(),
                "connection_id": self.connection_id,
                "host": self.host,
                "directory": self.directory,
            },
            outlets=self.outlets(),
        )
