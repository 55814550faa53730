"""A mistake in defaults, in a suite or behind an alias is one finding, however many places it reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dagwright.binding.merged import first_line
from dagwright.diagnostics import Diagnostic, Related, Span
from dagwright.source import ListNode, MappingNode, Node

__all__ = ["USED_HERE", "merge_repeated", "with_place"]

USED_HERE = "used here"


def with_place(found: Diagnostic, root: Node) -> Diagnostic:
    """Add the place in the DAG file that a wrong value of another file reaches, where none is named yet."""
    if found.span is None or found.span.source is root.source:
        return found
    if any(other.span.source is root.source for other in found.related):
        return found
    here = Related(message=USED_HERE, span=_nearest_span(root, found.pointer))
    return replace(found, related=(*found.related, here))


def _nearest_span(root: Node, pointer: str) -> Span:
    """Return the span of the last part of a pointer that stands in the file: a key, an item, the first line."""
    span = first_line(root.span)
    node: Node | None = root
    for escaped in pointer.split("/")[1:]:
        part = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(node, MappingNode) and part in node:
            span, node = node.key_span(part), node.get(part)
        elif isinstance(node, ListNode) and part.isdecimal() and int(part) < len(node.items):
            node = node.items[int(part)]
            span = first_line(node.span)
        else:
            break
    return span


def merge_repeated(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Put findings together that say the same about the same place; the first one counts the others."""
    merged: list[list[Diagnostic]] = []
    known: dict[object, list[Diagnostic]] = {}
    for found in diagnostics:
        if found.span is None:
            merged.append([found])
            continue
        key = (found.code, found.message, found.span.source.name, found.span)
        group = known.get(key)
        if group is None:
            group = known[key] = []
            merged.append(group)
        group.append(found)
    return [_counted(group) for group in merged]


def _counted(group: list[Diagnostic]) -> Diagnostic:
    first, more = group[0], len(group) - 1
    if more < 1:
        return first
    return replace(first, notes=(*first.notes, f"and used in {more} more place{'s' if more > 1 else ''}"))
