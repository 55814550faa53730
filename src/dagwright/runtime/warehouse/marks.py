"""Which run appends: a name for the running task that its retries share and no other task has."""

from __future__ import annotations

__all__ = ["LOAD_KEY_TEMPLATE", "load_key"]

LOAD_KEY_TEMPLATE = "{{ ti.dag_id }}/{{ run_id }}/{{ ti.task_id }}/{{ ti.map_index }}"


def load_key() -> str:
    """Return the running task's name among all loads.

    Raises:
        RuntimeError: outside a task, from Airflow.
    """
    from airflow.sdk import get_current_context  # only a worker has Airflow

    instance = get_current_context()["ti"]
    return f"{instance.dag_id}/{instance.run_id}/{instance.task_id}/{instance.map_index}"
