"""Real processes of Airflow, each with a home of its own: minutes, so that only `make test-airflow` runs them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import terminate_as_interrupt
from tests.airflow.cluster import Cluster, airflow_cluster

collect_ignore_glob = [] if os.environ.get("DAGWRIGHT_TEST_AIRFLOW") == "1" else ["*"]


@dataclass
class Installation:
    """An Airflow with an SQLite database, a DAG folder and no server."""

    root: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def dags(self) -> Path:
        return self.root / "dags"

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def airflow(self, *arguments: str, fails: bool = False) -> str:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAGWRIGHT"))
        }
        ran = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env={
                **environment,
                "AIRFLOW_HOME": str(self.root / "home"),
                "AIRFLOW__API_AUTH__JWT_SECRET": "a" * 64,
                "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                **self.settings,
            },
            cwd=self.root,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=240,
        )
        assert (ran.returncode != 0) is fails, ran.stdout
        return ran.stdout

    def process_dags(self) -> str:
        """Let the DAG processor look at every file once; return what it and its children logged."""
        said = self.airflow("dag-processor", "--num-runs", "1")
        logs = (self.root / "home" / "logs" / "dag_processor").rglob("*.log")
        return said + "".join(log.read_text() for log in logs)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.root / "home" / "airflow.db")) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a fresh database, to be copied."""
    installation = Installation(tmp_path_factory.mktemp("airflow"))
    installation.dags.mkdir()
    installation.airflow("db", "migrate")
    return installation.root / "home"


@pytest.fixture
def installation(tmp_path: Path, migrated: Path) -> Callable[..., Installation]:
    def make(files: dict[str, str], **settings: str) -> Installation:
        made = Installation(tmp_path, settings)
        shutil.copytree(migrated, tmp_path / "home", ignore=shutil.ignore_patterns("airflow.cfg"))
        made.dags.mkdir()
        made.write(files)
        return made

    return make


_CLUSTERS = pytest.StashKey[list[Cluster]]()


@pytest.fixture(scope="session", params=["LocalExecutor", "CeleryExecutor"])
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A whole Airflow of real processes; all tests of a session share the one of their executor."""
    with terminate_as_interrupt(), airflow_cluster(request.param, tmp_path_factory.mktemp(request.param)) as running:
        running_ones = request.config.stash.setdefault(_CLUSTERS, [])
        running_ones.append(running)
        yield running
        running_ones.remove(running)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure's report what the processes said last."""
    report = yield
    if report.failed:
        for running in item.config.stash.get(_CLUSTERS, []):
            report.sections.extend(running.tails())
    return report
