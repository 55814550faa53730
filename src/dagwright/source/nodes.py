"""Values with their places: what every text format is parsed into.

YAML, JSON and TOML become the same three node classes, so that layers of different formats merge in
one walk. Nodes are never changed after parsing; an alias in YAML may make two places share one node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dagwright.diagnostics.places import SourceText, Span

__all__ = ["Entry", "ListNode", "MappingNode", "Node", "ScalarNode"]


class Node:
    """A value and the range of offsets in which it stands (without trailing comments and blank lines)."""

    __slots__ = ("end", "source", "start")

    def __init__(self, source: SourceText, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return Span(source=self.source, start_offset=self.start, end_offset=self.end)

    def plain(self) -> Any:
        """Return the value as plain Python data."""
        raise NotImplementedError


class ScalarNode(Node):
    """A string, integer, float, boolean or null (TOML dates and times are ISO 8601 strings)."""

    __slots__ = ("value",)

    def __init__(self, source: SourceText, start: int, end: int, value: str | float | bool | None) -> None:
        super().__init__(source, start, end)
        self.value = value

    def __repr__(self) -> str:
        return f"ScalarNode({self.value!r})"

    def plain(self) -> str | float | bool | None:
        """Return the value."""
        return self.value


class ListNode(Node):
    """A list of nodes."""

    __slots__ = ("items",)

    def __init__(self, source: SourceText, start: int, end: int, items: list[Node]) -> None:
        super().__init__(source, start, end)
        self.items = items

    def __repr__(self) -> str:
        return f"ListNode({self.items!r})"

    def plain(self) -> list[Any]:
        """Return the values of the items."""
        return [item.plain() for item in self.items]


@dataclass(slots=True)
class Entry:
    """One key of a mapping, with its own place, and its value."""

    key: str
    key_start: int
    key_end: int
    value: Node


class MappingNode(Node):
    """Entries by key, in the order of the text."""

    __slots__ = ("entries",)

    def __init__(self, source: SourceText, start: int, end: int, entries: dict[str, Entry]) -> None:
        super().__init__(source, start, end)
        self.entries = entries

    def __repr__(self) -> str:
        return f"MappingNode({ {key: entry.value for key, entry in self.entries.items()}!r})"

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def get(self, key: str) -> Node | None:
        """Return the value under a key, or None where the key does not stand."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def key_span(self, key: str) -> Span:
        """Return the place of a key that stands in the mapping."""
        entry = self.entries[key]
        return Span(source=self.source, start_offset=entry.key_start, end_offset=entry.key_end)

    def plain(self) -> dict[str, Any]:
        """Return the values by key."""
        return {key: entry.value.plain() for key, entry in self.entries.items()}
