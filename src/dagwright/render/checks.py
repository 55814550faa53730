"""What a finished DAG must not be: empty, or a circle of tasks or TaskGroups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from airflow.sdk import DAG

from dagwright.diagnostics import Diagnostic
from dagwright.render.errors import Reporter, type_name

__all__ = ["dag_problems"]


def dag_problems(dag: DAG, root: object, reporter: Reporter, factory_of: Callable[[str], object]) -> list[Diagnostic]:
    """Return for what Airflow would refuse a DAG, or accept it and fail to show it.

    Args:
        dag: the finished DAG.
        root: its DAG factory.
        reporter: makes the errors.
        factory_of: finds the factory behind the id of a task or TaskGroup.
    """
    if not dag.task_dict:
        return [reporter.diagnostic("DW502", f"{type_name(root)} makes no task", root)]
    # Airflow leaves a task whose id it refused in its TaskGroup, and does not count it among the DAG's.
    order = {task.node_id: number for number, task in enumerate(dag.task_group) if task.node_id in dag.task_dict}
    downstream = {task_id: task.downstream_task_ids & order.keys() for task_id, task in dag.task_dict.items()}
    if all(number < order[downstream_id] for task_id, number in order.items() for downstream_id in downstream[task_id]):
        # Every edge leads on, in the order in which groups and what is in them were made: nothing can lead back.
        return []
    ways = {task_id: _way(task) for task_id, task in dag.task_dict.items()}
    between: dict[str, set[str]] = {}
    for task_id, way in ways.items():
        for downstream_id in downstream[task_id]:
            upper, lower = _siblings(way, ways[downstream_id])
            between.setdefault(upper, set()).add(lower)
    # Tasks and groups that stand side by side: a circle of tasks shows here too, perhaps as one of their groups.
    circle = find_circle(between)
    if circle is None:
        return []
    tasks = find_circle(downstream)
    code, what, shown = ("DW303", "tasks", tasks) if tasks is not None else ("DW507", "TaskGroups", circle)
    message = f"{what} wait for each other in a circle: {' → '.join(shown)}"
    return [reporter.diagnostic(code, message, factory_of(shown[0]) or root)]


def _way(task: Any) -> tuple[str, ...]:
    """Return the ids from the outermost group down to the task."""
    way = [task.node_id]
    group = task.task_group
    while group is not None and group.node_id is not None:
        way.append(group.node_id)
        group = group.task_group
    return tuple(reversed(way))


def _siblings(upper: tuple[str, ...], lower: tuple[str, ...]) -> tuple[str, str]:
    """Return the two nodes of the innermost common group between which an edge is drawn."""
    for above, below in zip(upper, lower, strict=False):
        if above != below:
            return above, below
    return upper[-1], lower[-1]


def find_circle(edges: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Return the nodes of one circle, the first again at the end, always the same one for the same edges."""
    done: set[str] = set()
    for start in sorted(edges):
        if start in done:
            continue
        trail: dict[str, None] = {start: None}
        stack = [iter(sorted(edges[start]))]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                done.add(trail.popitem()[0])
            elif step in trail:
                nodes = list(trail)
                return [*nodes[nodes.index(step) :], step]
            elif step not in done:
                trail[step] = None
                stack.append(iter(sorted(edges.get(step, ()))))
    return None
