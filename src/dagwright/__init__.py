"""Dagwright turns YAML files into Apache Airflow DAGs through typed operator factories.

Importing this package imports no Airflow; operators are made when `make_dag` is called. The names below are
loaded on first use, so that a command line that needs none of them starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dagwright.collector import collector_paused

if TYPE_CHECKING:
    from dagwright.adapters.loader import load_dags
    from dagwright.binding import Project, load, load_project
    from dagwright.diagnostics import DagwrightError, Diagnostic, LoadError
    from dagwright.model import (
        CheckContext,
        Component,
        DagFactory,
        FactoryError,
        OperatorFactory,
        ProjectFile,
        ProjectFolder,
        RenderSettings,
        TaskArgs,
        WorkspacePath,
        chain,
        operator_factory,
    )

__all__ = [
    "CheckContext",
    "Component",
    "DagFactory",
    "DagwrightError",
    "Diagnostic",
    "FactoryError",
    "LoadError",
    "OperatorFactory",
    "Project",
    "ProjectFile",
    "ProjectFolder",
    "RenderSettings",
    "TaskArgs",
    "WorkspacePath",
    "chain",
    "load",
    "load_dags",
    "load_project",
    "operator_factory",
]

_HOMES = {
    "DagwrightError": "diagnostics",
    "Diagnostic": "diagnostics",
    "LoadError": "diagnostics",
    "Project": "binding",
    "load": "binding",
    "load_dags": "adapters.loader",
    "load_project": "binding",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'dagwright' has no attribute {name!r}")
    with collector_paused():
        value = getattr(import_module(f"dagwright.{_HOMES.get(name, 'model')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
