"""The Airflow home of a local run: an embedded SQLite and a configuration that touches nothing outside of it.

Airflow reads its configuration once, at its first import. Everything is therefore said in environment variables,
which also beat whatever `airflow.cfg` and the caller's own `AIRFLOW__…` variables say about a real installation.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dagwright.adapters.local.outcome import LocalRunError

__all__ = ["Home", "LocalRun", "prepare_home"]

_SECRETS_BACKEND = "airflow.secrets.local_filesystem.LocalFilesystemBackend"
_SECRETS_SUFFIXES = (".json", ".yaml", ".yml", ".env")


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """What the user may choose about a local run.

    Attributes:
        home: folder that becomes AIRFLOW_HOME and is kept, its database too; None for one that is thrown away.
        connections: file of connections in Airflow's own format (`.json`, `.yaml` or `.env`).
        variables: file of variables, likewise.
        logical_date: None for now. A naive date counts as UTC.
        run_id: None for the one that Airflow would make for a manual run.
        conf: the run's configuration, which also overrides the DAG's params.
        log_dir: folder of the logs; None for `logs` in a kept home, for a new temporary folder, which is never
            removed, otherwise.
    """

    home: Path | None = None
    connections: Path | None = None
    variables: Path | None = None
    logical_date: datetime | None = None
    run_id: str | None = None
    conf: Mapping[str, Any] = field(default_factory=dict)
    log_dir: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Home:
    """A prepared home; a context manager that removes a throw-away one."""

    path: Path
    log_dir: Path
    options: LocalRun
    throw_away: bool

    def close(self) -> None:
        """Remove a throw-away home, and the log folder if nothing was logged."""
        if self.throw_away:
            shutil.rmtree(self.path, ignore_errors=True)
            if self.log_dir.is_dir() and not any(self.log_dir.iterdir()):
                self.log_dir.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def prepare_home(options: LocalRun) -> Home:
    """Make the home and point this process's environment at it.

    One process has one home, for Airflow reads the environment only once; several DAGs may run in it.

    Raises:
        LocalRunError: Airflow is missing or imported already, or a file of connections or variables is not usable.
    """
    if find_spec("airflow") is None:
        raise LocalRunError("apache-airflow is not installed: pip install 'dagwright[airflow]'")
    if "airflow" in sys.modules:
        raise LocalRunError("a home must be prepared before airflow is imported")
    for what, path in (("connections", options.connections), ("variables", options.variables)):
        if path is None:
            continue
        if not path.is_file():
            raise LocalRunError(f"{what} file '{path}' does not exist")
        if path.suffix.lower() not in _SECRETS_SUFFIXES:
            raise LocalRunError(f"{what} file '{path}' must end in one of {', '.join(_SECRETS_SUFFIXES)}")
    throw_away = options.home is None
    path = Path(tempfile.mkdtemp(prefix="dagwright-home-")) if options.home is None else options.home.resolve()
    if options.log_dir is not None:
        log_dir = options.log_dir.resolve()
    elif throw_away:
        log_dir = Path(tempfile.mkdtemp(prefix="dagwright-logs-"))
    else:
        log_dir = path / "logs"
    no_dags = path / "dagwright-no-dags"
    for folder in (path, log_dir, no_dags):
        folder.mkdir(parents=True, exist_ok=True)
    for name in [name for name in os.environ if _is_overruled(name)]:
        del os.environ[name]
    os.environ.update(_environment(path, no_dags, options))
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "INFO")
    return Home(path=path, log_dir=log_dir, options=options, throw_away=throw_away)


def _is_overruled(name: str) -> bool:
    """Whether a variable describes the database, log or telemetry service of a real installation."""
    return name.startswith(
        ("AIRFLOW__DATABASE__", "AIRFLOW__METRICS__", "AIRFLOW__TRACES__", "AIRFLOW__LOGGING__REMOTE_")
    ) or name in ("AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS", "AIRFLOW__SENTRY__SENTRY_ON")


def _environment(path: Path, no_dags: Path, options: LocalRun) -> dict[str, str]:
    # The bundle is never read; its name is the one that Airflow's own local runs use.
    bundle = {
        "name": "dags-folder",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(no_dags)},
    }
    variables = {
        "DAGWRIGHT_LOCAL_RUN": "1",
        "AIRFLOW_HOME": str(path),
        "AIRFLOW_CONFIG": str(path / "airflow.cfg"),
        "AIRFLOW__API__BASE_URL": "http://localhost:8080",
        # Nothing listens, but the API that tasks talk to does not start without one on 3.2.
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__DAGS_FOLDER": str(no_dags),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(path / "passwords.json"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
        # As on a production database: a connection that nobody defined is missing, not some default.
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{path / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(path / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__JSON_LOGS": "False",
        "AIRFLOW__LOGGING__REMOTE_LOGGING": "False",
        "AIRFLOW__METRICS__OTEL_ON": "False",
        "AIRFLOW__METRICS__STATSD_ON": "False",
        "AIRFLOW__TRACES__OTEL_ON": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    files = {
        key: str(file.resolve())
        for key, file in (
            ("connections_file_path", options.connections),
            ("variables_file_path", options.variables),
        )
        if file is not None
    }
    if files:
        for section in ("SECRETS__BACKEND", "WORKERS__SECRETS_BACKEND"):
            variables[f"AIRFLOW__{section}"] = _SECRETS_BACKEND
            variables[f"AIRFLOW__{section}_KWARGS"] = json.dumps(files)
    return variables
