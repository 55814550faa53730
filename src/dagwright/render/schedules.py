"""A DAG's schedule as data becomes what Airflow's `DAG(schedule=...)` takes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, Asset, AssetAll, AssetAny

from dagwright.model.schedule import AssetCondition, Schedule
from dagwright.render import compat

__all__ = ["ScheduleError", "airflow_schedule", "check_cron"]

_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  the zone is what it is for


class ScheduleError(ValueError):
    """Airflow cannot do anything with a schedule."""


def airflow_schedule(schedule: str | Schedule | None, start_date: datetime | None) -> Any:
    """Return the schedule for Airflow.

    Args:
        schedule: what the data says.
        start_date: the DAG's, whose time zone a cron expression follows where it names none, as in Airflow.

    Raises:
        ScheduleError: there is no such time zone, or what stands beside a time zone or assets is no cron expression.
            One that stands by itself comes back as it is, for `check_cron`.
    """
    if schedule is None or isinstance(schedule, str):
        return schedule
    if schedule.every is not None:
        return schedule.every
    if schedule.assets is None:
        return _timetable(schedule, start_date) if schedule.timezone is not None else schedule.cron
    assets = _assets(schedule.assets)
    return assets if schedule.cron is None else compat.asset_or_time(assets, _timetable(schedule, start_date))


def check_cron(expression: str, timetable: Any) -> None:
    """Check what Airflow made of a cron expression or preset; it would say only much later what is wrong with it.

    Raises:
        ScheduleError: it is none.
    """
    problem = compat.cron_problem(expression, timetable)
    if problem is not None:
        raise ScheduleError(f"'{expression}' is no cron expression or preset: {problem}")


def _timetable(schedule: Schedule, start_date: datetime | None) -> Any:
    """Return what Airflow itself makes of a cron expression for a DAG that starts in the time zone."""
    cron = schedule.cron or ""
    if schedule.timezone is not None:
        try:
            start_date = _ANY_DAY.replace(tzinfo=ZoneInfo(schedule.timezone))
        except (OSError, ValueError, KeyError) as error:
            raise ScheduleError(f"there is no time zone '{schedule.timezone}'") from error
    timetable = DAG("cron", schedule=cron, start_date=start_date).timetable
    check_cron(cron, timetable)
    return timetable


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
