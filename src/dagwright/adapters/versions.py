"""Which Airflow is installed, asked without importing it, and what that means for how it finds DAG files."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["airflow_release", "airflow_version", "has_importers", "unsupported_airflow"]

_OLDEST = (3, 1)
_TOO_NEW = (4, 0)
_IMPORTERS = (3, 4)


def airflow_version() -> str | None:
    """Return the installed version of Airflow, None where there is none."""
    # Inside Airflow it is known already; a worker asks this for every task, and looking at packages takes time.
    loaded = getattr(sys.modules.get("airflow"), "__version__", None)
    return loaded if isinstance(loaded, str) else _installed_version()


@cache
def _installed_version() -> str | None:
    for package in ("apache-airflow-core", "apache-airflow"):
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def airflow_release() -> tuple[int, int] | None:
    """Return the installed Airflow's major and minor version."""
    found = re.match(r"(\d+)\.(\d+)", airflow_version() or "")
    return (int(found[1]), int(found[2])) if found is not None else None


def has_importers() -> bool:
    """Say whether the installed Airflow lets an importer read files that are no Python."""
    release = airflow_release()
    return release is not None and release >= _IMPORTERS


def unsupported_airflow() -> str | None:
    """Return why the installed Airflow cannot be used, None where it can."""
    release = airflow_release()
    if release is None:
        return "Airflow is not installed: pip install 'dagwright[airflow]'"
    if _OLDEST <= release < _TOO_NEW:
        return None
    return f"Airflow {airflow_version()} is not supported: Dagwright needs Airflow 3.1 or newer, below 4"
