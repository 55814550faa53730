"""Dagwright turns YAML files into Apache Airflow DAGs through typed operator factories.

Importing this package imports no Airflow; operators are made when `make_dag` is called.
"""

from dagwright.binding import Project, load, load_project
from dagwright.diagnostics import DagwrightError, Diagnostic, LoadError
from dagwright.model import (
    Component,
    DagFactory,
    OperatorFactory,
    ProjectFile,
    ProjectFolder,
    TaskArgs,
    WorkspacePath,
    chain,
    operator_factory,
)

__all__ = [
    "Component",
    "DagFactory",
    "DagwrightError",
    "Diagnostic",
    "LoadError",
    "OperatorFactory",
    "Project",
    "ProjectFile",
    "ProjectFolder",
    "TaskArgs",
    "WorkspacePath",
    "chain",
    "load",
    "load_project",
    "operator_factory",
]
