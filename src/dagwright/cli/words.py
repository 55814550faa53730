"""Types in the words of somebody who writes data: `list of column`, `'daily' or 'weekly'`, `duration`."""

from __future__ import annotations

import typing
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from dagwright.model.options import options_of
from dagwright.model.shapes import ClassShape, LeafShape, ListShape, MapShape, Shape, SlotShape, UnionShape

__all__ = ["describe_shape", "slots_of"]

_TEXTS = {
    "duration": "duration, such as 5m",
    "moment": "date or time",
    "file": "file of the project",
    "folder": "folder of the project",
}
_KINDS = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "null": "null",
}
_ANYTHING = 7


def describe_shape(shape: Shape) -> str:
    """Say what a place takes."""
    match shape:
        case LeafShape():
            return _leaf(shape)
        case ListShape():
            return f"list of {_plural(describe_shape(shape.item))}"
        case MapShape():
            return f"mapping from names to {_plural(describe_shape(shape.value))}"
        case SlotShape():
            return f"{options_of(shape.base).type_name}"
        case ClassShape():
            return shape.options.type_name
        case UnionShape():
            members = list(dict.fromkeys(describe_shape(member) for member in shape.members))
            return " or ".join([*members, *(["null"] if shape.nullable else [])])
        case _:
            raise TypeError(shape)


def slots_of(shape: Shape) -> list[type]:
    """Return the slots at a place, which `describe` says more about."""
    match shape:
        case SlotShape():
            return [shape.base]
        case ListShape():
            return slots_of(shape.item)
        case MapShape():
            return slots_of(shape.value)
        case UnionShape():
            return [slot for member in shape.members for slot in slots_of(member)]
        case _:
            return []


def _leaf(shape: LeafShape) -> str:
    if shape.text is not None:
        return _TEXTS[shape.text]
    choices = _choices(shape.annotation)
    if choices is not None:
        return " or ".join("null" if choice is None else repr(choice) for choice in choices)
    if len(shape.kinds) == _ANYTHING:
        return "anything"
    kinds = set(shape.kinds)
    if "number" in kinds:
        kinds.discard("integer")
    return " or ".join(words for kind, words in _KINDS.items() if kind in kinds)


def _choices(annotation: Any) -> list[Any] | None:
    """Return the values that an annotation allows, None where it does not list them."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [member.value for member in annotation]
    if get_origin(annotation) is typing.Union:
        choices = [[None] if member is type(None) else _choices(member) for member in get_args(annotation)]
        if all(each is not None for each in choices):
            return [choice for each in choices if each is not None for choice in each]
    return None


def _plural(words: str) -> str:
    """Put words that name several kinds in brackets; a plural of users' own names would be no name."""
    return f"({words})" if " or " in words else words
