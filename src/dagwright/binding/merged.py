"""What the walk leaves behind: the merged data with the place of every value.

A leaf is the node that won. Everything else is a `Merged`: an object, a mapping or a list, with the nodes
that its keys came from. Messages, `show --origins`, the digest and the log lines of tasks read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from dagwright.diagnostics import Span
from dagwright.model.loaded import PlaceInData
from dagwright.model.shapes import ClassShape
from dagwright.source import MappingNode, Node, ScalarNode

__all__ = [
    "Anchor",
    "Leaf",
    "Merged",
    "Path",
    "ResolvedNode",
    "first_line",
    "path_text",
    "place",
    "pointer_text",
    "span_of_anchor",
]

# A path is a linked list from the leaf up: (path of the owner, key or index); None is the root.
Path: TypeAlias = "tuple[Path, str | int] | None"
# Where a missing field or a wrong whole is shown: at a key of a mapping, or at the value itself.
Anchor: TypeAlias = tuple[MappingNode, str] | Node


class ResolvedNode(ScalarNode):
    """A string in which references were replaced.

    Attributes:
        secret: whether a value of the process environment is in it, which is never shown.
        variables: the declarations that it came from.
    """

    __slots__ = ("secret", "variables")

    def __init__(self, written: Node, value: Any, *, secret: bool, variables: tuple[Node, ...]) -> None:
        super().__init__(written.source, written.start, written.end, value)
        self.secret = secret
        self.variables = variables


class Merged:
    """One place that is no leaf.

    Attributes:
        shape: the class that reads it, None for a mapping or list.
        entries: by key, the merged value and the mapping in which the key stands.
        items: of a list, the merged values.
        node: the strongest node.
        anchor: where the whole is shown.
        path: where it stands.
        made: the object that was made of it.
    """

    __slots__ = ("anchor", "entries", "items", "made", "node", "path", "shape", "type_name")

    def __init__(self, node: Node, anchor: Anchor, path: Path, shape: ClassShape | None = None) -> None:
        self.shape = shape
        self.entries: dict[str, tuple[Leaf, MappingNode]] | None = None
        self.items: list[Leaf] | None = None
        self.node = node
        self.anchor = anchor
        self.path = path
        self.made: Any = None
        self.type_name: str | None = None

    def objects(self) -> Iterator[Merged]:
        """Yield this place and all below that became objects, in the order of the data."""
        if self.made is not None:
            yield self
        below: list[Leaf] = []
        if self.entries is not None:
            below = [child for child, _ in self.entries.values()]
        elif self.items is not None:
            below = self.items
        for child in below:
            if isinstance(child, Merged):
                yield from child.objects()


Leaf: TypeAlias = Merged | Node


def span_of_anchor(anchor: Anchor) -> Span:
    """Return the span to underline: the key where there is one."""
    if isinstance(anchor, Node):
        return anchor.span
    mapping, key = anchor
    return mapping.key_span(key)


def first_line(span: Span) -> Span:
    """Cut a span to its first line: a whole mapping is shown where it begins."""
    text = span.source.text[span.start_offset : span.end_offset]
    length = len(text.splitlines()[0]) if text else 0
    return Span(source=span.source, start_offset=span.start_offset, end_offset=span.start_offset + length)


def _parts(path: Path) -> list[str | int]:
    parts: list[str | int] = []
    while path is not None:
        path, part = path
        parts.append(part)
    return parts[::-1]


def path_text(path: Path) -> str:
    """Return a path as its author would say it: `tasks.load.columns[0]`."""
    text = ""
    for part in _parts(path):
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def pointer_text(path: Path) -> str:
    """Return a path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in _parts(path))


def place(merged: Merged, field: str | Sequence[str | int] = (), *, at_key: bool = False) -> PlaceInData:
    """Return where a merged place stands, or a field of it, or what is below that field, as far as it is said.

    Args:
        merged: the place.
        field: a key, or the keys and indices on the way down.
        at_key: return the key's place instead of the value's.
    """
    leaf: Leaf = merged
    span, path = span_of_anchor(merged.anchor), merged.path
    for part in [field] if isinstance(field, str) and field else field:
        if not isinstance(leaf, Merged):
            break
        if isinstance(part, str) and leaf.entries is not None and part in leaf.entries:
            leaf, mapping = leaf.entries[part]
            span = mapping.key_span(part) if at_key or isinstance(leaf, Merged) else leaf.span
        elif isinstance(part, int) and leaf.items is not None and part < len(leaf.items):
            leaf = leaf.items[part]
            span = leaf.span if not isinstance(leaf, Merged) else span_of_anchor(leaf.anchor)
        else:
            break
        path = (path, part)
    return PlaceInData(span, path_text(path), pointer_text(path))
