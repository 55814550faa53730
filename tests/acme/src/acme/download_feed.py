"""The feed where data names none: a file of a web server."""

from typing import Any

from acme.feed import Feed
from dagwright import FactoryError, WorkspacePath

__all__ = ["DownloadFeed"]


class DownloadFeed(Feed, shorthand="file", name_from="file", aliases=["web_feed"], version=2):
    """Download a file from a web server; it is `in/<file>` in the workspace.

    Attributes:
        file: the path on the server.
        connection_id: the Airflow connection of the server.

    Example:
        ```yaml
        type: acme_daily
        feeds: [rates.csv, {file: fx/trades.csv, connection_id: other_files}]
        ```
    """

    file: WorkspacePath
    connection_id: str = "acme_files"

    def make_operator(self) -> Any:
        """Return an operator that downloads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from acme.worker.web import download
        from dagwright.runtime import WorkerCall

        if self.settings.environment == "prod" and self.connection_id.endswith("_test"):
            raise FactoryError(
                f"connection '{self.connection_id}' is for tests",
                field="connection_id",
                help="name a connection of production",
            )
        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(download, {"base": self.settings.workspace}),
            op_kwargs={"file": self.file, "target": f"in/{self.file}", "connection_id": self.connection_id},
        )
