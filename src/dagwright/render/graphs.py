"""A rendered DAG as a `DagGraph`: plain JSON that needs no Airflow to be read, compared or drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from airflow.sdk import DAG, TaskGroup

from dagwright.graph import DagGraph, GraphEdge, GraphGroup, GraphTask
from dagwright.render import compat
from dagwright.render.plain_data import plain

__all__ = ["dag_graph"]

# What Airflow stores of a DAG besides its own arguments, or what a `DagGraph` holds elsewhere.
_NOT_OF_THE_DAG = frozenset(
    {
        "_processor_dags_folder",
        "bundle_name",
        "dag_dependencies",
        "dag_id",
        "edge_info",
        "fileloc",
        "relative_fileloc",
        "task_group",
        "tasks",
        "timezone",
    }
)
# The same for tasks; what belongs to an operator's class says nothing about the DAG.
_NOT_OF_THE_TASK = frozenset(
    {
        "_is_empty",
        "_is_mapped",
        "_needs_expansion",
        "_operator_extra_links",
        "_operator_name",
        "_task_display_name",
        "_task_module",
        "dag",
        "default_args",
        "doc_md",
        "downstream_task_ids",
        "has_retry_policy",
        "inlets",
        "is_setup",
        "is_teardown",
        "label",
        "outlets",
        "start_trigger_args",
        "start_from_trigger",
        "task_group",
        "task_id",
        "task_type",
        "template_ext",
        "template_fields",
        "template_fields_renderers",
        "trigger_rule",
        "ui_color",
        "ui_fgcolor",
    }
)


def dag_graph(dag: DAG) -> DagGraph:
    """Return a rendered DAG as plain data; the same DAG gives the same data in every process."""
    stored = compat.serialized(dag)
    stored_tasks = {each["__var"]["task_id"]: each["__var"] for each in stored["tasks"]}
    return DagGraph(
        dag_id=dag.dag_id,
        attributes={name: plain(value) for name, value in sorted(stored.items()) if name not in _NOT_OF_THE_DAG},
        tasks=tuple(_task(task, stored_tasks[task_id]) for task_id, task in dag.task_dict.items()),
        groups=tuple(_groups(dag.task_group)),
        children=tuple(dag.task_group.children),
        edge_labels=tuple(_labels(dag)),
    )


def _task(task: Any, stored: Mapping[str, Any]) -> GraphTask:
    group = task.task_group
    return GraphTask(
        task_id=task.task_id,
        label=stored.get("_task_display_name") or "",
        operator=task.task_type,
        group_id=group.group_id if group is not None else None,
        upstream=tuple(task.upstream_task_ids),
        doc=task.doc_md or task.doc or "",
        trigger_rule=str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        is_setup=bool(task.is_setup),
        is_teardown=bool(task.is_teardown),
        mapped=bool(getattr(task, "is_mapped", False)),
        arguments=_arguments(task, stored),
        inlets=tuple(_uris(task.inlets)),
        outlets=tuple(_uris(task.outlets)),
    )


def _arguments(task: Any, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Airflow stores of an operator's arguments, and those that it does not store.

    It keeps templated fields, cut where they are long, and what all operators have in common; an operator's
    other arguments are only known to the operator.
    """
    arguments = {name: plain(value) for name, value in stored.items() if name not in _NOT_OF_THE_TASK}
    for name, value in compat.made_with(task).items():
        if name not in _NOT_OF_THE_TASK and (name not in compat.operator_arguments() or name == "params"):
            arguments[name] = plain(value)
    return dict(sorted(arguments.items()))


def _groups(group: TaskGroup) -> Iterator[GraphGroup]:
    for child in group.children.values():
        if isinstance(child, TaskGroup):
            yield GraphGroup(
                group_id=str(child.group_id),
                label=child.group_display_name,
                inside=group.group_id,
                tooltip=child.tooltip,
                children=tuple(child.children),
            )
            yield from _groups(child)


def _labels(dag: DAG) -> Iterator[GraphEdge]:
    for upstream, others in dag.edge_info.items():
        for downstream, info in others.items():
            if label := info.get("label"):
                yield GraphEdge(upstream=_node(upstream), downstream=_node(downstream), label=label)


def _node(end: str) -> str:
    """Return the group at whose joint an edge ends, or the task."""
    return end.removesuffix(".upstream_join_id").removesuffix(".downstream_join_id")


def _uris(assets: Any) -> Iterator[str]:
    for asset in assets or ():
        yield str(getattr(asset, "uri", None) or getattr(asset, "name", None) or plain(asset))
