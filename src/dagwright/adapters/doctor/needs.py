"""The connections and pools that DAG files name, as far as the names stand in the data, and which are missing."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from dagwright.adapters.doctor.asking import AirflowCannotSayError, missing_connections, missing_pools
from dagwright.adapters.doctor.report import Problem
from dagwright.binding import BoundDag, Project
from dagwright.binding.merged import Leaf, Merged, ResolvedNode
from dagwright.diagnostics import Severity
from dagwright.source import ListNode, MappingNode, ScalarNode

__all__ = ["Need", "missing_problems", "needs_of"]

_TASK_ARGS = "task_args"
# Of a container job whose runtime reads values of Airflow: `conn.partner.password`, `conn.partner.extra.token`.
_SECRET = re.compile(r"conn\.([\w.-]+?)\.(?:extra\..+|\w+)")
_NOT_ASKED = {
    "connection": "see whether 'airflow db check' passes and the secrets backend answers from here",
    "pool": "see whether 'airflow db check' passes here; a new database wants 'airflow db migrate'",
}


class Need(NamedTuple):
    """One name at one place; `kind` is `connection` or `pool`."""

    kind: str
    name: str
    place: str


def needs_of(bound: BoundDag) -> Iterator[Need]:
    """Yield what a DAG file names; not what a template or the process environment gives, which is not known here."""
    if bound.merged is not None:
        yield from _below(bound.merged, "", "")


def missing_problems(project: Project) -> list[Problem]:
    """Return connections and pools that Airflow lacks."""
    needs: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for bound in project.files:
        if bound.factory is not None:
            for kind, name, place in needs_of(bound):
                needs[kind][name].append(place)
    problems = []
    for kind, ask in (("connection", missing_connections), ("pool", missing_pools)):
        try:
            missing = ask(sorted(needs[kind]))
        except AirflowCannotSayError as error:
            help_text = _NOT_ASKED[kind]
            problems.append(Problem(about=f"{kind}s", message=str(error), severity=Severity.WARNING, help=help_text))
            continue
        problems += [
            Problem(
                about=f"{kind}s",
                message=f"Airflow has no {kind} '{name}'",
                help=_how_to_add(kind, name),
                places=tuple(dict.fromkeys(needs[kind][name])),
            )
            for name in missing
        ]
    return problems


def _how_to_add(kind: str, name: str) -> str:
    quoted = shlex.quote(name)
    if kind == "pool":
        return f"airflow pools set {quoted} SLOTS DESCRIPTION"
    # Not every name is one of an environment variable.
    variable = f", or set AIRFLOW_CONN_{name.upper()}" if re.fullmatch(r"\w+", name, re.ASCII) else ""
    return f"airflow connections add {quoted} --conn-type TYPE{variable}"


def _below(leaf: Leaf, key: str, owner: str) -> Iterator[Need]:
    """Yield what is named at and below a place; `key` is its name and `owner` that of the mapping around it."""
    match leaf:
        case Merged() if leaf.entries is not None:
            for name, (child, _) in leaf.entries.items():
                # What an operator class is given may well be what other factories are given as `task_args`.
                is_operator = name == "args" and "class" in leaf.entries
                yield from _below(child, _TASK_ARGS if is_operator else name, key)
        case Merged():
            for child in leaf.items or ():
                yield from _below(child, "", key)
        case MappingNode():
            for name, entry in leaf.entries.items():
                yield from _below(entry.value, name, key)
        case ListNode():
            for item in leaf.items:
                yield from _below(item, "", key)
        case ScalarNode(value=str() as value) if value and "{{" not in value:
            found = _named(value, key, owner)
            if found is not None and not (isinstance(leaf, ResolvedNode) and leaf.secret):
                yield Need(*found, str(leaf.span))
        case _:
            pass


def _named(value: str, key: str, owner: str) -> tuple[str, str] | None:
    """Return the kind and the name of what a value names."""
    if key in {"connection_id", "conn_id"} or key.endswith("_conn_id"):
        return "connection", value
    if key == "pool" and owner == _TASK_ARGS:
        return "pool", value
    connection = ""
    if owner == "secrets" and (match := _SECRET.fullmatch(value)) is not None:
        connection = match[1]
    elif key == "workspace":
        connection = _before_at(value)
    return ("connection", connection) if connection else None


def _before_at(workspace: str) -> str:
    """Return the connection of a workspace such as `s3://ID@bucket/folder`."""
    _, mark, rest = workspace.partition("://")
    return rest.partition("/")[0].rpartition("@")[0] if mark else ""
