"""What is computed: attributes that give way to a subclass's field, and facts about classes, once per class."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

__all__ = ["Computed", "per_class"]

Fact = TypeVar("Fact")
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


def per_class(function: Callable[[type], Fact]) -> Callable[[type], Fact]:
    """Call a function once per class; a class does not change, so that this is memory, not state."""
    return functools.cache(function)
