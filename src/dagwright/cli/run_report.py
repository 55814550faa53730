"""What a run says at its end: a table of all tasks, why the failed ones failed, and where the files are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dagwright.binding import BoundDag
from dagwright.binding.merged import place
from dagwright.cli.listing import tasks_in
from dagwright.cli.progress import STATE_STYLES, task_name
from dagwright.cli.tables import format_table
from dagwright.diagnostics.cells import show

if TYPE_CHECKING:
    from dagwright.adapters.local import RunResult, TaskOutcome

__all__ = ["format_report", "from_here", "place_of_task"]

_LOG_LINES = 20
_MOST_LOGS = 3
_STATE_COLUMN = 1


def format_report(result: RunResult, bound: BoundDag, root: Path, *, color: bool, width: int | None) -> str:
    """Return the closing text of a run; ends with a line feed."""
    parts = [_table(result, color=color, width=width)]
    # A task that was interrupted did not fail by itself.
    failed = () if result.state == "interrupted" else result.failed_tasks
    parts += [_failure(task, place_of_task(bound, task.task_id, root), color=color) for task in failed[:_MOST_LOGS]]
    if len(failed) > _MOST_LOGS:
        parts.append(f"and {len(failed) - _MOST_LOGS} more failed tasks; their logs are in the table\n")
    if result.deadlocked:
        parts.append("tasks are left that can never start: they wait for each other, or Airflow does not start them\n")
    return "\n".join(parts)


def place_of_task(bound: BoundDag, task_id: str, root: Path) -> str:
    """Return where the factory of a task stands, as `dags/x.yml:7:5`; empty where the data does not say."""
    best = found = ""
    for name, merged in tasks_in(bound.merged) if bound.merged is not None else ():
        if (task_id == name or task_id.startswith(f"{name}.")) and len(name) > len(best):
            span = place(merged).span
            best = name
            found = f"{from_here(root / span.source.name)}:{span.start.line}:{span.start.column}"
    return found


def from_here(path: Path) -> str:
    """Return a path as seen from the current folder where that is shorter."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _table(result: RunResult, *, color: bool, width: int | None) -> str:
    rows = [
        (
            task_name(task.task_id, task.map_index),
            task.state,
            "" if task.seconds is None else f"{task.seconds:.1f}",
            "" if task.log_path is None else from_here(task.log_path),
        )
        for task in result.tasks
    ]

    def paint(column: int, cell: str) -> str:
        style = STATE_STYLES.get(cell.strip()) if color and column == _STATE_COLUMN else None
        return f"\x1b[{style}m{cell}\x1b[0m" if style else cell

    return format_table(("TASK", "STATE", "SECONDS", "LOG"), rows, width, paint=paint)


def _failure(task: TaskOutcome, where: str, *, color: bool) -> str:
    head = f"{show(task_name(task.task_id, task.map_index))} failed" + (f"  --> {show(where)}" if where else "")
    return "".join(f"{line}\n" for line in (f"\x1b[1;31m{head}\x1b[0m" if color else head, *_tail(task.log_tail)))


def _tail(lines: Iterable[str]) -> Iterator[str]:
    for line in list(lines)[-_LOG_LINES:]:
        # What a program wrote for a terminal is spelled out, its tabs aside.
        yield f"    {show(line.expandtabs(4))}".rstrip()
