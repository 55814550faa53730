"""`task_args`: arguments of Airflow's `BaseOperator` for everything that a factory makes.

They become default arguments of the TaskGroup around, so that what a factory says itself wins. Assets are no default:
of a group of tasks only the last ones have written what the group writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from airflow.sdk import DAG, Asset, Param, TaskGroup, XComArg

from dagwright.render import compat
from dagwright.render.errors import Reporter

__all__ = ["TaskArgs", "as_params", "place_assets"]

_ASSETS = ("inlets", "outlets")


class TaskArgs:
    """Checks and applies the `task_args` of one DAG's factories."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def checked(self, factory: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments as the installed Airflow wants them.

        Raises:
            RenderError: it lacks one of them.
        """
        if unknown := sorted(given.keys() - compat.operator_arguments()):
            names = ", ".join(f"'{name}'" for name in unknown)
            raise self._reporter.error(
                "DW505", f"Airflow {compat.airflow_version()} knows no task argument {names}", factory
            )
        arguments = {name: compat.operator_argument(name, given[name]) for name in given if name not in _ASSETS}
        if "params" in arguments:
            arguments["params"] = as_params(arguments["params"])
        return arguments

    @contextmanager
    def applied(self, factory: Any, given: Mapping[str, Any], dag: DAG) -> Iterator[None]:
        """Let single operators that are made meanwhile take the arguments for their defaults."""
        around = compat.current_group(dag)
        before = around.default_args
        # Past the attribute's own setter, which copies the values deeply.
        object.__setattr__(around, "default_args", {**before, **self.checked(factory, given)})
        try:
            yield
        finally:
            object.__setattr__(around, "default_args", before)


def as_params(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return params as Airflow wants them: a mapping with `default` is a value and its JSON Schema."""
    return {
        name: Param(**value) if isinstance(value, Mapping) and "default" in value else value
        for name, value in given.items()
    }


def place_assets(made: Any, given: Mapping[str, Any]) -> None:
    """Let the first tasks of what a factory made read the `inlets`, and the last ones write the `outlets`."""
    if not any(name in given for name in _ASSETS):
        return
    first: list[Any]
    last: list[Any]
    if isinstance(made, TaskGroup):
        first, last = list(made.get_roots()), list(made.get_leaves())
    elif isinstance(made, XComArg):
        first = last = [operator for operator, _ in made.iter_references()]
    else:
        first = last = [made]
    for name, operators in (("inlets", first), ("outlets", last)):
        assets = [Asset(uri) for uri in given.get(name, ())]
        for operator in operators:
            compat.add_assets(operator, name, assets)
