"""Any operator class of any provider."""

import functools
import inspect
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from dagwright import CheckContext, Diagnostic, FactoryError, OperatorFactory
from dagwright.diagnostics.suggest import did_you_mean

__all__ = ["Operator"]

_CLASS_PATH = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$"


class Operator(OperatorFactory, type_name="operator"):
    """Make an operator or sensor of any class on the project's allow-list.

    `operators` in the project file is the list, as patterns; it is checked before anything is imported. The
    arguments are checked against the constructor when the DAG is rendered (`dagwright check --render`).

    Attributes:
        class: the dotted path of the class.
        args: its arguments, but for `task_id`; those of every operator may stand in `task_args` as well.

    Example:
        ```yaml
        tasks:
          wait:
            type: operator
            class: airflow.providers.http.sensors.http.HttpSensor
            args: {http_conn_id: api, endpoint: /health}
        ```
    """

    class_: Annotated[str, StringConstraints(pattern=_CLASS_PATH)] = Field(
        alias="class", description="the dotted path of the class"
    )
    args: dict[str, Any] = {}

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Compare the class with the allow-list."""
        patterns = context.settings.operators
        if not _is_allowed(self.class_, patterns):
            allowed = ", ".join(f"'{pattern}'" for pattern in patterns) or "nothing"
            yield context.error(
                "class",
                f"operator '{self.class_}' is not on the project's allow-list",
                code="DW215",
                help=f"the list allows {allowed}; extend 'operators' in the project file",
            )
        if "task_id" in self.args:
            message = "the task id is the task's key or name"
            yield context.error(("args", "task_id"), message, code="DW505", help="remove it", at_key=True)

    def make_operator(self) -> Any:
        """Import the class and call it."""
        operator_class = self._import()
        self._check_arguments(operator_class)
        try:
            return operator_class(task_id=self.task_id, **self.args)
        except (TypeError, ValueError) as error:
            message = f"{operator_class.__name__} refuses its arguments: {error}"
            raise FactoryError(message, field="args" if self.args else "class", code="DW505") from error

    def _import(self) -> Any:
        module_name, _, name = self.class_.rpartition(".")
        try:
            found = getattr(import_module(module_name), name)
        except ModuleNotFoundError as error:
            if error.name is not None and not f"{module_name}.".startswith(f"{error.name}."):
                # The provider is there and lacks something itself: that is no mistake in the data.
                raise
            raise FactoryError(
                f"module '{error.name}' is not installed",
                field="class",
                code="DW511",
                help="install the provider that has it, or correct the path",
            ) from error
        except AttributeError as error:
            suggestion = did_you_mean(name, dir(import_module(module_name)))
            raise FactoryError(
                f"module '{module_name}' has no '{name}'",
                field="class",
                code="DW511",
                label=f"did you mean '{suggestion}'?" if suggestion else "",
            ) from error
        if not (isinstance(found, type) and hasattr(found, "execute")):
            raise FactoryError(f"'{self.class_}' is no operator class", field="class", code="DW511")
        return found

    def _check_arguments(self, operator_class: type) -> None:
        known, required = _parameters(operator_class)
        for name in self.args:
            if name not in known:
                suggestion = did_you_mean(name, known)
                raise FactoryError(
                    f"{operator_class.__name__} has no argument '{name}'",
                    field=("args", name),
                    at_key=True,
                    code="DW505",
                    label=f"did you mean '{suggestion}'?" if suggestion else "",
                    notes=(f"arguments: {', '.join(sorted(required | (known - _base_arguments())))}",),
                )
        missing = sorted(required - set(self.args) - set(self.task_args))
        if missing:
            names = ", ".join(f"'{name}'" for name in missing)
            raise FactoryError(f"{operator_class.__name__} needs {names}", field="class", code="DW505")


@functools.lru_cache(maxsize=1024)
def _is_allowed(path: str, patterns: tuple[str, ...]) -> bool:
    """Say whether a class is on a project's allow-list, as the tasks of a fleet name the same classes."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)


@functools.cache
def _parameters(operator_class: type) -> tuple[frozenset[str], frozenset[str]]:
    """Return the arguments along the constructors that pass `**kwargs` on, and the required ones."""
    known: set[str] = set()
    required: set[str] = set()
    for base in operator_class.__mro__:
        constructor = base.__dict__.get("__init__")
        if constructor is None or base is object:
            continue
        parameters = list(inspect.signature(constructor).parameters.values())[1:]
        for parameter in parameters:
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                if parameter.default is parameter.empty and parameter.name not in known:
                    required.add(parameter.name)
                known.add(parameter.name)
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            break
    return frozenset(known), frozenset(required - {"task_id", "kwargs"})


def _base_arguments() -> set[str]:
    from airflow.sdk import BaseOperator

    return set(inspect.signature(BaseOperator.__init__).parameters)
