"""Code that runs on a worker, behind the stock operators that the built-in factories make.

Jinja has been rendered when it runs. Airflow, the SDKs, pandas and Great Expectations are imported inside the
functions that use them, so that a project can be checked where none of them is installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagwright.runtime.call import WorkerCall
    from dagwright.runtime.errors import PublishError, RunError, ValidationFailed, WarehouseError, WorkspaceError
    from dagwright.runtime.extras import need
    from dagwright.runtime.identity import RunIdentity, current_run
    from dagwright.runtime.job_secrets import is_reference, read_secret
    from dagwright.runtime.job_variables import job_environment, workspace_variables
    from dagwright.runtime.parcels import Parcel
    from dagwright.runtime.process import run_command
    from dagwright.runtime.publication import publish_files
    from dagwright.runtime.publishing import Published, Source, log_published, plan_sources, rows
    from dagwright.runtime.targets import Target, TargetTaken
    from dagwright.runtime.warehouse.marks import load_key
    from dagwright.runtime.warehouse.names import quote_name, quote_text
    from dagwright.runtime.warehouse.source import csv_chunks, csv_rows
    from dagwright.runtime.warehouse.table import LoadColumn, LoadTable
    from dagwright.runtime.workspace import RunWorkspace, open_workspace, run_workspace

__all__ = [
    "LoadColumn",
    "LoadTable",
    "Parcel",
    "PublishError",
    "Published",
    "RunError",
    "RunIdentity",
    "RunWorkspace",
    "Source",
    "Target",
    "TargetTaken",
    "ValidationFailed",
    "WarehouseError",
    "WorkerCall",
    "WorkspaceError",
    "csv_chunks",
    "csv_rows",
    "current_run",
    "is_reference",
    "job_environment",
    "load_key",
    "log_published",
    "need",
    "open_workspace",
    "plan_sources",
    "publish_files",
    "quote_name",
    "quote_text",
    "read_secret",
    "rows",
    "run_command",
    "run_workspace",
    "workspace_variables",
]

_HOMES = {
    "WorkerCall": "call",
    "PublishError": "errors",
    "RunError": "errors",
    "ValidationFailed": "errors",
    "WarehouseError": "errors",
    "WorkspaceError": "errors",
    "need": "extras",
    "RunIdentity": "identity",
    "current_run": "identity",
    "is_reference": "job_secrets",
    "read_secret": "job_secrets",
    "job_environment": "job_variables",
    "workspace_variables": "job_variables",
    "Parcel": "parcels",
    "run_command": "process",
    "publish_files": "publication",
    "Published": "publishing",
    "Source": "publishing",
    "log_published": "publishing",
    "plan_sources": "publishing",
    "rows": "publishing",
    "Target": "targets",
    "TargetTaken": "targets",
    "load_key": "warehouse.marks",
    "quote_name": "warehouse.names",
    "quote_text": "warehouse.names",
    "csv_chunks": "warehouse.source",
    "csv_rows": "warehouse.source",
    "LoadColumn": "warehouse.table",
    "LoadTable": "warehouse.table",
    "RunWorkspace": "workspace",
    "open_workspace": "workspace",
    "run_workspace": "workspace",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dagwright.runtime' has no attribute {name!r}")
    return getattr(import_module(f"dagwright.runtime.{_HOMES[name]}"), name)
