"""The tables of dagwright.toml, or of `[tool.dagwright]`, checked and taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagwright.diagnostics import Span
from dagwright.project.entities import Bind
from dagwright.project.locations import Location, read_location
from dagwright.project.patterns import pattern_problem
from dagwright.project.tables import Place, TableReader, kind_of, string_of
from dagwright.source.nodes import ListNode, MappingNode

__all__ = ["EnvironmentTable", "ProjectTables", "read_tables"]

_KEYS = ("dags", "factories", "operators", "bind", "vars", "defaults", "env", "allow", "workers")
_ENVIRONMENT_KEYS = ("vars", "defaults", "allow", "workers")
_WORKERS = ("one", "several")
_BIND_KEYS = ("path", "type")


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentTable:
    """What one `[env.NAME]` says; `allow` and `workers` are None where it says nothing about them."""

    location: Location
    allow: frozenset[str] | None
    workers: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectTables:
    """What the project file says; a list is None where the file does not have the key."""

    base: Location | None = None
    dags: tuple[str, ...] | None = None
    factories: Mapping[str, Span] | None = None
    operators: tuple[str, ...] | None = None
    binds: tuple[Bind, ...] = ()
    allow: frozenset[str] | None = None
    workers: str | None = None
    environments: dict[str, EnvironmentTable] = field(default_factory=dict)


def read_tables(reader: TableReader, table: MappingNode, place: Place, name: str) -> ProjectTables:
    """Read the project's tables, collecting every problem.

    Args:
        reader: collects the problems.
        table: the mapping that holds the tables.
        place: where it stands in the file, `("tool", "dagwright")` for a pyproject.toml.
        name: the file's name.
    """
    reader.check_keys(table, place, _KEYS, "the project file")
    header = ".".join(str(part) for part in place)
    environments: dict[str, EnvironmentTable] = {}
    by_environment = reader.table(table, "env", place)
    if by_environment is not None:
        for key in by_environment:
            inner = reader.table(by_environment, key, (*place, "env"))
            if inner is None:
                continue
            at = (*place, "env", key)
            reader.check_keys(inner, at, _ENVIRONMENT_KEYS, f"[env.{key}]")
            label = f"{name} [{header + '.' if header else ''}env.{key}]"
            environments[key] = EnvironmentTable(
                location=read_location(reader, inner, at, label),
                allow=_names(reader, inner, "allow", at),
                workers=_workers(reader, inner, at),
            )
    return ProjectTables(
        base=read_location(reader, table, place, f"{name} [{header}]" if header else name),
        dags=_patterns(reader, table, place),
        factories=_modules(reader, table, place),
        operators=_operators(reader, table, place),
        binds=_binds(reader, table, place),
        allow=_names(reader, table, "allow", place),
        workers=_workers(reader, table, place),
        environments=environments,
    )


def _workers(reader: TableReader, table: MappingNode, place: Place) -> str | None:
    node = table.get("workers")
    if node is None:
        return None
    text = string_of(node)
    if text in _WORKERS:
        return text
    found = f"'{text}'" if text is not None else kind_of(node)
    help_text = 'write workers = "several" where tasks run on several machines'
    reader.wrong((*place, "workers"), f"'workers' is 'one' or 'several', not {found}", node.span, help=help_text)
    return None


def _patterns(reader: TableReader, table: MappingNode, place: Place) -> tuple[str, ...] | None:
    items = reader.strings(table, "dags", place)
    if items is None:
        return None
    good: list[str] = []
    for index, node, text in items:
        problem = pattern_problem(text)
        if problem is None:
            good.append(text)
        else:
            reader.wrong((*place, "dags", index), f"the pattern '{text}' {problem[0]}", node.span, help=problem[1])
    return tuple(good)


def _modules(reader: TableReader, table: MappingNode, place: Place) -> dict[str, Span] | None:
    items = reader.strings(table, "factories", place)
    if items is None:
        return None
    good: dict[str, Span] = {}
    for index, node, text in items:
        if all(part.isidentifier() for part in text.split(".")):
            good.setdefault(text, node.span)
        else:
            message = f"'{text}' is no importable module's name"
            help_text = "write it as an import statement does: acme.factories"
            reader.wrong((*place, "factories", index), message, node.span, help=help_text)
    return good


def _operators(reader: TableReader, table: MappingNode, place: Place) -> tuple[str, ...] | None:
    items = reader.strings(table, "operators", place)
    return None if items is None else tuple(text for _, _, text in items)


def _names(reader: TableReader, table: MappingNode, key: str, place: Place) -> frozenset[str] | None:
    items = reader.strings(table, key, place)
    return None if items is None else frozenset(text for _, _, text in items)


def _binds(reader: TableReader, table: MappingNode, place: Place) -> tuple[Bind, ...]:
    node = table.get("bind")
    if node is None:
        return ()
    place = (*place, "bind")
    if not isinstance(node, ListNode):
        message = f"'bind' must be a list of tables, not {kind_of(node)}"
        reader.wrong(place, message, node.span, help="begin each binding with [[bind]]")
        return ()
    binds: list[Bind] = []
    for index, item in enumerate(node.items):
        if not isinstance(item, MappingNode):
            reader.wrong((*place, index), f"a binding must be a mapping, not {kind_of(item)}", item.span)
            continue
        reader.check_keys(item, (*place, index), _BIND_KEYS, "[[bind]]")
        pattern = _bind_string(reader, item, "path", (*place, index))
        type_name = _bind_string(reader, item, "type", (*place, index))
        if pattern is None:
            continue
        problem = pattern_problem(pattern)
        span = item.entries["path"].value.span
        if problem is not None:
            reader.wrong((*place, index, "path"), f"the pattern '{pattern}' {problem[0]}", span, help=problem[1])
        elif type_name is not None:
            binds.append(Bind(pattern=pattern, type=type_name, span=span, type_span=item.entries["type"].value.span))
    return tuple(binds)


def _bind_string(reader: TableReader, bind: MappingNode, key: str, place: Place) -> str | None:
    node = bind.get(key)
    if node is None:
        reader.wrong(place, f"a binding needs '{key}'", bind.span)
        return None
    text = string_of(node)
    if text is None:
        reader.wrong((*place, key), f"'{key}' must be a string, not {kind_of(node)}", node.span)
    elif not text.strip():
        reader.wrong((*place, key), f"'{key}' is empty", node.span)
        return None
    return text
