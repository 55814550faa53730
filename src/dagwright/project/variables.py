"""Variables as one folder sees them: the locations merged, and the process environment where it is declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dagwright.diagnostics import SourceText, Span
from dagwright.project.entities import Variable
from dagwright.project.locations import FROM_ENV, Location
from dagwright.project.tables import string_of
from dagwright.source.nodes import Entry, MappingNode, Node, ScalarNode

__all__ = ["merge_variables"]


def merge_variables(locations: Iterable[Location], environ: Mapping[str, str]) -> dict[str, Variable]:
    """Merge the variables of locations, weakest first.

    Mappings merge deeply, all else replaces: also a mapping whose `type` differs, since what is said about
    one type means nothing for another.
    """
    merged: dict[str, Variable] = {}
    for location in locations:
        if location.variables is None:
            continue
        for name, entry in location.variables.entries.items():
            declared = _declare(name, entry.value, location.variables.key_span(name), environ)
            weaker = merged.get(name)
            merged[name] = declared if weaker is None else _over(declared, weaker)
    return merged


def _declare(name: str, node: Node, span: Span, environ: Mapping[str, str]) -> Variable:
    if not isinstance(node, MappingNode) or FROM_ENV not in node:
        return Variable(name=name, node=node, from_env=None, span=span)
    from_env = string_of(node.entries[FROM_ENV].value) or ""
    value = environ.get(from_env)
    given = node.get("default") if value is None else ScalarNode(node.source, node.start, node.end, value)
    return Variable(name=name, node=given, from_env=from_env, span=span)


def _over(strong: Variable, weak: Variable) -> Variable:
    if strong.from_env is not None or weak.from_env is not None or strong.node is None or weak.node is None:
        return strong
    return Variable(name=strong.name, node=_merge(strong.node, weak.node), from_env=None, span=strong.span)


def _merge(strong: Node, weak: Node) -> Node:
    if not isinstance(strong, MappingNode) or not isinstance(weak, MappingNode):
        return strong
    types = [mapping.entries["type"].value.plain() for mapping in (strong, weak) if "type" in mapping]
    return strong if len(types) == 2 and types[0] != types[1] else _MergedMapping(strong, weak)


class _MergedMapping(MappingNode):
    """Two mappings laid over each other: stands where the stronger one stands, its keys where each was written."""

    __slots__ = ("_key_sources",)

    def __init__(self, strong: MappingNode, weak: MappingNode) -> None:
        entries = dict(weak.entries)
        self._key_sources: dict[str, SourceText] = {key: weak.key_span(key).source for key in weak}
        for key, entry in strong.entries.items():
            value = _merge(entry.value, entries[key].value) if key in entries else entry.value
            entries[key] = Entry(key, entry.key_start, entry.key_end, value)
            self._key_sources[key] = strong.key_span(key).source
        super().__init__(strong.source, strong.start, strong.end, entries)

    def key_span(self, key: str) -> Span:
        entry = self.entries[key]
        return Span(source=self._key_sources[key], start_offset=entry.key_start, end_offset=entry.key_end)
