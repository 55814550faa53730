"""Factories that were not written as factories: plain functions and plain dataclasses.

Both become an `OperatorFactory` class with the same fields, so that everything behind them has one kind of
thing to deal with.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, overload

from dagwright.model.bases import OperatorFactory

__all__ = ["adapt_plain", "operator_factory"]

_KEYWORD_KINDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


Parameters = ParamSpec("Parameters")


@overload
def operator_factory(function: Callable[Parameters, Any], /) -> Callable[Parameters, OperatorFactory]: ...
@overload
def operator_factory(
    **options: Any,
) -> Callable[[Callable[Parameters, Any]], Callable[Parameters, OperatorFactory]]: ...
def operator_factory(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Turn a function that makes one operator, TaskGroup or XComArg into an operator factory.

    The signature is the type: each parameter becomes a field, its annotation the field's type and its default
    the field's default; the name of the function is the name in data. Calls take keywords only and give a
    factory, which wires and is made like any other. Options are the class keywords of `OperatorFactory`.

    Raises:
        TypeError: a parameter has no annotation, or is positional-only, `*args` or `**kwargs`.

    Example:
        >>> @operator_factory
        ... def run_sql(name: str, connection_id: str, sql: str):
        ...     from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
        ...
        ...     return SQLExecuteQueryOperator(task_id=name, conn_id=connection_id, sql=sql)
    """
    if function is None:
        return lambda decorated: _from_function(decorated, options)
    return _from_function(function, options)


def _from_function(function: Callable[..., Any], options: dict[str, Any]) -> type[OperatorFactory]:
    parameters = inspect.signature(function).parameters
    annotations: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if parameter.kind not in _KEYWORD_KINDS:
            raise TypeError(f"{function.__qualname__}: parameter '{name}' cannot be given by keyword")
        if parameter.annotation is parameter.empty:
            raise TypeError(f"{function.__qualname__}: parameter '{name}' has no annotation")
        annotations[name] = parameter.annotation
        if parameter.default is not parameter.empty:
            defaults[name] = parameter.default

    def make_operator(self: OperatorFactory) -> Any:
        given = {name: getattr(self, name) for name in annotations}
        if "name" in annotations and given["name"] is None:
            given["name"] = self.task_id
        return function(**given)

    return _new_class(function, annotations, defaults, make_operator, {"type_name": function.__name__, **options})


def adapt_plain(cls: type) -> type[OperatorFactory]:
    """Return an operator factory with the fields of a plain dataclass that makes operators.

    The plain object is made anew where the operator is; its `task_id` or `name` is the id, which the key of a
    mapping gives as well.
    """
    annotations: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        if not field.init:
            continue
        annotations[field.name] = field.type
        if field.default_factory is not dataclasses.MISSING:
            defaults[field.name] = dataclasses.field(default_factory=field.default_factory)
        elif field.default is not dataclasses.MISSING:
            defaults[field.name] = field.default
    method = "make_operators" if hasattr(cls, "make_operators") else "make_operator"

    def make(self: OperatorFactory) -> Any:
        plain = cls(**{name: getattr(self, name) for name in annotations})
        return getattr(plain, method)()

    return _new_class(cls, annotations, defaults, make, {}, method=method)


def _new_class(
    written: Any,
    annotations: dict[str, Any],
    defaults: dict[str, Any],
    make: Callable[[OperatorFactory], Any],
    options: dict[str, Any],
    *,
    method: str = "make_operator",
) -> type[OperatorFactory]:
    """Make the class; its annotations are read in the module that wrote the original."""
    resolved = {
        name: _evaluated(annotation, written.__module__) if isinstance(annotation, str) else annotation
        for name, annotation in annotations.items()
    }
    namespace = {
        "__module__": written.__module__,
        "__qualname__": written.__qualname__,
        "__doc__": written.__doc__,
        "__annotations__": resolved,
        "__wrapped_factory__": written,
        **defaults,
        method: make,
    }
    metaclass: Any = type(OperatorFactory)
    return metaclass(written.__name__, (OperatorFactory,), namespace, **options)  # type: ignore[no-any-return]


def _evaluated(annotation: str, module: str) -> Any:
    """Evaluate a string annotation as `typing.get_type_hints` would, in its own module."""
    return eval(annotation, dict(vars(sys.modules[module])))  # noqa: S307  the module's own source
