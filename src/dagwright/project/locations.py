"""One location's `defaults` and `vars`, base and environments alike, checked and otherwise left as written.

A location is a place that says something for every DAG file below it: the project file, or a folder's
`defaults.yaml`; each counts twice, once for its base and once for the chosen environment.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from dagwright.project.entities import Layer
from dagwright.project.tables import Place, TableReader, kind_of, string_of
from dagwright.source.nodes import ListNode, MappingNode, Node

__all__ = ["FROM_ENV", "Location", "read_location"]

FROM_ENV = "from_env"

_DECLARATION_KEYS = frozenset({FROM_ENV, "default"})
_VARIABLE_NAME = re.compile(r"[A-Za-z_][\w-]*")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Location:
    """What one location says: its layer, and its variables as they stand there."""

    layer: Layer
    variables: MappingNode | None


def read_location(reader: TableReader, table: MappingNode, place: Place, name: str) -> Location:
    """Check the `defaults` and `vars` of a table and return them under the location's name."""
    defaults = reader.table(table, "defaults", place)
    if defaults is not None:
        defaults = _checked_defaults(reader, defaults, (*place, "defaults"))
    variables = reader.table(table, "vars", place)
    if variables is not None:
        variables = _checked_variables(reader, variables, (*place, "vars"))
    return Location(layer=Layer(name=name, defaults=defaults), variables=variables)


def _checked_defaults(reader: TableReader, defaults: MappingNode, place: Place) -> MappingNode:
    wrong: list[str] = []
    for key, entry in defaults.entries.items():
        if not isinstance(entry.value, MappingNode):
            message = f"the defaults of '{key}' must be a mapping of its fields, not {kind_of(entry.value)}"
            reader.wrong((*place, key), message, entry.value.span)
            wrong.append(key)
    return _without(defaults, wrong)


def _checked_variables(reader: TableReader, variables: MappingNode, place: Place) -> MappingNode:
    wrong: list[str] = []
    for key, entry in variables.entries.items():
        problems = len(reader.diagnostics)
        if not _VARIABLE_NAME.fullmatch(key):
            message = f"'{key}' is no name for a variable"
            help_text = "names begin with a letter from a to z or an underscore; letters, digits, '_' and '-' follow"
            reader.wrong((*place, key), message, variables.key_span(key), help=help_text)
        if isinstance(entry.value, MappingNode) and FROM_ENV in entry.value:
            _check_declaration(reader, entry.value, (*place, key))
        else:
            _check_value(reader, entry.value, (*place, key))
        if len(reader.diagnostics) > problems:
            wrong.append(key)
    return _without(variables, wrong)


def _check_declaration(reader: TableReader, declaration: MappingNode, place: Place) -> None:
    reader.check_keys(declaration, place, _DECLARATION_KEYS, "a variable from the process environment")
    name = declaration.entries[FROM_ENV].value
    text = string_of(name)
    if not text or "=" in text or "\0" in text:
        shown = kind_of(name) if text is None else f"'{text}'"
        reader.wrong((*place, FROM_ENV), f"'{FROM_ENV}' must name an environment variable, not {shown}", name.span)


def _check_value(reader: TableReader, value: Node, place: Place) -> None:
    """Refuse declarations inside a value: they would be taken for ordinary data."""
    waiting: list[tuple[Node, Place]] = [(value, place)]
    seen: set[int] = set()  # an alias in YAML shares one node between many places
    while waiting:
        node, at = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ListNode):
            waiting += [(item, (*at, index)) for index, item in enumerate(node.items)]
        elif isinstance(node, MappingNode):
            if FROM_ENV in node and node.entries.keys() <= _DECLARATION_KEYS:
                message = f"'{FROM_ENV}' declares a whole variable and cannot stand inside a value"
                help_text = "give it a variable of its own"
                reader.wrong((*at, FROM_ENV), message, node.key_span(FROM_ENV), help=help_text)
            waiting += [(entry.value, (*at, key)) for key, entry in node.entries.items()]


def _without(table: MappingNode, keys: Collection[str]) -> MappingNode:
    if not keys:
        return table
    kept = {key: entry for key, entry in table.entries.items() if key not in keys}
    return MappingNode(table.source, table.start, table.end, kept)
