"""examples/warehouse, run as its README says: one command and no server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dagwright import load_project

EXAMPLE = Path(__file__).parents[3] / "examples" / "warehouse"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example, without what a run of it has left."""
    ignored = shutil.ignore_patterns(".dagwright", "*.duckdb", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "warehouse", ignore=ignored))


def run(project: Path, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-m", "dagwright", "run", "dags/rates.dag.yaml", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAGWRIGHT"))}
    done = subprocess.run(
        command, cwd=project, env=clean | environment, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_two_days_in_duckdb(project: Path):
    import duckdb

    run(project, "--logical-date", "2026-01-01")
    run(project, "--logical-date", "2026-01-02")
    with duckdb.connect(str(project / "warehouse.duckdb"), read_only=True) as database:
        counted = "SELECT (SELECT count(*) FROM rates.currencies), count(*), count(DISTINCT day) FROM rates.daily"
        assert database.execute(counted).fetchall() == [(3, 6, 2)]
        fetches = database.execute("SELECT day::varchar, row_count FROM rates.fetches ORDER BY day").fetchall()
    assert fetches == [("2026-01-01", 3), ("2026-01-02", 3)]


@pytest.mark.parametrize("environment", [None, "staging"])
def test_every_environment_is_right(project: Path, environment: str | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")  # another test may have brought Airflow into this process
    found = load_project(project, env=environment)
    assert list(found.diagnostics) == []
    assert [dag.dag_id for dag in found.dags] == ["rates"]
