"""The files of deploy/, and where those of others lie that they are checked against."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"
HELP = "make check-deploy CHART=... COMPOSE_SCHEMA=... names it"


def named(variable: str, what: str) -> Path:
    """Return the file or folder that a variable of the environment names, or skip the test."""
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{what} is not here: {HELP}")
    return Path(path)


@pytest.fixture
def chart() -> Path:
    """The folder of Airflow's Helm chart, which is no part of this repository."""
    return named("DAGWRIGHT_CHART", "Airflow's Helm chart")


@pytest.fixture
def compose_schema() -> Path:
    """The JSON schema of Compose files, which is no part of this repository."""
    return named("DAGWRIGHT_COMPOSE_SCHEMA", "the schema of Compose files")
