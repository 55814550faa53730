"""A feed from a folder that every worker mounts."""

from acme.feed import Feed
from dagwright import WorkspacePath

__all__ = ["ShareFeed"]


class ShareFeed(Feed, name_from="file"):
    """Wait for a file in a mounted folder, then copy it to `in/<file>` in the workspace.

    Attributes:
        file: the path in the folder.
        folder: the folder, absolute.

    Example:
        ```yaml
        type: acme_daily
        feeds:
          - {type: share, folder: /mnt/partner, file: rates.csv}
        ```
    """

    file: WorkspacePath
    folder: str

    def make_operators(self) -> None:
        """Make the sensor and the copy, and wire them."""
        from airflow.providers.standard.operators.python import PythonOperator
        from airflow.providers.standard.sensors.python import PythonSensor

        from acme.worker.share import copy_in, is_there
        from dagwright.runtime import WorkerCall

        source = f"{self.folder.rstrip('/')}/{self.file}"
        wait = PythonSensor(
            task_id="wait",
            python_callable=WorkerCall(is_there, {}),
            op_kwargs={"path": source},
            poke_interval=30,
            mode="reschedule",
        )
        copy = PythonOperator(
            task_id="copy",
            python_callable=WorkerCall(copy_in, {"base": self.settings.workspace}),
            op_kwargs={"path": source, "target": f"in/{self.file}"},
        )
        wait >> copy
