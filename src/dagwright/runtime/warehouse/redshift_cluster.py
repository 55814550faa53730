"""A provisioned Redshift cluster: resumed for an upload, and paused again by the one that has resumed it.

A mark in the run's workspace says whose the cluster is. It is written before AWS is asked, so that a retry after a lost
worker knows that the cluster is its own, whatever state it is in by then.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from dagwright.runtime.errors import WarehouseError
from dagwright.runtime.extras import need
from dagwright.runtime.identity import current_run
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["ResumeMark", "pause_after_upload", "pause_cluster", "resume_cluster", "resume_for_upload"]

log = logging.getLogger("dagwright.runtime.warehouse")

_RESUME_SECONDS = 3600


class ResumeMark:
    """The file that says that a task has resumed the cluster, or was about to."""

    def __init__(self, workspace: RunWorkspace, task_id: str) -> None:
        self._workspace = workspace
        self._name = f"warehouse/{task_id}.resumed"

    def is_there(self) -> bool:
        """Say whether the cluster is this upload's to pause."""
        return self._workspace.is_file(self._name)

    def put(self) -> None:
        """Claim the cluster."""
        with self._workspace.open(self._name, "w") as file:
            file.write("this upload has resumed the cluster and pauses it\n")

    def remove(self) -> None:
        """Give the cluster up."""
        if self.is_there():
            self._workspace.resolve(self._name).unlink()


def resume_for_upload(
    cluster: str,
    connection_id: str | None = None,
    region: str | None = None,
    *,
    base: str | None = None,
    poll_seconds: float = 30,
) -> bool:
    """Resume a paused cluster and wait until it can be used; see `resume_cluster`.

    Args:
        cluster: its identifier.
        connection_id: a connection to AWS.
        region: of the cluster.
        base: the workspaces' base, see `open_workspace`.
        poll_seconds: how often the state is asked for.

    Returns:
        Whether a try of this task has resumed it.
    """
    mark = ResumeMark(run_workspace(base), current_run().task_id)
    return resume_cluster(cluster, connection_id, region, mark=mark, poll_seconds=poll_seconds)


def resume_cluster(
    cluster: str,
    connection_id: str | None = None,
    region: str | None = None,
    *,
    mark: ResumeMark,
    poll_seconds: float = 30,
) -> bool:
    """Resume a paused cluster and wait until it can be used; one that runs already needs neither.

    Returns:
        Whether it was resumed under this mark, now or by a try that was lost.

    Raises:
        WarehouseError: when there is no such cluster, or it does not come up.
    """
    hook, refused = _hook(connection_id, region), False
    end, resumed = time.monotonic() + _RESUME_SECONDS, mark.is_there()
    if resumed:
        log.info("an earlier try has resumed the cluster '%s'", cluster)
    while True:
        status = _status(hook, cluster)
        log.info("the cluster '%s' is %s", cluster, status)
        match status:
            case "available" | "available, prep-for-resize" | "available, resize-cleanup":
                return resumed
            case "paused":
                mark.put()
                try:
                    hook.conn.resume_cluster(ClusterIdentifier=cluster)
                    resumed, refused = True, False
                except hook.conn.exceptions.InvalidClusterStateFault:
                    if not resumed:
                        mark.remove()
                    if refused:
                        raise
                    refused = True  # somebody else was faster, or it is not quite paused yet
            case "cluster_not_found" | None:
                raise WarehouseError(f"there is no cluster '{cluster}' for this connection and region")
            case "deleting" | "final-snapshot" | "hardware-failure" | "incompatible-hsm" | "incompatible-network":
                raise WarehouseError(f"the cluster '{cluster}' cannot be used: it is {status}")
            case _:
                pass
        if time.monotonic() > end:
            raise WarehouseError(f"the cluster '{cluster}' is still {status} after {_RESUME_SECONDS} s")
        time.sleep(poll_seconds)


def pause_after_upload(
    cluster: str,
    resumed: bool,
    connection_id: str | None = None,
    region: str | None = None,
    *,
    resume_task: str,
    base: str | None = None,
) -> None:
    """Pause a cluster again, where the upload has resumed it; see `pause_cluster`.

    Args:
        cluster: its identifier.
        resumed: what `resume_for_upload` returned.
        connection_id: a connection to AWS.
        region: of the cluster.
        resume_task: the task that has resumed it.
        base: the workspaces' base, see `open_workspace`.
    """
    pause_cluster(cluster, resumed, connection_id, region, mark=ResumeMark(run_workspace(base), resume_task))


def pause_cluster(
    cluster: str,
    resumed: bool,
    connection_id: str | None = None,
    region: str | None = None,
    *,
    mark: ResumeMark,
) -> None:
    """Pause a cluster again, where it was resumed under this mark, which then goes."""
    if not resumed:
        log.info("the cluster '%s' was running before, and stays so", cluster)
        return
    hook = _hook(connection_id, region)
    if _status(hook, cluster) not in {"pausing", "paused"}:
        hook.conn.pause_cluster(ClusterIdentifier=cluster)
        log.info("pausing the cluster '%s'", cluster)
    mark.remove()  # whoever runs the cluster when the upload is cleared keeps it


def _status(hook: Any, cluster: str) -> str | None:
    errors = need("botocore.exceptions", extra="redshift")
    try:
        status: str | None = hook.cluster_status(cluster)
    except errors.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise WarehouseError(f"cannot ask for the cluster '{cluster}': AWS answers '{code}'") from error
    except errors.BotoCoreError as error:
        raise WarehouseError(f"cannot ask for the cluster '{cluster}': {error}") from error
    return status


def _hook(connection_id: str | None, region: str | None) -> Any:
    hook_class = need("airflow.providers.amazon.aws.hooks.redshift_cluster", extra="redshift").RedshiftHook
    config = need("botocore.config", extra="redshift").Config
    patience = config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 3, "mode": "standard"})
    return hook_class(aws_conn_id=connection_id or hook_class.default_conn_name, region_name=region, config=patience)
