"""An object on its way: what the walk knows of it before it is made."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from dagwright.binding.merged import Leaf, Merged
from dagwright.model.shapes import ClassShape
from dagwright.source import MappingNode

__all__ = ["INVALID", "Draft", "Result", "json_of"]

# What goes into the owner's data, and what is remembered of the place.
Result = tuple[Any, Leaf]


class _Invalid:
    """Stands in the data where a problem was reported."""

    def __repr__(self) -> str:
        return "INVALID"


INVALID = _Invalid()


class Draft:
    """An object that is not made yet.

    Attributes:
        data: what pydantic will read, by field.
        invalid: fields with a problem; the empty name stands for unknown keys.
        misspelt: fields that an unknown key probably meant.
    """

    __slots__ = ("data", "entries", "invalid", "merged", "misspelt", "shape")

    def __init__(self, shape: ClassShape, merged: Merged) -> None:
        self.shape = shape
        self.merged = merged
        self.entries: dict[str, tuple[Leaf, MappingNode]] = {}
        merged.entries = self.entries
        self.data: dict[str, Any] = {}
        self.invalid: set[str] = set()
        self.misspelt: set[str | None] = set()

    def put(self, name: str, result: Result, mapping: MappingNode) -> None:
        """Enter a bound field."""
        value, leaf = result
        self.entries[name] = (leaf, mapping)
        if value is INVALID:
            self.invalid.add(name)
        else:
            self.data[name] = value


def json_of(data: dict[str, Any]) -> bytes | str:
    """Return data as pydantic reads it again, NaN and infinities too."""
    try:
        return to_json(data, inf_nan_mode="constants")
    except PydanticSerializationError:
        # A surrogate, as in a variable that is no UTF-8: pydantic says what is wrong where it reads.
        return json.dumps(data, ensure_ascii=False)
