"""Asks the installed Airflow what it is told and what it has; of connections only whether they are there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["AirflowCannotSayError", "Settings", "folder_of", "missing_connections", "missing_pools", "settings"]


class AirflowCannotSayError(Exception):
    """A secrets backend or the database fails. Its own words may hold secrets, so only the class is named."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How Airflow finds DAGs.

    Attributes:
        bundles: `[dag_processor] dag_bundle_config_list`.
        importers: `[dag_processor] dag_importer_configs`, as text.
        dags_folder: `[core] dags_folder`.
    """

    bundles: tuple[dict[str, Any], ...]
    importers: str
    dags_folder: str


def settings() -> Settings:
    """Read Airflow's configuration."""
    from airflow.configuration import conf

    try:
        bundles = conf.getjson("dag_processor", "dag_bundle_config_list", fallback=[])
    except Exception as error:  # noqa: BLE001  see below
        # Airflow has its own class of exception for this, and JSON another.
        raise AirflowCannotSayError(type(error).__name__) from None
    importers = conf.get("dag_processor", "dag_importer_configs", fallback="") or ""
    listed = bundles if isinstance(bundles, list) else []
    return Settings(
        bundles=tuple(bundle for bundle in listed if isinstance(bundle, dict)),
        importers=importers + json.dumps([bundle.get("importers") for bundle in listed if isinstance(bundle, dict)]),
        dags_folder=conf.get("core", "dags_folder"),
    )


def folder_of(bundle: dict[str, Any]) -> Path | None:
    """Return where a bundle keeps what it fetches; None where it cannot be made."""
    module, _, name = str(bundle.get("classpath")).rpartition(".")
    try:
        made = getattr(import_module(module), name)(**{**(bundle.get("kwargs") or {}), "name": bundle.get("name")})
        return Path(made.path)
    except Exception:  # noqa: BLE001  bundles are of many makes; the DAG processor says what is wrong with one
        return None


def missing_connections(names: Iterable[str]) -> list[str]:
    """Return the connections that no secrets backend, environment variable or database knows.

    Raises:
        AirflowCannotSayError: one of them fails.
    """
    from airflow.exceptions import AirflowNotFoundException  # type: ignore[attr-defined]  # its home in all versions
    from airflow.models.connection import Connection

    missing = []
    for name in names:
        try:
            Connection.get_connection_from_secrets(name)
        except AirflowNotFoundException:
            missing.append(name)
        except Exception as error:  # noqa: BLE001  see below
            # Backends are of many makes. What they raise may quote what they were asked with.
            raise AirflowCannotSayError(type(error).__name__) from None
    return missing


def missing_pools(names: Iterable[str]) -> list[str]:
    """Return the pools that Airflow lacks.

    Raises:
        AirflowCannotSayError: the database fails.
    """
    from airflow.models.pool import Pool

    try:
        return [name for name in names if Pool.get_pool(name) is None]
    except Exception as error:  # noqa: BLE001  see below
        raise AirflowCannotSayError(type(error).__name__) from None
