"""What differs between the versions of Airflow: nobody else asks for them."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

import attrs
from airflow.sdk import DAG, BaseOperator, TaskGroup
from airflow.sdk.definitions._internal.contextmanager import DagContext

try:
    from airflow.sdk.exceptions import DuplicateTaskIdFound
except ImportError:  # before Airflow 3.2
    from airflow.exceptions import DuplicateTaskIdFound

__all__ = ["DuplicateTaskIdFound", "airflow_version", "current_dag", "dag_arguments", "group_arguments", "operator_argument", "operator_arguments"]


def airflow_version() -> str:
    """Return the installed version, for messages."""
    return version("apache-airflow-core")


def current_dag() -> DAG | None:
    """Return the DAG of the surrounding `with DAG(...)` block."""
    return DagContext.get_current()


def dag_arguments() -> frozenset[str]:
    """Return the arguments that the installed `DAG` takes."""
    return frozenset(field.name for field in attrs.fields(DAG) if field.init)


def operator_arguments() -> frozenset[str]:
    """Return the arguments that the installed `BaseOperator` takes."""
    return frozenset(inspect.signature(BaseOperator.__init__).parameters) - {"self", "kwargs"}


def operator_argument(name: str, value: Any) -> Any:
    """Return the value of a `BaseOperator` argument as the installed version wants it."""
    return value


def group_arguments() -> frozenset[str]:
    """Return the arguments that the installed `TaskGroup` takes."""
    return frozenset(inspect.signature(TaskGroup.__init__).parameters) - {"self"}
