"""The names in the generated DAGs."""

from __future__ import annotations

__all__ = ["dag_id", "file_name", "tables_of"]

_PER_FOLDER = 50
_TABLES = ("orders", "customers", "payments", "returns")


def dag_id(number: int) -> str:
    """Return the id of a DAG."""
    return f"flow_{number:05}"


def file_name(number: int, ending: str) -> str:
    """Return the name of a DAG's file: teams have folders."""
    return f"team_{number // _PER_FOLDER:03}/{dag_id(number)}{ending}"


def tables_of(number: int) -> list[str]:
    """Return the tables that a DAG loads."""
    return [f"{table}_{number:05}" for table in _TABLES]
