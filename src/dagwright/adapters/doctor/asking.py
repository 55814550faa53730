"""Asks the installed Airflow what it is told and what it has; of connections only whether they are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from dagwright.adapters.versions import has_importers

__all__ = ["AirflowCannotSayError", "Settings", "folder_of", "missing_connections", "missing_pools", "settings"]


class AirflowCannotSayError(Exception):
    """A setting, a secrets backend or the database fails. Their words may hold secrets: only the class is named."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How Airflow finds DAGs.

    Attributes:
        bundles: `[dag_processor] dag_bundle_config_list`.
        importers: `[dag_processor] dag_importer_configs`.
        dags_folder: `[core] dags_folder`.
    """

    bundles: tuple[dict[str, Any], ...]
    importers: tuple[Any, ...]
    dags_folder: str


def settings() -> Settings:
    """Read Airflow's configuration.

    Raises:
        AirflowCannotSayError: a setting cannot be read.
    """
    from airflow.configuration import conf

    return Settings(
        bundles=tuple(each for each in _listed("dag_bundle_config_list") if isinstance(each, dict)),
        importers=tuple(_listed("dag_importer_configs", is_read=has_importers())),
        dags_folder=conf.get("core", "dags_folder"),
    )


def _listed(key: str, *, is_read: bool = True) -> list[Any]:
    """Return the list that a setting of the DAG processor is; nothing where Airflow does not read a broken one."""
    from airflow.configuration import conf

    try:
        listed = conf.getjson("dag_processor", key, fallback=None)
    except Exception as error:  # noqa: BLE001  see below
        if not is_read:
            return []
        # Airflow has its own class of exception for this, and JSON another.
        raise AirflowCannotSayError(f"[dag_processor] {key} cannot be read ({type(error).__name__})") from None
    return listed if isinstance(listed, list) else []


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
        AirflowCannotSayError: one of them fails, and no other knows the connection.
    """
    from airflow.exceptions import AirflowNotFoundException  # type: ignore[attr-defined]  # its home in all versions
    from airflow.models.connection import Connection

    missing = []
    for name in names:
        try:
            Connection.get_connection_from_secrets(name)
        except AirflowNotFoundException:
            if not _is_there_after_all(name):
                missing.append(name)
        except Exception as error:  # noqa: BLE001  see below
            # Backends are of many makes. What they raise may quote what they were asked with.
            raise _cannot_be_asked("connections", error) from None
    return missing


def _is_there_after_all(name: str) -> bool:
    """Ask for a connection once more: where backends fail, Airflow passes them over and calls it not defined.

    Raises:
        AirflowCannotSayError: one of them fails.
    """
    from airflow.configuration import ensure_secrets_loaded

    try:
        return any(backend.get_connection(conn_id=name) for backend in ensure_secrets_loaded())
    except Exception as error:  # noqa: BLE001  see above
        raise _cannot_be_asked("connections", error) from None


def missing_pools(names: Iterable[str]) -> list[str]:
    """Return the pools that Airflow lacks.

    Raises:
        AirflowCannotSayError: the database fails.
    """
    from airflow.models.pool import Pool

    try:
        return [name for name in names if Pool.get_pool(name) is None]
    except Exception as error:  # noqa: BLE001  see below
        raise _cannot_be_asked("pools", error) from None


def _cannot_be_asked(what: str, error: Exception) -> AirflowCannotSayError:
    return AirflowCannotSayError(f"Airflow cannot be asked for {what} ({type(error).__name__})")
