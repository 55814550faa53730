"""Servers as fixtures and one Airflow home, for the tests of containers, warehouses and clouds.

The home is that of the integration tests: Airflow reads its environment at its first import, so it is there before any
test module is imported.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration import conftest as integration
from tests.integration.conftest import airflow_home, pytest_unconfigure, s3, sftp
from tests.servers.aws import AwsServer, aws_server
from tests.servers.podman import PodmanServer, podman_server

__all__ = ["airflow_home", "aws", "podman", "pytest_unconfigure", "s3", "sftp"]


def pytest_configure(config: pytest.Config) -> None:
    integration.pytest_configure(config)
    # The Docker provider leaves its connections to the garbage collector.
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(scope="session")
def aws() -> Iterator[AwsServer]:
    """AWS whose ECS really runs what tasks say, shared by the session: name clusters and buckets after the test."""
    with aws_server({"tests.servers.ecs_tasks": {}}) as server:
        yield server


@pytest.fixture(scope="session")
def podman() -> Iterator[PodmanServer]:
    """A Docker engine with one small image, shared by the session."""
    with podman_server() as engine:
        yield engine
