"""When and how pydantic builds the validator of a component class.

Two things differ from pydantic's own way. Validators are built on first use, so that importing a package
of factories costs little. And a component inside another one is never validated in place: the binder makes
every component by itself, with its own messages, and hands it over as a token; a hand-written Python call
hands over the object.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic.dataclasses import rebuild_dataclass
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

__all__ = ["TOKEN", "LazyValidator", "build", "schema_of_component", "token_schema"]

# The binder's data holds `{TOKEN: n}` in place of the n-th object that it made (the validation context).
TOKEN = "$made"  # noqa: S105  a placeholder, no secret

_BUILDING: ContextVar[type | None] = ContextVar("dagwright_building", default=None)


class LazyValidator:
    """Stands where pydantic keeps a class's validator until somebody needs it."""

    def __init__(self, cls: type) -> None:
        self._cls = cls

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(build(self._cls), name)


def build(cls: type) -> Any:
    """Return the class's validator, building it when it is not there yet."""
    validator = cls.__dict__.get("__pydantic_validator__")
    if not isinstance(validator, LazyValidator):
        return validator
    token = _BUILDING.set(cls)
    try:
        rebuild_dataclass(
            cls,
            force=True,
            raise_errors=True,
            _types_namespace={**vars(sys.modules[cls.__module__]), cls.__name__: cls},
        )
    finally:
        _BUILDING.reset(token)
    return cls.__dict__["__pydantic_validator__"]


def token_schema(accepts: Callable[[Any], bool], expected: str) -> CoreSchema:
    """Return a schema that takes a made object: by token from the binder, by itself from Python code."""

    def take(value: Any, info: core_schema.ValidationInfo) -> Any:
        if accepts(value):
            return value
        if isinstance(value, dict) and info.context is not None and len(value) == 1 and TOKEN in value:
            return info.context[value[TOKEN]]
        raise PydanticCustomError("component_type", "Input should be {expected}", {"expected": expected})

    return core_schema.with_info_plain_validator_function(take)


def schema_of_component(
    cls: type, source: Any, handler: GetCoreSchemaHandler, accepts: Callable[[Any], bool], expected: str
) -> CoreSchema:
    """Return the dataclass's own schema where it is built for itself, a token's where it is a field."""
    if _BUILDING.get() is cls:
        _BUILDING.set(None)
        return handler(source)
    return token_schema(accepts, expected)
