"""Which modules of Airflow a DAG needs: the DAG processor imports them before it forks, where a file names them."""

from __future__ import annotations

from typing import Any

__all__ = ["airflow_modules"]


def airflow_modules(dag: Any) -> tuple[str, ...]:
    """Return the modules of all operators of a DAG; of a class from elsewhere, its nearest base in Airflow."""
    classes = {getattr(task, "operator_class", None) or type(task) for task in dag.tasks}
    found = {"airflow.sdk"}
    for cls in classes:
        modules = (base.__module__ for base in getattr(cls, "__mro__", ()))
        found.update([module for module in modules if module.startswith("airflow.")][:1])
    return tuple(sorted(found))
