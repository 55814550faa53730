from __future__ import annotations

import gzip
import hashlib
import json
import logging
import re
import socket
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import botocore.exceptions
import botocore.httpsession
import pytest

from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.file_patterns import find_files
from dagwright.runtime.publish_s3 import publish_to_s3
from dagwright.runtime.workspace import RunWorkspace, open_workspace
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


def test_compressed_files_say_what_they_are(workspace, known):
    bucket = known.create_bucket("compressed")
    publish_to_s3(
        workspace, ["out/*.csv", "out/big.bin"], bucket=bucket, connection_id="lake", gzip=True, manifest=True
    )
    client = known.client()
    heads = {key: client.head_object(Bucket=bucket, Key=key) for key in content(known, bucket)}
    assert {key: head["ContentType"] for key, head in heads.items()} == {
        "rates.csv.gz": "application/gzip",
        "big.bin.gz": "application/gzip",
        "manifest.json": "application/json",
    }
    # An encoding would let clients unpack it behind the back of whoever compares the digest.
    assert all("ContentEncoding" not in head for head in heads.values())
    assert gzip.decompress(content(known, bucket)["big.bin.gz"]) == BIG
    entries = {entry["target"]: entry for entry in json.loads(content(known, bucket)["manifest.json"])["files"]}
    packed = content(known, bucket)["big.bin.gz"]
    assert entries[f"s3://{bucket}/big.bin.gz"]["sha256"] == hashlib.sha256(packed).hexdigest()


def test_if_exists(workspace, known):
    bucket = known.create_bucket("if-exists")
    both = ["out/big.bin", "out/rates.csv"]
    known.client().put_object(Bucket=bucket, Key="rates.csv", Body=b"old")
    with pytest.raises(PublishError, match=r"s3://if-exists/rates\.csv is there already, with other content"):
        publish_to_s3(workspace, both, bucket=bucket, connection_id="lake", if_exists="error")
    assert content(known, bucket) == {"rates.csv": b"old"}
    published = publish_to_s3(workspace, both, bucket=bucket, connection_id="lake", if_exists="skip")
    assert [one.skipped for one in published] == [False, True]
    assert content(known, bucket) == {"rates.csv": b"old", "big.bin": BIG}
    publish_to_s3(workspace, both, bucket=bucket, connection_id="lake")
    publish_to_s3(workspace, both, bucket=bucket, connection_id="lake", if_exists="error")
    assert content(known, bucket) == {"rates.csv": RATES, "big.bin": BIG}


@pytest.mark.parametrize("name", ["rates.csv", "big.bin"])  # one request, and several parts
@pytest.mark.parametrize("theirs", [b"theirs", None])
def test_somebody_else_is_faster(workspace, known, monkeypatch, *, name, theirs):
    # Between our look and the request that completes the upload, the key appears.
    bucket = known.create_bucket(f"faster-{name[:3]}-{theirs is None}".lower())
    mine = {"rates.csv": RATES, "big.bin": BIG}[name]
    send = botocore.httpsession.URLLib3Session.send
    seen: list[str] = []

    def late(self, request):
        completes = request.method in ("PUT", "POST") and not re.search(r"partNumber|uploads$", request.url)
        if completes and not seen:
            seen.append(request.method)
            known.client().put_object(Bucket=bucket, Key=name, Body=mine if theirs is None else theirs)
        return send(self, request)

    monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", late)
    if theirs is None:
        (published,) = publish_to_s3(workspace, [f"out/{name}"], bucket=bucket, connection_id="lake", if_exists="error")
        assert published.sha256 == hashlib.sha256(mine).hexdigest()
    else:
        with pytest.raises(PublishError, match="is there already, with other content"):
            publish_to_s3(workspace, [f"out/{name}"], bucket=bucket, connection_id="lake", if_exists="error")
    monkeypatch.undo()
    assert seen
    assert content(known, bucket) == {name: mine if theirs is None else theirs}


class Refusing(BaseHTTPRequestHandler):
    """Answers as S3 does to credentials whose time is over, with everything that it got."""

    def refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><Error><Code>ExpiredToken</Code><Message>The provided token has '
            f"expired.</Message><Token-0>{self.headers.get('x-amz-security-token')}</Token-0></Error>"
        ).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_PUT = do_POST = do_HEAD = do_GET = refuse  # noqa: N815  the names that the standard library calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("if_exists", ["overwrite", "error"])
def test_expired_credentials(workspace, monkeypatch, caplog, if_exists):
    caplog.set_level(logging.DEBUG, "dagwright")
    token, secret = "IQoJb3JpZ2luX2VjEXAMPLE", "moto/se+cret"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    extra = {"endpoint_url": f"http://127.0.0.1:{server.server_port}", "aws_session_token": token}
    extra["region_name"] = "eu-central-1"
    connection = {"conn_type": "aws", "login": "ASIAEXAMPLE", "password": secret, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps(connection))
    try:
        with pytest.raises(PublishError) as caught:
            publish_to_s3(workspace, ["out/rates.csv"], bucket="b", connection_id="lake", if_exists=if_exists)
    finally:
        server.shutdown()
        server.server_close()
    # A look has no body in its answer, so S3 cannot say what is wrong.
    said = r"S3 refuses the credentials \(ExpiredToken\)" if if_exists == "overwrite" else "S3 answers '400'"
    assert re.search(said, str(caught.value))
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert token not in shown
    assert secret not in shown


def test_files_of_a_workspace_in_an_object_store(known):
    bucket = known.create_bucket("patterns")
    there = open_workspace(f"s3://lake@{bucket}/base", "daily", "manual__1")
    assert find_files(there, "out/*.csv") == []  # a listing that must not be remembered
    for name in ("top.csv", "out/b.csv", "out/a.csv", "out/deep/c.csv", "out/.hidden.csv", "outer/d.csv"):
        known.client().put_object(Bucket=bucket, Key=f"base/daily/manual__1/{name}", Body=name.encode())
    assert find_files(there, "out/*.csv") == ["out/a.csv", "out/b.csv"]
    assert find_files(there, "out/**/*.csv") == ["out/a.csv", "out/b.csv", "out/deep/c.csv"]
    assert find_files(there, "*.csv") == ["top.csv"]
    published = publish_to_s3(there, ["out/?.csv"], bucket=bucket, prefix="public", connection_id="lake", gzip=True)
    assert [one.target for one in published] == [f"s3://{bucket}/public/{name}.csv.gz" for name in "ab"]
    assert gzip.decompress(content(known, bucket)["public/a.csv.gz"]) == b"out/a.csv"
