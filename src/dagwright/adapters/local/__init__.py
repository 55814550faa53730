"""The local runner: one DAG, executed for real in this process, without a scheduler or a server.

Importing this package imports no Airflow, since a home must be prepared before Airflow is first imported:

    with prepare_home(LocalRun()) as home:
        result = run_dag(make_dag, home, on_event=show)
"""

from __future__ import annotations

from dagwright.adapters.local.home import Home, LocalRun, prepare_home
from dagwright.adapters.local.outcome import LocalRunError, RunResult, TaskEvent, TaskOutcome, TaskState
from dagwright.adapters.local.runner import run_dag

__all__ = [
    "Home",
    "LocalRun",
    "LocalRunError",
    "RunResult",
    "TaskEvent",
    "TaskOutcome",
    "TaskState",
    "prepare_home",
    "run_dag",
]
