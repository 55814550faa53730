"""What differs between the versions of Airflow, and what they all keep outside of `airflow.sdk`: nobody else asks."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import attrs
from airflow.listeners import hookimpl
from airflow.sdk import DAG, BaseOperator, TaskGroup
from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext
from airflow.sdk.definitions._internal.node import DAGNode, validate_group_key, validate_key
from airflow.sdk.definitions.mappedoperator import MappedOperator

try:
    from airflow.sdk.exceptions import DuplicateTaskIdFound
except ImportError:  # before Airflow 3.2
    from airflow.exceptions import DuplicateTaskIdFound  # type: ignore[no-redef]  # its old home

__all__ = [
    "DAGNode",
    "DuplicateTaskIdFound",
    "add_assets",
    "add_listener",
    "airflow_version",
    "asset_or_time",
    "cron_problem",
    "current_dag",
    "current_group",
    "dag_arguments",
    "group_arguments",
    "hookimpl",
    "made_with",
    "operator_argument",
    "operator_arguments",
    "refused_id",
    "serialized",
]


def airflow_version() -> str:
    """Return the installed version, for messages."""
    return version("apache-airflow-core")


def current_dag() -> DAG | None:
    """Return the DAG of the surrounding `with DAG(...)` block."""
    return DagContext.get_current()


def current_group(dag: DAG) -> TaskGroup:
    """Return the TaskGroup into which the next operator of a DAG goes, the root group outside of all others."""
    return TaskGroupContext.get_current(dag)  # type: ignore[return-value]  # a DAG always has its root group


@functools.cache
def dag_arguments() -> frozenset[str]:
    """Return the arguments that the installed `DAG` takes."""
    return frozenset(field.name for field in attrs.fields(DAG) if field.init)


@functools.cache
def operator_arguments() -> frozenset[str]:
    """Return the arguments that the installed `BaseOperator` takes."""
    return frozenset(inspect.signature(BaseOperator.__init__).parameters) - {"self", "kwargs"}


@functools.cache
def group_arguments() -> frozenset[str]:
    """Return the arguments that the installed `TaskGroup` takes."""
    return frozenset(inspect.signature(TaskGroup.__init__).parameters) - {"self"}


@functools.cache
def _backoff_is_a_switch() -> bool:
    """Say whether exponential backoff has no factor yet (before Airflow 3.2)."""
    return inspect.signature(BaseOperator.__init__).parameters["retry_exponential_backoff"].default is False


def operator_argument(name: str, value: Any) -> Any:
    """Return the value of a `BaseOperator` argument as the installed version wants it."""
    if name == "retry_exponential_backoff":
        if _backoff_is_a_switch():
            return bool(value)
        # True meant doubling when it was a switch.
        return 2.0 if value is True else float(value)
    return value


def refused_id(error: BaseException) -> str | None:
    """Return the id of a task, TaskGroup or DAG that Airflow refused by this error, None where it is about others."""
    code, key = None, None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code, key = frame.f_code, frame.f_locals.get("k")
    return str(key) if code in (validate_key.__code__, validate_group_key.__code__) else None


def cron_problem(expression: str, timetable: Any) -> str | None:
    """Return why Airflow does not understand a cron expression or preset, of which it made a timetable."""
    if expression in {"@once", "@continuous"}:
        return None
    return _croniter_problem(
        getattr(timetable, "expression", None) or getattr(timetable, "_expression", None) or expression
    )


@functools.cache
def _croniter_problem(expression: str) -> str | None:
    from croniter import CroniterError, croniter  # type: ignore[import-untyped]  # ships no annotations

    try:
        croniter(expression)
    except (CroniterError, AttributeError) as error:
        return str(error)
    return None


def add_assets(operator: Any, name: str, assets: Sequence[Any]) -> None:
    """Add assets to the `inlets` or `outlets` of an operator, mapped or not; one that is there already stays once."""
    there = list(getattr(operator, name) or ())
    added = there + [asset for asset in assets if asset not in there]
    if added == there:
        return
    if isinstance(operator, MappedOperator):
        operator.partial_kwargs[name] = added
    else:
        setattr(operator, name, added)


def asset_or_time(assets: Any, timetable: Any) -> Any:
    """Return the schedule that runs when assets were updated, and at times."""
    try:
        from airflow.sdk.definitions.timetables.assets import AssetOrTimeSchedule
    except ImportError:  # before Airflow 3.2
        from airflow.timetables.assets import AssetOrTimeSchedule  # type: ignore[assignment]  # its old home
    return AssetOrTimeSchedule(timetable=timetable, assets=assets)


def serialized(dag: DAG) -> dict[str, Any]:
    """Return what Airflow stores of a DAG and hashes for its version."""
    from airflow.serialization import serialized_objects

    # Until Airflow 3.1 the class of a stored DAG serialised as well.
    serialization: Any = (
        getattr(serialized_objects, "DagSerialization", None) or vars(serialized_objects)["SerializedDAG"]
    )
    return serialization.to_dict(dag)["dag"]  # type: ignore[no-any-return]  # JSON


def made_with(task: Any) -> Mapping[str, Any]:
    """Return the arguments with which an operator was made."""
    return getattr(task, "_BaseOperator__init_kwargs", None) or {}


def add_listener(listener: object) -> None:
    """Register a listener with the code that runs tasks in this process, once."""
    # Until Airflow 3.1 the server's listeners were the worker's as well.
    home = "airflow.sdk.listener" if find_spec("airflow.sdk.listener") is not None else "airflow.listeners.listener"
    manager: Any = import_module(home).get_listener_manager()
    if not any(each == listener for each in manager.pm.get_plugins()):
        manager.add_listener(listener)
