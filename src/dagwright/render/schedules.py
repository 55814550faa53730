"""A DAG's schedule as data becomes what Airflow's `DAG(schedule=...)` takes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, Asset, AssetAll, AssetAny

from dagwright.model.schedule import AssetCondition, Schedule
from dagwright.render import compat

__all__ = ["ScheduleError", "airflow_schedule"]

_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  the zone is what it is for


class ScheduleError(ValueError):
    """Airflow cannot do anything with a schedule."""


def airflow_schedule(schedule: str | Schedule | None, start_date: datetime | None) -> Any:
    """Return the schedule for Airflow.

    Args:
        schedule: what the data says.
        start_date: the DAG's, whose time zone a cron expression follows where it names none, as in Airflow.

    Raises:
        ScheduleError: an expression is no cron expression, or there is no such time zone.
    """
    if isinstance(schedule, str):
        return _checked_cron(schedule)
    if schedule is None or schedule.every is not None:
        return None if schedule is None else schedule.every
    if schedule.assets is None:
        return _timetable(schedule, start_date) if schedule.timezone is not None else _checked_cron(schedule.cron or "")
    assets = _assets(schedule.assets)
    return assets if schedule.cron is None else compat.asset_or_time(assets, _timetable(schedule, start_date))


def _checked_cron(expression: str) -> str:
    problem = compat.cron_problem(expression)
    if problem is not None:
        raise ScheduleError(f"'{expression}' is no cron expression or preset: {problem}")
    return expression


def _timetable(schedule: Schedule, start_date: datetime | None) -> Any:
    """Return what Airflow itself makes of a cron expression for a DAG that starts in the time zone."""
    cron = _checked_cron(schedule.cron or "")
    if schedule.timezone is not None:
        try:
            start_date = _ANY_DAY.replace(tzinfo=ZoneInfo(schedule.timezone))
        except (OSError, ValueError, KeyError) as error:
            raise ScheduleError(f"there is no time zone '{schedule.timezone}'") from error
    return DAG("cron", schedule=cron, start_date=start_date).timetable


def _assets(assets: list[str] | AssetCondition) -> Any:
    if isinstance(assets, list):
        return [Asset(uri) for uri in assets]
    return _condition(assets)


def _condition(condition: str | AssetCondition) -> Any:
    if isinstance(condition, str):
        return Asset(condition)
    if condition.any is not None:
        return AssetAny(*(_condition(each) for each in condition.any))
    return AssetAll(*(_condition(each) for each in condition.all or ()))
