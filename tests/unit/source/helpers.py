"""What the tests of parsers share: a shorthand for parsing, and the promise that every place is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dagwright.diagnostics import Diagnostic, SourceText
from dagwright.source import ListNode, MappingNode, Node, Parsed, ScalarNode, parse


def parse_text(text: str, name: str = "file.yaml") -> Parsed:
    return parse(SourceText(name, text))


def plain(text: str, name: str = "file.yaml") -> Any:
    """Return the plain value of a text that must be without findings."""
    parsed = parse_text(text, name)
    assert parsed.diagnostics == ()
    return None if parsed.root is None else parsed.root.plain()


def codes(text: str, name: str = "file.yaml") -> list[str]:
    return [found.code for found in parse_text(text, name).diagnostics]


def shown(found: Diagnostic) -> str:
    """Return the piece of the text that a finding points at."""
    assert found.span is not None
    return found.span.source.text[found.span.start_offset : found.span.end_offset]


def only(text: str, name: str = "file.yaml") -> Diagnostic:
    """Return the one finding about a text."""
    (found,) = parse_text(text, name).diagnostics
    return found


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, MappingNode):
        for entry in node.entries.values():
            yield from walk(entry.value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from walk(item)


def written(node: Node) -> str:
    """Return the text of a node as a text of its own, indented as it was."""
    text = node.source.text
    start = node.start
    if isinstance(node, ScalarNode):
        return text[start : node.end]
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return " " * (start - line) + text[start : node.end]


def check_places(text: str, name: str = "file.yaml") -> None:
    """Parse a text; then parse the piece of every node and the piece of every key again, alone."""
    parsed = parse_text(text, name)
    assert parsed.diagnostics == ()
    assert parsed.root is not None
    for node in walk(parsed.root):
        assert 0 <= node.start <= node.end <= len(node.source.text)
        again = parse_text(written(node), name)
        assert again.diagnostics == ()
        got = None if again.root is None else again.root.plain()
        want = node.plain()
        if isinstance(got, str) and node.source.text[node.start : node.start + 1] in ("|", ">"):
            got, want = got.rstrip("\n"), want.rstrip("\n")  # a place leaves trailing line ends out
        assert repr(got) == repr(want)
        if isinstance(node, MappingNode):
            for key in node:
                span = node.key_span(key)
                piece = node.source.text[span.start_offset : span.end_offset]
                assert plain(piece, name) == key
