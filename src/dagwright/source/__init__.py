"""Texts of data files: reading them, and turning YAML, JSON and TOML into values with places."""

from dagwright.source.limits import MAX_BYTES
from dagwright.source.nodes import Entry, ListNode, MappingNode, Node, ScalarNode
from dagwright.source.parsed import Parsed, ParsedMapping
from dagwright.source.parsing import parse, parse_mapping
from dagwright.source.reading import content_of, read_source

__all__ = [
    "MAX_BYTES",
    "Entry",
    "ListNode",
    "MappingNode",
    "Node",
    "Parsed",
    "ParsedMapping",
    "ScalarNode",
    "content_of",
    "parse",
    "parse_mapping",
    "read_source",
]
