"""The rows of `ls dags` and `ls tasks`: read from the data alone, so that no DAG is built."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from dagwright.binding import BoundDag, Project
from dagwright.binding.merged import Leaf, Merged, place
from dagwright.cli.resolved import plain, resolved
from dagwright.diagnostics import Severity
from dagwright.model.bases import own_task_id

__all__ = ["DagRow", "TaskRow", "dag_rows", "is_selected", "schedule_text", "task_rows", "tasks_in"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DagRow:
    """One DAG file; `errors` is how many keep it from loading."""

    dag_id: str
    type: str | None
    schedule: Any
    owner: str | None
    file: str
    errors: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRow:
    """One operator factory in the data; its code may make several tasks."""

    dag_id: str
    task_id: str
    type: str
    depends_on: list[str]
    file: str
    line: int


def dag_rows(project: Project) -> list[DagRow]:
    """Return a row for each DAG file, broken ones included."""
    return [_dag_row(bound, project) for bound in project.files]


def task_rows(project: Project) -> list[TaskRow]:
    """Return a row for each operator factory of each sound DAG file."""
    return [
        _task_row(bound, task_id, merged)
        for bound in project.files
        if bound.factory is not None and bound.merged is not None
        for task_id, merged in tasks_in(bound.merged)
    ]


def is_selected(selector: str | None, *names: str) -> bool:
    """Say whether a glob pattern matches one of the names."""
    return selector is None or any(fnmatchcase(name, selector) for name in names)


def _dag_row(bound: BoundDag, project: Project) -> DagRow:
    data = plain(resolved(bound, project.registry)) if bound.merged is not None else {}
    errors = sum(found.severity is Severity.ERROR for found in bound.diagnostics)
    return DagRow(
        dag_id=bound.dag_id or bound.dag_file.path.name.split(".", 1)[0],
        type=data.get("type"),
        schedule=data.get("schedule"),
        owner=data.get("owner"),
        file=bound.dag_file.name,
        # A DAG id that another file has as well is nobody's own error, yet the DAG does not load.
        errors=errors or int(bound.factory is None),
    )


def _task_row(bound: BoundDag, task_id: str, merged: Merged) -> TaskRow:
    span = place(merged).span
    assert merged.shape is not None  # noqa: S101  tasks_in yields no others
    return TaskRow(
        dag_id=bound.dag_id,
        task_id=task_id,
        type=merged.shape.options.type_name,
        depends_on=list(getattr(merged.made, "depends_on", ())),
        file=span.source.name,
        line=span.start.line,
    )


def tasks_in(leaf: Leaf, prefix: str = "") -> Iterator[tuple[str, Merged]]:
    """Yield every operator factory in the data with its task id, in the order of the data."""
    if not isinstance(leaf, Merged):
        return
    if leaf.shape is not None and leaf.shape.kind == "operator" and leaf.made is not None:
        task_id = prefix + (own_task_id(leaf.made, leaf.shape.options) or place(leaf).path)
        yield task_id, leaf
        prefix = f"{task_id}."
    below = leaf.items if leaf.items is not None else [child for child, _ in (leaf.entries or {}).values()]
    for child in below:
        yield from tasks_in(child, prefix)


def schedule_text(schedule: Any) -> str:
    """Return a schedule as one cell."""
    if schedule is None or isinstance(schedule, str):
        return schedule or ""
    return json.dumps(schedule, ensure_ascii=False)
