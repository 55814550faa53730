"""A DAG's schedule as data: cron with a time zone, a fixed interval, assets, or assets and time."""

from datetime import timedelta
from typing import Self

from pydantic import model_validator

from dagwright.model.bases import Component

__all__ = ["AssetCondition", "Schedule"]


class AssetCondition(Component):
    """Assets of which all, or any one, have to be updated: exactly one of the two fields."""

    all: list["str | AssetCondition"] | None = None
    any: list["str | AssetCondition"] | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.all is None) == (self.any is None):
            raise ValueError("give exactly one of 'all' and 'any'")
        return self


class Schedule(Component):
    """When a DAG runs, where a bare cron expression or preset does not say it.

    Attributes:
        cron: a cron expression or preset, read in `timezone`.
        timezone: an IANA name such as `Europe/Berlin`; only with `cron`. Default: Airflow's default time zone.
        every: a fixed interval such as `30m`.
        assets: run when these assets were updated: a list (all of them) or a condition; with `cron`: also then.
    """

    cron: str | None = None
    timezone: str | None = None
    every: timedelta | None = None
    assets: list[str] | AssetCondition | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.every is not None and (self.cron is not None or self.assets is not None):
            raise ValueError("'every' stands alone")
        if self.timezone is not None and self.cron is None:
            raise ValueError("'timezone' goes with 'cron'")
        if self.cron is None and self.every is None and self.assets is None:
            raise ValueError("give 'cron', 'every' or 'assets'")
        return self
