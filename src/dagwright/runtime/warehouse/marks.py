"""Which run appends: a name for a task that its retries share and no other has; what is said when it returns."""

from __future__ import annotations

import logging
from typing import Any

from dagwright.runtime.warehouse.names import marks_name
from dagwright.runtime.warehouse.table import LoadTable

__all__ = ["LOAD_KEY_TEMPLATE", "load_key", "warn_appended"]

log = logging.getLogger("dagwright.runtime.warehouse")

LOAD_KEY_TEMPLATE = "{{ ti.dag_id }}/{{ run_id }}/{{ ti.task_id }}/{{ ti.map_index }}"


def load_key() -> str:
    """Return the running task's name among all loads.

    Raises:
        RuntimeError: outside a task, from Airflow.
    """
    from airflow.sdk import get_current_context  # only a worker has Airflow

    instance = get_current_context()["ti"]
    return f"{instance.dag_id}/{instance.run_id}/{instance.task_id}/{instance.map_index}"


def warn_appended(table: LoadTable, *, rows: int, at: Any) -> None:
    """Say that the running task has appended its rows already, and what to do to have it append them again."""
    log.warning(
        "this run appended %d rows to '%s' at %s; nothing is appended again (remove its row from '%s' to do so)",
        rows,
        table.shown,
        at,
        f"{table.schema}.{marks_name()}",
    )
