"""Runs `warehouse_upload` as the one task of a DAG, on files that are put into the run's workspace before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dagwright import load
from dagwright.adapters.local import Home, RunResult, run_dag
from dagwright.runtime.warehouse.table import LoadColumn, LoadTable
from dagwright.runtime.workspace import RunWorkspace, open_workspace

__all__ = ["RATES", "Upload", "rates_table", "run_upload", "workspace_with"]

# The columns of a table as data says them, and a file that fits.
RATES: list[Any] = ["currency", {"name": "day", "type": "date"}, {"name": "rate", "type": "numeric(10,4)"}]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An upload that ran.

    Attributes:
        states: by task id, without the group of the upload; in the order in which the tasks ended.
        shape: for each task those that run directly before it.
    """

    result: RunResult
    states: Mapping[str, str]
    logs: Mapping[str, str]
    shape: Mapping[str, set[str]]
    outlets: list[str]

    @property
    def log(self) -> str:
        return "".join(self.logs.values())


def run_upload(
    home: Home,
    folder: Path,
    files: Mapping[str, str | bytes],
    *,
    run: str = "one",
    workspace: str | None = None,
    task: Mapping[str, Any] | None = None,
    **upload: Any,
) -> Upload:
    """Run one upload.

    Args:
        home: the session's Airflow.
        folder: of the project and, unless `workspace` says otherwise, of the workspaces.
        files: what the workspace has in it.
        run: names the DAG run.
        workspace: the workspaces' base.
        task: further fields of the task, such as `task_args`.
        upload: the fields of the upload.
    """
    base = workspace or str(folder / "work")
    run_id = f"{folder.name}:{run}"
    place = open_workspace(base, "upload", run_id)
    for name, content in files.items():
        with place.open(name, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
    dag_file = folder / "dags" / "upload.dag.json"
    dag_file.parent.mkdir(exist_ok=True)
    dag_file.write_text(
        json.dumps({"workspace": base, "tasks": {"load": {"type": "warehouse_upload", **upload, **(task or {})}}})
    )
    (folder / "dagwright.toml").write_text('dags = ["dags/*.json"]\n')
    home = replace(home, options=replace(home.options, run_id=run_id))
    made: list[Any] = []

    def make() -> Any:
        made.append(load(dag_file).make_dag())
        return made[-1]

    result = run_dag(make, home, on_event=lambda event: None)
    dag = made[-1]
    return Upload(
        result=result,
        states={one.task_id.removeprefix("load."): one.state for one in result.tasks},
        logs={
            one.task_id.removeprefix("load."): one.log_path.read_text()
            for one in result.tasks
            if one.log_path is not None
        },
        shape={
            one.task_id.removeprefix("load."): {other.removeprefix("load.") for other in one.upstream_task_ids}
            for one in dag.tasks
        },
        outlets=[asset.uri for one in dag.tasks for asset in one.outlets],
    )


def rates_table(**changes: Any) -> LoadTable:
    """Return the table of RATES as workers know it, `fin.daily` from `rates.csv`."""
    columns = (
        LoadColumn(name="currency", type="VARCHAR", kind="text"),
        LoadColumn(name="day", type="DATE", kind="date"),
        LoadColumn(name="rate", type="NUMERIC(10,4)", kind="decimal"),
    )
    return LoadTable(**{"schema": "fin", "name": "daily", "source_file": "rates.csv", "columns": columns, **changes})


def workspace_with(folder: Path, **files: str | bytes) -> RunWorkspace:
    """Return a workspace with files, `rates_csv` being `rates.csv`."""
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return RunWorkspace(folder)
