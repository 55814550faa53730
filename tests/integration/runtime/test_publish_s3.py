from __future__ import annotations

import hashlib
import logging
import socket
import time
from pathlib import Path
from typing import IO, Any

import botocore.exceptions
import botocore.httpsession
import pytest

from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.publish_s3 import publish_to_s3
from dagwright.runtime.workspace import RunWorkspace
from tests.integration.servers import S3Endpoint

RATES = b"day,rate\n2026-01-01,1.25\n"
BIG = hashlib.sha256(b"seed").digest() * 600_000  # more than two parts of a multipart upload


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/rates.csv").write_bytes(RATES)
    (tmp_path / "out/big.bin").write_bytes(BIG)
    return RunWorkspace(tmp_path)


@pytest.fixture
def known(s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch) -> S3Endpoint:
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", s3.connection())
    return s3


def content(s3: S3Endpoint, bucket: str) -> dict[str, bytes]:
    client = s3.client()
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_files_arrive_whole_and_a_retry_overwrites(workspace, known, caplog):
    caplog.set_level(logging.INFO)
    bucket = known.create_bucket("retry")
    for _ in range(2):
        published = publish_to_s3(
            workspace, ["out/rates.csv", "out/big.bin"], bucket=bucket, prefix="daily/", connection_id="lake"
        )
    assert content(known, bucket) == {"daily/rates.csv": RATES, "daily/big.bin": BIG}
    assert [one.target for one in published] == ["s3://retry/daily/rates.csv", "s3://retry/daily/big.bin"]
    assert [one.sha256 for one in published] == [hashlib.sha256(data).hexdigest() for data in (RATES, BIG)]
    assert published[1].sha256 in caplog.text
    assert known.secret not in caplog.text


class Rewritten(RunWorkspace):
    """A workspace whose files are replaced as soon as somebody has opened them."""

    def open(self, relative: str, mode: str = "rb") -> IO[Any]:
        opened = super().open(relative, mode)
        other = self.local_path / "other"
        other.write_bytes(b"other bytes")
        other.replace(self.local_path / relative)
        return opened


@pytest.mark.parametrize(("name", "data"), [("rates.csv", RATES), ("big.bin", BIG)])
def test_the_digest_is_that_of_what_was_sent(tmp_path, workspace, known, name, data):
    bucket = known.create_bucket(f"sent-{name.partition('.')[0]}")

    (published,) = publish_to_s3(Rewritten(tmp_path), [f"out/{name}"], bucket=bucket, connection_id="lake")

    assert content(known, bucket) == {name: data}
    assert (published.bytes, published.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (tmp_path / "out" / name).read_bytes() == b"other bytes"


@pytest.mark.parametrize("name", ["rates.csv", "big.bin"])
def test_the_digest_of_what_was_sent_twice(tmp_path, workspace, known, name, monkeypatch):
    # The first answer to each PUT gets lost, so that botocore rewinds and sends again.
    send = botocore.httpsession.URLLib3Session.send
    lost: list[str] = []

    def send_twice(self, request):
        answer = send(self, request)
        if request.method == "PUT" and request.url not in lost:
            lost.append(request.url)
            raise botocore.exceptions.ConnectionClosedError(endpoint_url=request.url)
        return answer

    bucket = known.create_bucket(f"twice-{name.partition('.')[0]}")
    monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", send_twice)

    (published,) = publish_to_s3(workspace, [f"out/{name}"], bucket=bucket, connection_id="lake")

    assert lost
    data = (tmp_path / "out" / name).read_bytes()
    assert content(known, bucket) == {name: data}
    assert (published.bytes, published.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_an_empty_file(tmp_path, workspace, known):
    bucket = known.create_bucket("empty")
    (tmp_path / "out/empty").touch()

    (published,) = publish_to_s3(workspace, ["out/empty"], bucket=bucket, connection_id="lake")

    assert content(known, bucket) == {"empty": b""}
    assert (published.bytes, published.sha256) == (0, hashlib.sha256(b"").hexdigest())


def test_the_default_connection(workspace, s3, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", s3.connection())
    bucket = s3.create_bucket("default-connection")
    publish_to_s3(workspace, ["out/rates.csv"], bucket=bucket)
    assert content(s3, bucket) == {"rates.csv": RATES}


def test_nothing_is_published_when_one_file_is_missing(workspace, known):
    bucket = known.create_bucket("one-missing")
    with pytest.raises(WorkspaceError, match=r"'out/nope.csv' is not there"):
        publish_to_s3(workspace, ["out/rates.csv", "out/nope.csv"], bucket=bucket, connection_id="lake")
    assert content(known, bucket) == {}


def test_a_missing_bucket(workspace, known):
    with pytest.raises(PublishError, match=r"s3://no-such-bucket/rates.csv by the connection 'lake': there is no such"):
        publish_to_s3(workspace, ["out/rates.csv"], bucket="no-such-bucket", connection_id="lake")


def test_a_missing_connection(workspace):
    with pytest.raises(PublishError, match="there is no connection 'nobody' for publishing to S3"):
        publish_to_s3(workspace, ["out/rates.csv"], bucket="b", connection_id="nobody")


def test_an_unreachable_endpoint_is_given_up_soon(workspace, known, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gone = S3Endpoint(url=f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", gone.connection())
    started = time.monotonic()
    with pytest.raises(PublishError, match=rf"by the connection 'lake': Could not connect .*:{port}") as caught:
        publish_to_s3(workspace, ["out/rates.csv"], bucket="b", connection_id="lake")
    assert time.monotonic() - started < 30
    assert gone.secret not in str(caught.value)


def test_a_bucket_with_a_folder_in_it(workspace):
    with pytest.raises(PublishError, match="'lake/daily' is no name of a bucket; folders belong into 'prefix'"):
        publish_to_s3(workspace, ["out/rates.csv"], bucket="lake/daily")
