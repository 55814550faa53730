"""Keeps one mistake one message: what cannot be read is not called missing or wrong as well."""

from __future__ import annotations

from collections.abc import Iterable

from dagwright.diagnostics import Diagnostic
from dagwright.source import ListNode, MappingNode, Node

__all__ = ["without_follow_ups"]

# Findings of the parsers after which a value, or an entry of a mapping, is not what its author wrote.
_LOSSES = frozenset({"DW103", "DW106", "DW107", "DW113", "DW114"})


def without_follow_ups(found: Iterable[Diagnostic], root: Node) -> list[Diagnostic]:
    """Drop what the types say about values that the parser could not read.

    Args:
        found: everything found in one file, the parser's findings included.
        root: the file's data.
    """
    diagnostics = list(found)
    losses = [each.span.start_offset for each in diagnostics if each.code in _LOSSES and each.span is not None]
    if not losses:
        return diagnostics
    return [
        each for each in diagnostics if not (each.code.startswith("DW2") and _is_damaged(root, each.pointer, losses))
    ]


def _is_damaged(root: Node, pointer: str, losses: list[int]) -> bool:
    """Say whether a loss lies directly in the value that a pointer names, not in something below it."""
    node: Node | None = root
    for part in pointer.split("/")[1:]:
        node = _below(node, part.replace("~1", "/").replace("~0", "~"))
    if node is None:
        return False
    inner = _children(node)
    return any(_covers(node, loss) and not any(_covers(child, loss) for child in inner) for loss in losses)


def _below(node: Node | None, part: str) -> Node | None:
    if isinstance(node, MappingNode):
        return node.get(part)
    if isinstance(node, ListNode) and part.isdecimal() and int(part) < len(node.items):
        return node.items[int(part)]
    return None


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [entry.value for entry in node.entries.values()]
    return node.items if isinstance(node, ListNode) else []


def _covers(node: Node, offset: int) -> bool:
    return node.start <= offset <= node.end
