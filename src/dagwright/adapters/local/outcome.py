"""What a local run reports: events while it goes on, one outcome per task, one result at the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dagwright.diagnostics import DagwrightError

__all__ = ["LocalRunError", "RunResult", "TaskEvent", "TaskOutcome", "TaskState"]

TaskState = Literal[
    "no_status",
    "running",
    "success",
    "failed",
    "skipped",
    "upstream_failed",
    "up_for_retry",
    "up_for_reschedule",
]
"""Airflow's own names; `no_status` is a task that never started."""


class LocalRunError(DagwrightError):
    """A run that could not start or broke off for another reason than a failed task.

    Attributes:
        log_path: the file with everything Airflow said, None if it said nothing yet.
    """

    def __init__(self, message: str, *, log_path: Path | None = None) -> None:
        super().__init__(message)
        self.log_path = log_path


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskEvent:
    """One task instance that starts, ends or begins to wait.

    Attributes:
        map_index: -1 for a task that is not mapped.
        seconds: running time of this try, None while it runs and for a task that is never executed.
        wait: seconds until the next try or poke, None where nothing is waited for.
    """

    task_id: str
    map_index: int = -1
    state: TaskState
    try_number: int
    seconds: float | None = None
    wait: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskOutcome:
    """How one task instance ended.

    Attributes:
        seconds: running time over all tries, None for a task that was never executed.
        tries: how often it was started.
        log_path: its log file, None for a task that was never executed.
        log_tail: the last lines of that file.
    """

    task_id: str
    map_index: int = -1
    state: TaskState
    tries: int
    seconds: float | None = None
    log_path: Path | None = None
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResult:
    """How the run of one DAG ended.

    Attributes:
        state: Airflow's verdict on the DAG run, which looks at the last tasks only: a run whose clean-up tasks pass
            is a success although a task before them failed. `failed_tasks` tells about all of them.
        tasks: every task instance in topological order.
        deadlocked: tasks are left that can never start.
        log_dir: folder of the task logs and of `run.log`, which holds what Airflow said outside of tasks.
    """

    state: Literal["success", "failed", "interrupted"]
    dag_id: str
    run_id: str
    tasks: tuple[TaskOutcome, ...]
    seconds: float
    deadlocked: bool
    log_dir: Path

    @property
    def failed_tasks(self) -> tuple[TaskOutcome, ...]:
        """The task instances that failed themselves, in topological order."""
        return tuple(task for task in self.tasks if task.state == "failed")
