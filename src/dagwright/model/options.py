"""What a class says about itself in its class line: `class Column(Component, shorthand="name")`."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from dagwright.model.naming import snake_case

__all__ = ["OPTIONS", "ClassOptions", "options_of", "summary_of"]

OPTIONS = "__dagwright_options__"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassOptions:
    """The keywords of a class line.

    Attributes:
        type_name: the full name in data; the snake_case of the class name unless said otherwise.
        abstract: a slot: any registered subclass fills a field of this type.
        aliases: further names, which keep old files alive when a class is renamed.
        default_type: for a slot, the filler where the data names none.
        shorthand: the field that a bare value stands for (`columns: [day]` is `columns: [{name: day}]`); a subclass
            inherits it.
        name_from: the field whose value names the task where neither a key nor `name` does; a subclass inherits it.
        version: goes into the digest of a DAG; raise it when the same data makes other operators.
    """

    type_name: str
    abstract: bool = False
    aliases: tuple[str, ...] = ()
    default_type: str | None = None
    shorthand: str | None = None
    name_from: str | None = None
    version: int = 1


def options_of(cls: type) -> ClassOptions:
    """Return a class's own options; a plain dataclass has only its name (and is a slot when it is an ABC)."""
    own = cls.__dict__.get(OPTIONS)
    if own is not None:
        return own  # type: ignore[no-any-return]  # only bases.py writes the attribute
    return ClassOptions(type_name=snake_case(cls.__name__), abstract=inspect.isabstract(cls))


def summary_of(cls: type) -> str:
    """Return the first paragraph of a class's own docstring on one line, or nothing."""
    doc = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    first = doc.split("\n\n", 1)[0].replace("\n", " ").strip()
    # Without a docstring, dataclasses write the signature there.
    return "" if first.startswith(f"{cls.__name__}(") else first
