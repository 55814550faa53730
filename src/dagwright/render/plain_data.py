"""Python values as plain JSON, the same in every process."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any

from airflow.sdk import Asset, Param, XComArg

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return a value as JSON has it; what it cannot say becomes a name without an address in memory."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case AbstractSet():
            return sorted((plain(each) for each in value), key=str)
        case list() | tuple():
            return [plain(each) for each in value]
        case Param():
            return {**plain(value.schema), "default": plain(value.value)}
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return _as_text(value)


def _as_text(value: Any) -> str | float:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case PurePath():
            return value.as_posix()
        case Asset():
            return str(value.uri)
        case XComArg():
            return "{{ " + ", ".join(f"{operator.task_id}.{key}" for operator, key in value.iter_references()) + " }}"
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"
