"""Attributes that a base computes and a subclass may have as a field of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

__all__ = ["Computed"]

Value_co = TypeVar("Value_co", covariant=True)


class Computed(Generic[Value_co]):
    """A read-only property that gives way to a field of the same name.

    A subclass's field `settings: dict[str, str]` would take an inherited `property` for its default and could
    not be set: dataclasses ask the class, and a property wins over the object's own value. This one is not to
    be found on the class and loses to the object's own value.
    """

    def __init__(self, function: Callable[[Any], Value_co]) -> None:
        self._function = function
        self._name = function.__name__
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value_co: ...
    def __get__(self, instance: object, owner: type) -> Self | Value_co:
        """Compute the value; classes have none."""
        if instance is None:
            raise AttributeError(f"type object '{owner.__name__}' has no attribute '{self._name}'")
        return self._function(instance)
