"""Airflow reads DAG files as it reads Python files: the importer for Airflow 3.4 and later.

    [dag_processor]
    dag_importer_configs = ["dagwright.adapters.importer.DagwrightImporter"]

Importing this package is safe with every Airflow; an older one is refused when the importer is made.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dagwright.adapters.versions import airflow_version, unsupported_airflow
from dagwright.collector import collector_paused
from dagwright.diagnostics import DagwrightError

__all__ = ["DagwrightImporter", "UnsupportedAirflowError"]

if TYPE_CHECKING:
    from dagwright.adapters.importer.importing import DagwrightImporter


class UnsupportedAirflowError(DagwrightError):
    """The installed Airflow has no interface for importers."""


def _unsupported(*_: Any, **__: Any) -> None:
    raise UnsupportedAirflowError(
        unsupported_airflow()
        or f"this importer needs Airflow 3.4 or later, and {airflow_version()} is installed: "
        "use `dagwright sync` or dagwright.load_dags instead"
    )


def __getattr__(name: str) -> Any:
    if name != "DagwrightImporter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if find_spec("airflow.sdk.importers") is None or unsupported_airflow() is not None:
        return _unsupported
    # Airflow makes an importer in every process that runs a task.
    with collector_paused():
        from dagwright.adapters.importer.importing import DagwrightImporter

    return DagwrightImporter
