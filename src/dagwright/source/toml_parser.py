"""TOML text → nodes: the values are `tomllib`'s, the places come from our scanner."""

from __future__ import annotations

import tomllib
from datetime import date, time
from typing import Any

from dagwright.diagnostics import Diagnostic, SourceText, Span
from dagwright.source.limits import MAX_DEPTH
from dagwright.source.nodes import Entry, ListNode, MappingNode, Node, ScalarNode
from dagwright.source.parsed import Parsed
from dagwright.source.toml_scanner import Part, Scan, Statement, Value, scan_toml

__all__ = ["parse_toml"]


def parse_toml(source: SourceText) -> Parsed:
    """Parse TOML; dates and times become ISO 8601 strings."""
    if source.text.startswith("\ufeff"):
        source = SourceText(source.name, source.text[1:])
    scan = scan_toml(source.text)
    if scan.too_deep:
        return Parsed(None, (_too_deep(source, scan),))
    try:
        data = tomllib.loads(source.text)
    except ValueError as error:
        return Parsed(None, (_broken(source, scan, error),))
    return Parsed(_Builder(source).build(scan, data))


class _Builder:
    """Lays `tomllib`'s data over the scanned places."""

    def __init__(self, source: SourceText) -> None:
        self.source = source

    def build(self, scan: Scan, data: dict[str, Any]) -> MappingNode:
        start = scan.statements[0].start if scan.statements else 0
        root = MappingNode(self.source, start, start, {})
        table, table_data, around = root, data, [root]
        for statement in scan.statements:
            if statement.value is None:
                table, table_data, around = self._header(root, data, statement)
            else:
                self._pair(table, table_data, statement.key, statement.value)
            for node in around:
                node.end = max(node.end, statement.end)
        return root

    def _header(
        self, root: MappingNode, data: Any, statement: Statement
    ) -> tuple[MappingNode, dict[str, Any], list[Any]]:
        """Step to the table of a header; return it, its data, and every collection that it ends in."""
        node: Any = root
        around: list[Any] = [root]
        last = len(statement.key) - 1
        for index, part in enumerate(statement.key):
            name = _name(part)
            data = data[name]
            entry = node.entries.get(name)
            if entry is None:
                made: Node = MappingNode(self.source, statement.start, statement.end, {})
                if isinstance(data, list):
                    made = ListNode(self.source, statement.start, statement.end, [])
                entry = node.entries[name] = Entry(name, part.start, part.end, made)
            node = entry.value
            around.append(node)
            if isinstance(node, ListNode):
                if index == last:
                    node.items.append(MappingNode(self.source, statement.start, statement.end, {}))
                data = data[len(node.items) - 1]
                node = node.items[-1]
                around.append(node)
        return node, data, around

    def _pair(self, table: MappingNode, data: Any, key: tuple[Part, ...], value: Value) -> None:
        node: Any = table
        for index, part in enumerate(key[:-1]):
            name = _name(part)
            data = data[name]
            entry = node.entries.get(name)
            if entry is None:
                inner = MappingNode(self.source, key[index + 1].start, value.end, {})
                entry = node.entries[name] = Entry(name, part.start, part.end, inner)
            node = entry.value
            node.end = max(node.end, value.end)
        name = _name(key[-1])
        node.entries[name] = Entry(name, key[-1].start, key[-1].end, self._value(value, data[name]))

    def _value(self, value: Value, data: Any) -> Node:
        if value.items is not None:
            items = [self._value(item, inner) for item, inner in zip(value.items, data, strict=True)]
            return ListNode(self.source, value.start, value.end, items)
        if value.pairs is not None:
            mapping = MappingNode(self.source, value.start, value.end, {})
            for key, inner in value.pairs:
                self._pair(mapping, data, key, inner)
            return mapping
        if isinstance(data, (date, time)):
            data = data.isoformat()
        return ScalarNode(self.source, value.start, value.end, data)


def _name(part: Part) -> str:
    if part.written[0] not in "'\"":
        return part.written
    if "\\" not in part.written:
        return part.written[1:-1]
    (name,) = tomllib.loads(f"{part.written} = 1")
    return name


def _broken(source: SourceText, scan: Scan, error: ValueError) -> Diagnostic:
    """Say where the text breaks: in the first statement without which the text before it is fine."""
    text = source.text
    good, bad = 0, len(scan.statements) + 1
    while bad - good > 1:
        middle = (good + bad) // 2
        if middle <= len(scan.statements) and _loads(text[: scan.statements[middle - 1].end]):
            good = middle
        else:
            bad = middle
    notes = (f"tomllib: {error}",)
    if good < len(scan.statements):
        statement = scan.statements[good]
        value = statement.value
        if value is not None and not _loads(f"x = {text[value.start : value.end]}"):
            advice = "put double quotes around a text" if text[value.start].isalpha() else ""
            message = "the value is no TOML"
            return _found("DW115", message, source, value.start, value.end, notes=notes, advice=advice)
        message = "the key or the table clashes with one above it"
        return _found("DW115", message, source, statement.key[0].start, statement.key[-1].end, notes=notes)
    place = scan.stopped_at if scan.stopped_at is not None else len(text)
    return _found("DW115", scan.problem or "the text is no TOML", source, place, place + 1, notes=notes)


def _loads(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


def _too_deep(source: SourceText, scan: Scan) -> Diagnostic:
    place = scan.stopped_at or 0
    message = f"collections stand more than {MAX_DEPTH} deep inside each other"
    return _found("DW117", message, source, place, place + 1)


def _found(
    code: str,
    message: str,
    source: SourceText,
    start: int,
    end: int,
    *,
    notes: tuple[str, ...] = (),
    advice: str = "",
) -> Diagnostic:
    span = Span(source=source, start_offset=start, end_offset=end)
    return Diagnostic(code=code, message=message, span=span, notes=notes, help=advice)
