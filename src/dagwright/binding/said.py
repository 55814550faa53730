"""What the layers say at one place, weakest first, each word with its rank."""

from __future__ import annotations

from collections.abc import Mapping

from dagwright.binding.references import MARK
from dagwright.model.shapes import ClassShape, MapShape, SlotShape
from dagwright.source import Entry, MappingNode, Node, ScalarNode

__all__ = ["Said", "WrittenOut", "collect", "holds_reference", "is_null", "written_out_shorthand"]

# What one layer says at a place: its rank and its node.
Said = tuple[int, Node]


def is_null(node: Node) -> bool:
    """Say whether a value is null, which replaces everything weaker."""
    return isinstance(node, ScalarNode) and node.value is None


def holds_reference(node: Node) -> bool:
    """Say whether a text has references; what a reference was resolved to is data and has none."""
    return type(node) is ScalarNode and type(node.value) is str and MARK in node.value


def collect(said: list[Said]) -> Mapping[str, tuple[list[Said], MappingNode]]:
    """Gather by key what the layers say, weakest first, with the mapping of the strongest word."""
    if len(said) == 1:
        rank, node = said[0]
        assert isinstance(node, MappingNode)  # noqa: S101  callers pass mappings only
        rank |= 1
        return {key: ([(rank, entry.value)], node) for key, entry in node.entries.items()}
    start = max(index for index, (_, node) in enumerate(said) if index == 0 or not isinstance(node, MappingNode))
    collected: dict[str, tuple[list[Said], MappingNode]] = {}
    for rank, node in said[start:]:
        if not isinstance(node, MappingNode):
            continue
        for key, entry in node.entries.items():
            values = collected[key][0] if key in collected else []
            values.append((rank | 1, entry.value))
            collected[key] = (values, node)
    return collected


class WrittenOut(MappingNode):
    """The mapping that a bare value stands for, at the same place; its one key stands nowhere."""

    __slots__ = ()


def _written_out(node: Node, field: str) -> MappingNode:
    return WrittenOut(node.source, node.start, node.end, {field: Entry(field, node.start, node.end, node)})


def written_out_shorthand(shape: ClassShape, said: list[Said]) -> list[Said]:
    """Write bare values out as the field that the class names, and drop what a stronger null replaces."""
    shorthand = shape.options.shorthand
    if shorthand is None and len(said) == 1:
        return said
    target = shape.fields[shorthand].shape if shorthand is not None else None
    whole_mapping = isinstance(target, (MapShape, SlotShape))
    expanded: list[Said] = []
    for rank, node in said:
        is_bare = shorthand is not None and (whole_mapping if isinstance(node, MappingNode) else not is_null(node))
        if is_bare and shorthand is not None:
            expanded.append((rank, _written_out(node, shorthand)))
        elif isinstance(node, MappingNode):
            expanded.append((rank, node))
        else:
            # A value that is no mapping replaces everything weaker.
            expanded = [(rank, node)]
    return (
        [each for each in expanded if isinstance(each[1], MappingNode)]
        if isinstance(expanded[-1][1], MappingNode)
        else expanded[-1:]
    )
