"""Names in data files: from classes to `type` names, from values to task ids."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["is_dag_id", "is_task_name", "slug", "snake_case", "without_suffix"]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_TASK_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
_DAG_ID = re.compile(r"[A-Za-z0-9_.-]{1,200}")


def snake_case(name: str) -> str:
    """Return a class name as a name in data: `SftpPublisher` → `sftp_publisher`, `HTTPSensor` → `http_sensor`."""
    return _WORD_START.sub("_", name).lower()


def without_suffix(name: str, suffix: str) -> str:
    """Drop a slot's own words from the end of a name: `sftp_publisher` in slot `publisher` → `sftp`."""
    return name.removesuffix(f"_{suffix}")


def slug(text: str) -> str:
    """Return a text as a task id: `out/rates.csv` → `out_rates_csv`; empty where nothing usable is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NOT_IN_NAMES.sub("_", ascii_text).strip("_")


def is_task_name(name: str) -> bool:
    """Say whether Airflow accepts the name for a task and for a TaskGroup alike (which may not have dots)."""
    return _TASK_NAME.fullmatch(name) is not None


def is_dag_id(name: str) -> bool:
    """Say whether Airflow accepts the name as a DAG id."""
    return _DAG_ID.fullmatch(name) is not None
