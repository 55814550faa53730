"""A publisher for web servers that take PUT, such as WebDAV shares."""

from typing import Any

from dagwright.builtin import Publisher

__all__ = ["HttpPublisher"]


class HttpPublisher(Publisher, aliases=["webdav"]):
    """Upload files to a web server with PUT: under a temporary name first, then moved.

    Attributes:
        connection_id: the Airflow connection: host, port, login and password; its schema is http or https.
        folder: the folder on the server.
        move: whether the server knows WebDAV's MOVE; without it each file is written in place, and it is the server's
            part to show no half of it.
        address: where readers find the folder, for the assets of its files; no asset where it is null.

    Example:
        ```yaml
        tasks:
          partner: {type: http_publisher, connection_id: partner_web, folder: in, files: [out/rates.csv]}
        ```
    """

    connection_id: str
    folder: str = ""
    move: bool = True
    address: str | None = None

    def folder_uri(self) -> str | None:
        """Return where the files go, as far as the data knows it."""
        return self.address

    def make_operator(self) -> Any:
        """Return an operator that uploads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from acme.worker.web import publish_http
        from dagwright.runtime import WorkerCall

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_http, {"base": self.settings.workspace}),
            op_kwargs={
                "sending": self.sending(),
                "connection_id": self.connection_id,
                "folder": self.folder,
                "move": self.move,
            },
            outlets=self.outlets(),
        )
