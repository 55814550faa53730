"""The servers as fixtures, for every integration test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.servers import S3Endpoint, SftpServer, s3_server, sftp_server


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
