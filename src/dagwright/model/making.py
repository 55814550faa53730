"""How a factory reaches whoever makes its operators.

Factories live below the renderer and import no Airflow, yet `load >> tidy` and `make_operator()` have to
work on them. They speak to a `Maker`: the one that is at work, or the one of the surrounding hand-written
`with DAG(...)`. This is the only upward edge of the architecture.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any, Protocol

__all__ = ["ACTIVE_MAKER", "RAW", "Maker", "current_maker", "render_dag"]

# Under this attribute a wrapped `make_operator` keeps the function that the class wrote.
RAW = "__dagwright_raw__"


class Maker(Protocol):
    """Makes each factory of one DAG once and remembers what it made."""

    def made(self, factory: object, written: Callable[[Any], Any] | None = None) -> Any:
        """Return the operator, TaskGroup or XComArg of a factory, making it on the first call.

        `written` is the making function that was called by name, so that a subclass can call its base's.
        """

    def task_id(self, factory: object) -> str:
        """Return the task id of a factory within its owner."""

    def made_children(self, owner: object) -> list[Any]:
        """Make every factory that an owner holds, in the order of the data."""

    def dag_settings(self) -> Any:
        """Return what the DAG file and the project say to factories (`RenderSettings`)."""


ACTIVE_MAKER: ContextVar[Maker | None] = ContextVar("dagwright_active_maker", default=None)


def current_maker() -> Maker:
    """Return the maker at work, else the one of the current `with DAG(...)` block."""
    maker = ACTIVE_MAKER.get()
    if maker is not None:
        return maker
    return import_module("dagwright.render").maker_of_current_dag()  # type: ignore[no-any-return]  # by name


def render_dag(factory: object) -> Any:
    """Return the `airflow.sdk.DAG` of a DAG factory."""
    return import_module("dagwright.render").render_dag(factory)
