"""Where stubs go if nobody says so: a folder of their own in Airflow's DAG folder, found without importing Airflow."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["dags_folder"]


def dags_folder(environ: Mapping[str, str]) -> Path:
    """Return `[core] dags_folder` as the environment and `airflow.cfg` say it."""
    home = os.path.expandvars(os.path.expanduser(environ.get("AIRFLOW_HOME") or "~/airflow"))  # noqa: PTH111
    said = environ.get("AIRFLOW__CORE__DAGS_FOLDER")
    if not said:
        config = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            config.read(environ.get("AIRFLOW_CONFIG") or Path(home, "airflow.cfg"), encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            config.clear()
        said = config.get("core", "dags_folder", fallback="{AIRFLOW_HOME}/dags")
    return Path(os.path.expandvars(os.path.expanduser(said.replace("{AIRFLOW_HOME}", home))))  # noqa: PTH111
