"""One door to the formats: which parser reads which file, and what the top of a DAG file must be."""

from __future__ import annotations

from dagwright.diagnostics import Diagnostic, SourceText, Span, has_errors
from dagwright.source.nodes import ListNode, MappingNode, Node, ScalarNode
from dagwright.source.parsed import Parsed, ParsedMapping

__all__ = ["parse", "parse_mapping"]


def parse(source: SourceText) -> Parsed:
    """Parse a text by the end of its name: `.json`, `.toml`, and YAML for everything else."""
    name = source.name.lower()
    if name.endswith(".json"):
        from dagwright.source.json_parser import parse_json  # noqa: PLC0415  rare formats cost nothing

        return parse_json(source)
    if name.endswith(".toml"):
        from dagwright.source.toml_parser import parse_toml  # noqa: PLC0415

        return parse_toml(source)
    from dagwright.source.yaml_parser import parse_yaml  # noqa: PLC0415  importing PyYAML takes a while

    return parse_yaml(source)


def parse_mapping(source: SourceText) -> ParsedMapping:
    """Parse a text that must hold a mapping at its top."""
    parsed = parse(source)
    root = parsed.root
    if isinstance(root, MappingNode):
        return ParsedMapping(root, parsed.diagnostics)
    if has_errors(parsed.diagnostics):
        return ParsedMapping(None, parsed.diagnostics)
    if root is None or (isinstance(root, ScalarNode) and root.value is None and root.start == root.end):
        found = Diagnostic(code="DW110", message="the file is empty", span=_span(source, 0, 0))
    else:
        end = source.text.find("\n", root.start, root.end)
        span = _span(source, root.start, root.end if end < 0 else end)
        message = f"the file holds {_kind(root)} at its top instead of a mapping"
        found = Diagnostic(code="DW111", message=message, span=span, help="write 'key: value' lines")
    return ParsedMapping(None, (*parsed.diagnostics, found))


def _kind(node: Node) -> str:
    if isinstance(node, ListNode):
        return "a list"
    value = node.plain()
    return "null" if value is None else "a string" if isinstance(value, str) else "a single value"


def _span(source: SourceText, start: int, end: int) -> Span:
    return Span(source=source, start_offset=start, end_offset=end)
