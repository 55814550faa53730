"""What differs between two renderings of a DAG: exact, and nothing guessed.

A renamed task is one task less and one more, because that is what Airflow makes of it. Dependencies are
compared as they are drawn, which together with the groups says everything about them; the order in which
tasks and groups stand is no difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from dagwright.diagnostics.cells import show
from dagwright.graph.dag_graph import DagGraph, GraphEdge, GraphGroup, GraphTask
from dagwright.graph.edges import drawn_edges
from dagwright.graph.letters import fit_cells

__all__ = ["ABSENT", "Absent", "FieldChange", "GraphChange", "compare", "format_change"]

_LONGEST_VALUE = 60
_COMPARED_ELSEWHERE = {"upstream", "children"}


class Absent(Enum):
    """The value of a key that one side does not have; null is a value."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One value that differs: of a task or group by its id, or of the DAG for the empty id.

    `name` is the field, with the keys inside it after dots, such as `arguments.bucket`.
    """

    full_id: str
    name: str
    old: Any
    new: Any

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain JSON; a side without the key is left out."""
        sides = {"old": self.old, "new": self.new}
        known = {side: value for side, value in sides.items() if value is not ABSENT}
        return {"full_id": self.full_id, "name": self.name, **known}


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphChange:
    """Everything that differs between two graphs; false where nothing does. Each part is sorted."""

    tasks_added: tuple[str, ...] = ()
    tasks_removed: tuple[str, ...] = ()
    groups_added: tuple[str, ...] = ()
    groups_removed: tuple[str, ...] = ()
    edges_added: tuple[GraphEdge, ...] = ()
    edges_removed: tuple[GraphEdge, ...] = ()
    fields_changed: tuple[FieldChange, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain JSON."""
        edges = {"edges_added": self.edges_added, "edges_removed": self.edges_removed}
        return {
            "tasks_added": list(self.tasks_added),
            "tasks_removed": list(self.tasks_removed),
            "groups_added": list(self.groups_added),
            "groups_removed": list(self.groups_removed),
            **{
                name: [{each.name: getattr(edge, each.name) for each in fields(edge)} for edge in part]
                for name, part in edges.items()
            },
            "fields_changed": [change.to_json() for change in self.fields_changed],
        }


def compare(old: DagGraph, new: DagGraph) -> GraphChange:
    """Return what has to change in the old graph to make the new one of it."""
    old_edges, new_edges = set(drawn_edges(old)), set(drawn_edges(new))
    changes = [
        *_differences("", "dag_id", old.dag_id, new.dag_id),
        *_differences("", "", dict(old.attributes), dict(new.attributes)),
    ]
    for before, after in ((old.group_by_id, new.group_by_id), (old.task_by_id, new.task_by_id)):
        for full_id in sorted(before.keys() & after.keys()):
            changes.extend(_item_differences(full_id, before[full_id], after[full_id]))
    return GraphChange(
        tasks_added=tuple(sorted(new.task_by_id.keys() - old.task_by_id.keys())),
        tasks_removed=tuple(sorted(old.task_by_id.keys() - new.task_by_id.keys())),
        groups_added=tuple(sorted(new.group_by_id.keys() - old.group_by_id.keys())),
        groups_removed=tuple(sorted(old.group_by_id.keys() - new.group_by_id.keys())),
        edges_added=tuple(sorted(new_edges - old_edges)),
        edges_removed=tuple(sorted(old_edges - new_edges)),
        fields_changed=tuple(changes),
    )


def format_change(change: GraphChange) -> str:
    """Return a change as lines that begin with +, - or ~; the empty string where nothing differs."""
    lines: list[str] = []
    for sign, kind, full_ids in (
        ("-", "group", change.groups_removed),
        ("+", "group", change.groups_added),
        ("-", "task", change.tasks_removed),
        ("+", "task", change.tasks_added),
    ):
        lines.extend(f"{sign} {kind} {full_id}" for full_id in full_ids)
    for sign, edges in (("-", change.edges_removed), ("+", change.edges_added)):
        for edge in edges:
            label = f" ({edge.label})" if edge.label else ""
            lines.append(f"{sign} edge {edge.upstream} -> {edge.downstream}{label}")
    for each in change.fields_changed:
        where = f"{each.full_id}: " if each.full_id else ""
        lines.append(f"~ {where}{each.name}: {_shown(each.old)} -> {_shown(each.new)}")
    return "".join(f"{show(line)}\n" for line in lines)


def _item_differences(full_id: str, old: GraphTask | GraphGroup, new: GraphTask | GraphGroup) -> Iterator[FieldChange]:
    for each in fields(old):
        if each.name not in _COMPARED_ELSEWHERE:
            yield from _differences(full_id, each.name, getattr(old, each.name), getattr(new, each.name))


def _differences(full_id: str, name: str, old: Any, new: Any) -> Iterator[FieldChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            inside = f"{name}.{key}" if name else key
            yield from _differences(full_id, inside, old.get(key, ABSENT), new.get(key, ABSENT))
    elif _exact(old) != _exact(new):
        yield FieldChange(full_id=full_id, name=name, old=_listed(old), new=_listed(new))


def _exact(value: Any) -> str:
    """Return what tells any two JSON values apart, 1 from true and 1.0 among them."""
    return "absent" if value is ABSENT else json.dumps(value, sort_keys=True)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    text = "(absent)" if value is ABSENT else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return fit_cells(text, _LONGEST_VALUE)
