"""How the factories of a class are made, looked up once per class."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from dagwright.model.computed import per_class
from dagwright.model.making import RAW
from dagwright.model.options import summary_of
from dagwright.model.places import can_hold_factories

__all__ = ["Plan", "plan_of"]

# Sections of a docstring that tell authors of data what to write.
_FOR_THE_CATALOGUE = re.compile(r"^(?:Args|Arguments|Attributes|Examples?):\n(?:[ \t]+\S.*\n|\n)*", re.MULTILINE)


class Plan(NamedTuple):
    """How the factories of a class are made.

    Attributes:
        function: the making function as the class wrote it; None: there is none.
        wraps: whether its operators are wrapped in a TaskGroup.
        tooltip: what the TaskGroup says in short.
        doc: what it says at length.
        holds: whether the factories may hold others.
    """

    function: Callable[[Any], Any] | None
    wraps: bool
    tooltip: str
    doc: str | None
    holds: bool


@per_class
def plan_of(cls: type) -> Plan:
    """Return how a class makes: by the method of its nearest base; one that writes both calls one from the other."""
    for base in cls.__mro__:
        for method in ("make_operator", "make_operators"):
            written = base.__dict__.get(method)
            # The base of all factories has a `make_operators` that only complains.
            if written is None or base.__module__ == "dagwright.model.bases":
                continue
            wraps = method == "make_operators"
            doc = _doc(cls) if wraps else ""
            tooltip = doc.split("\n\n", 1)[0].replace("\n", " ")
            # Airflow takes a text that ends in `.md` for the name of a file.
            text = f"{doc}\n" if doc.endswith(".md") else doc or None
            return Plan(getattr(written, RAW, written), wraps, tooltip, text, can_hold_factories(cls))
    return Plan(None, False, "", None, can_hold_factories(cls))


def _doc(cls: type) -> str:
    """Return what a class's own docstring says to who sees the group in a graph."""
    # Without one, dataclasses fill it with their signature, which is no summary.
    return (
        _FOR_THE_CATALOGUE.sub("", inspect.cleandoc(cls.__dict__["__doc__"]) + "\n").strip() if summary_of(cls) else ""
    )
