"""The servers as fixtures and one Airflow home, for every integration test.

Airflow reads its environment at its first import, so the home is there before any test module is imported; the whole
session shares one Airflow.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagwright.adapters.local import Home, LocalRun, prepare_home
from tests.integration.servers import S3Endpoint, SftpServer, s3_server, sftp_server

_HOME = pytest.StashKey[Home]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_HOME] = prepare_home(LocalRun())
    # Only `run_dag` is a local run; everything else is to behave as inside a real Airflow.
    del os.environ["DAGWRIGHT_LOCAL_RUN"]
    # What Airflow and its providers import from others is theirs to mend.
    config.addinivalue_line("filterwarnings", "ignore:The ``noload`` loader strategy is deprecated")
    config.addinivalue_line("filterwarnings", r"ignore:The .airflow\.[\w.]+. attribute is deprecated")


def pytest_unconfigure(config: pytest.Config) -> None:
    home = config.stash[_HOME]
    home.close()
    shutil.rmtree(home.log_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def airflow_home(pytestconfig: pytest.Config) -> Home:
    """The home of this process's Airflow, for `run_dag(make_dag, airflow_home, on_event=...)`."""
    return pytestconfig.stash[_HOME]


@pytest.fixture
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    """An SFTP server with an empty root."""
    root: Path = tmp_path_factory.mktemp("sftp-root")
    with sftp_server(root) as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Endpoint]:
    """An S3 endpoint without buckets, shared by the session: name buckets after the test."""
    with s3_server() as endpoint:
        yield endpoint
