"""The fields of a DAG factory as arguments of Airflow's `DAG`."""

from __future__ import annotations

from typing import Any

from dagwright.model.dag_factory import DagFactory
from dagwright.render.errors import Reporter

__all__ = ["dag_arguments"]


def dag_arguments(factory: DagFactory, reporter: Reporter) -> dict[str, Any]:
    dag_id = reporter.loaded.dag_id if reporter.loaded is not None else factory.dag_id
    return {"dag_id": dag_id, "schedule": factory.schedule}
