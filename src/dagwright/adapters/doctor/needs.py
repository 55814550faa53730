"""The connections and pools that DAG files name, as far as the names stand in the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dagwright.binding import BoundDag
from dagwright.binding.merged import Leaf, Merged, ResolvedNode
from dagwright.source import ListNode, MappingNode, ScalarNode

__all__ = ["Need", "needs_of"]

_TASK_ARGS = "task_args"


class Need(NamedTuple):
    """One name at one place; `kind` is `connection` or `pool`."""

    kind: str
    name: str
    place: str


def needs_of(bound: BoundDag) -> Iterator[Need]:
    """Yield what a DAG file names; not what a template or the process environment gives, which is not known here."""
    if bound.merged is not None:
        yield from _below(bound.merged, "", "")


def _below(leaf: Leaf, key: str, owner: str) -> Iterator[Need]:
    """Yield what is named at and below a place; `key` is its name and `owner` that of the mapping around it."""
    match leaf:
        case Merged() if leaf.entries is not None:
            for name, (child, _) in leaf.entries.items():
                yield from _below(child, name, key)
        case Merged():
            for child in leaf.items or ():
                yield from _below(child, "", key)
        case MappingNode():
            for name, entry in leaf.entries.items():
                yield from _below(entry.value, name, key)
        case ListNode():
            for item in leaf.items:
                yield from _below(item, "", key)
        case ScalarNode(value=str() as value) if value and "{{" not in value:
            secret = isinstance(leaf, ResolvedNode) and leaf.secret
            kind = _kind(key, owner)
            if kind and not secret:
                yield Need(kind, value, str(leaf.span))
        case _:
            pass


def _kind(key: str, owner: str) -> str:
    if key in {"connection_id", "conn_id"} or key.endswith("_conn_id"):
        return "connection"
    return "pool" if key == "pool" and owner == _TASK_ARGS else ""
