"""Runs a DAG in the session's Airflow and keeps what was announced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from dagwright.adapters.local import Home, RunResult, TaskEvent, TaskOutcome, run_dag

if TYPE_CHECKING:
    from airflow.sdk import DAG


@dataclass(frozen=True)
class Ran:
    result: RunResult
    events: list[TaskEvent]

    @property
    def states(self) -> dict[str, str]:
        return {_name(task): task.state for task in self.result.tasks}

    def task(self, name: str) -> TaskOutcome:
        return next(task for task in self.result.tasks if _name(task) == name)

    def log(self, name: str) -> str:
        path = self.task(name).log_path
        assert path is not None
        return path.read_text()

    def told(self, name: str) -> list[str]:
        return [event.state for event in self.events if _name(event) == name]


Run = Callable[..., Ran]


@pytest.fixture
def run(airflow_home: Home) -> Run:
    """Run a DAG; keyword arguments are options of `LocalRun`."""

    def run(make_dag: Callable[[], DAG], **options: Any) -> Ran:
        home = replace(airflow_home, options=replace(airflow_home.options, **options))
        events: list[TaskEvent] = []
        return Ran(run_dag(make_dag, home, on_event=events.append), events)

    return run


def _name(task: TaskOutcome | TaskEvent) -> str:
    return task.task_id if task.map_index < 0 else f"{task.task_id}@{task.map_index}"
