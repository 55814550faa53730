"""`task_args`: arguments of Airflow's `BaseOperator` for everything that a factory makes.

They become default arguments of the TaskGroup around, so that what a factory says itself wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from airflow.sdk import DAG, Param

from dagwright.render import compat
from dagwright.render.errors import Reporter

__all__ = ["TaskArgs", "as_params"]


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
        arguments = {name: compat.operator_argument(name, value) for name, value in given.items()}
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
