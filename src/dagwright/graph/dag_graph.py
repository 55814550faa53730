"""A rendered DAG as plain data that outlives Airflow: what pictures, snapshots and plans are made from.

The renderer fills it, so nothing here knows Airflow's classes. A graph is checked when it is made (every id
exists, every child has its place), so that layouts and comparisons need no second thoughts; a graph that
breaks a rule is a bug of its maker and raises `GraphError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Self

from dagwright.diagnostics import DagwrightError

__all__ = ["FORMAT_VERSION", "DagGraph", "GraphEdge", "GraphError", "GraphGroup", "GraphTask"]

FORMAT_VERSION = 1


class GraphError(DagwrightError):
    """Data that is no DAG: an id that does not exist, two places for one task, an unknown format version."""


@dataclass(frozen=True, kw_only=True)
class GraphTask:
    """One task.

    Attributes:
        task_id: the full id, with the ids of its groups.
        label: the id without its groups, or the display name.
        operator: the class name of the operator.
        group_id: the full id of the group around it, or None.
        upstream: the ids of the tasks that it waits for; kept sorted.
        doc: its documentation, as Markdown.
        trigger_rule: Airflow's word for when it runs.
        is_setup: whether it prepares what others use.
        is_teardown: whether it clears away what a setup made.
        mapped: whether it is expanded at run time.
        arguments: what its operator was made with, as plain JSON.
        inlets: URIs of the assets it reads.
        outlets: URIs of the assets it writes.
    """

    task_id: str
    label: str = ""
    operator: str = ""
    group_id: str | None = None
    upstream: tuple[str, ...] = ()
    doc: str = ""
    trigger_rule: str = "all_success"
    is_setup: bool = False
    is_teardown: bool = False
    mapped: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    inlets: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "upstream", tuple(sorted(set(self.upstream))))
        if not self.label:
            object.__setattr__(self, "label", _own_name(self.task_id, self.group_id))


@dataclass(frozen=True, kw_only=True)
class GraphGroup:
    """One TaskGroup.

    Attributes:
        group_id: the full id, with the ids of the groups around it.
        label: the id without the groups around it, or the display name.
        inside: the full id of the group around it, or None.
        tooltip: one line on what it does.
        children: the full ids of the tasks and groups in it, in the order in which they were made.
    """

    group_id: str
    label: str = ""
    inside: str | None = None
    tooltip: str = ""
    children: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.label:
            object.__setattr__(self, "label", _own_name(self.group_id, self.inside))


@dataclass(frozen=True, kw_only=True, order=True)
class GraphEdge:
    """A dependency between two tasks or groups, by their full ids."""

    upstream: str
    downstream: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class DagGraph:
    """One rendered DAG.

    Attributes:
        dag_id: the id of the DAG.
        attributes: what else the DAG was made with, as plain JSON: schedule, tags, owner, the doc's digest …
        tasks: the tasks, in the order in which they were made.
        groups: the TaskGroups but the root, in the order in which they were made.
        children: the ids of the tasks and groups that stand in no group, in the order in which they were made.
        edge_labels: the labels of dependencies, between tasks or groups as they were wired.
    """

    dag_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[GraphTask, ...] = ()
    groups: tuple[GraphGroup, ...] = ()
    children: tuple[str, ...] = ()
    edge_labels: tuple[GraphEdge, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "edge_labels", tuple(sorted(self.edge_labels)))
        _check(self)

    @cached_property
    def task_by_id(self) -> Mapping[str, GraphTask]:
        """The tasks by their ids."""
        return {task.task_id: task for task in self.tasks}

    @cached_property
    def group_by_id(self) -> Mapping[str, GraphGroup]:
        """The groups by their ids."""
        return {group.group_id: group for group in self.groups}

    def children_of(self, group_id: str | None) -> tuple[str, ...]:
        """Return the ids of what stands directly in a group, or in no group for None."""
        return self.children if group_id is None else self.group_by_id[group_id].children

    def group_around(self, full_id: str) -> str | None:
        """Return the id of the group directly around a task or group, or None."""
        task = self.task_by_id.get(full_id)
        return self.group_by_id[full_id].inside if task is None else task.group_id

    def groups_around(self, full_id: str) -> Iterator[str]:
        """Yield the ids of the groups around a task or group, from the inmost to the outermost."""
        group_id = self.group_around(full_id)
        while group_id is not None:
            yield group_id
            group_id = self.group_by_id[group_id].inside

    def to_json(self) -> dict[str, Any]:
        """Return the graph as plain JSON; equal graphs give equal data."""
        return {
            "format_version": FORMAT_VERSION,
            "dag_id": self.dag_id,
            "attributes": dict(self.attributes),
            "tasks": [_record(task) for task in self.tasks],
            "groups": [_record(group) for group in self.groups],
            "children": list(self.children),
            "edge_labels": [_record(edge) for edge in self.edge_labels],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Make a graph from what `to_json` returned.

        Raises:
            GraphError: another format version, a missing or unknown key, or ids that do not fit together.
        """
        version = data.get("format_version")
        if version != FORMAT_VERSION:
            raise GraphError(f"the graph has format version {version!r}, this Dagwright reads {FORMAT_VERSION}")
        try:
            return cls(
                **{
                    **{key: value for key, value in data.items() if key != "format_version"},
                    "tasks": tuple(GraphTask(**_tuples(record)) for record in data["tasks"]),
                    "groups": tuple(GraphGroup(**_tuples(record)) for record in data["groups"]),
                    "children": tuple(data["children"]),
                    "edge_labels": tuple(GraphEdge(**record) for record in data["edge_labels"]),
                }
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise GraphError(f"the graph's data does not fit format version {FORMAT_VERSION}: {error}") from error


def _own_name(full_id: str, group_id: str | None) -> str:
    return full_id if group_id is None else full_id.removeprefix(f"{group_id}.")


def _record(item: GraphTask | GraphGroup | GraphEdge) -> dict[str, Any]:
    values = ((each.name, getattr(item, each.name)) for each in fields(item))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def _tuples(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}


def _check(graph: DagGraph) -> None:
    """Refuse a graph whose ids do not fit together; cycles are allowed, so that they can be drawn."""
    places: dict[str, str | None] = {}
    for full_id, around in (
        *((task.task_id, task.group_id) for task in graph.tasks),
        *((group.group_id, group.inside) for group in graph.groups),
    ):
        if full_id in places:
            raise GraphError(f"two tasks or groups have the id '{full_id}'")
        places[full_id] = around
    _check_children(graph, places)
    for task in graph.tasks:
        for upstream in task.upstream:
            if upstream not in graph.task_by_id or upstream == task.task_id:
                raise GraphError(f"the task '{task.task_id}' waits for '{upstream}', which is no other task")
    for edge in graph.edge_labels:
        for full_id in (edge.upstream, edge.downstream):
            if full_id not in places:
                raise GraphError(f"an edge has a label at '{full_id}', which is neither task nor group")


def _check_children(graph: DagGraph, places: Mapping[str, str | None]) -> None:
    """Walk down from the top: everything has to be met once, where it says that it stands."""
    met: set[str] = set()
    waiting: list[tuple[str | None, tuple[str, ...]]] = [(None, graph.children)]
    while waiting:
        group_id, children = waiting.pop()
        for child in children:
            if child in met or child not in places or places[child] != group_id:
                raise GraphError(f"'{child}' is no child of {group_id or 'the DAG'}")
            met.add(child)
            if child in graph.group_by_id:
                waiting.append((child, graph.group_by_id[child].children))
    if missing := sorted(places.keys() - met):
        raise GraphError(f"nothing has these tasks or groups as children: {', '.join(missing)}")
