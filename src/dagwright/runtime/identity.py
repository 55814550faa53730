"""Which task of which DAG run is being executed, as Airflow's context says it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RunIdentity", "current_run"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunIdentity:
    """One task of one DAG run.

    Attributes:
        logical_date: ISO 8601, or empty where the run has none.
    """

    dag_id: str
    run_id: str
    task_id: str
    logical_date: str = ""


def current_run() -> RunIdentity:
    """Return the identity of the running task.

    Raises:
        RuntimeError: outside a task, from Airflow.
    """
    from airflow.sdk import get_current_context  # only a worker has Airflow

    context = get_current_context()
    instance = context["ti"]
    logical_date = context.get("logical_date")
    return RunIdentity(
        dag_id=instance.dag_id,
        run_id=instance.run_id,
        task_id=instance.task_id,
        logical_date="" if logical_date is None else logical_date.isoformat(),
    )
