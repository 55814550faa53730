"""Dagwright turns YAML files into Apache Airflow DAGs through typed operator factories.

Importing this package imports no Airflow; operators are made when `make_dag` is called.
"""

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
    "load_project",
    "operator_factory",
]
