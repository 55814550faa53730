"""Publishing into Google Cloud Storage and Azure Blob Storage, by gcsfs and adlfs against emulators over HTTP.

`tests/servers/gcs.py` and `tests/servers/azurite.py` say what the emulators do not prove.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import logging
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.hashing import HashingReader
from dagwright.runtime.publish_objects import ObjectTarget, publish_to_azure_blob, publish_to_gcs
from dagwright.runtime.workspace import RunWorkspace
from tests.servers.azurite import AzureServer, azure_server
from tests.servers.gcs import GcsServer, gcs_server

# aiohttp's opinion on the size of the blocks that gcsfs and adlfs send.
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")

RATES = b"day,rate\n2026-01-01,1.25\n"
BIG = hashlib.sha256(b"seed").digest() * 600_000  # several blocks


@pytest.fixture(autouse=True)
def _plain_gcsfs(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its look at the kind of a bucket goes by gRPC, which no emulator answers; it is read at gcsfs's import.
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")


@pytest.fixture(scope="session")
def gcs() -> Iterator[GcsServer]:
    with gcs_server() as server:
        yield server


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    with azure_server(tmp_path_factory.mktemp("azurite")) as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/rates.csv").write_bytes(RATES)
    (tmp_path / "out/big.bin").write_bytes(BIG)
    (tmp_path / "out/empty").touch()
    return RunWorkspace(tmp_path)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A bucket or a container of its own for each test."""

    uri: str
    publish: Callable[..., Any]
    content: Callable[[], dict[str, bytes]]
    types: Callable[[], dict[str, str]]
    put: Callable[[str, bytes], None]


def gcs_place(server: GcsServer, name: str) -> Place:
    server.create_bucket(name)

    def publish(workspace: RunWorkspace, *files: str, **how: Any) -> Any:
        return publish_to_gcs(workspace, files, **{"bucket": name, "connection_id": "lake", **how})

    return Place(
        uri=f"gs://{name}",
        publish=publish,
        content=lambda: server.content(name),
        types=lambda: {key: server.content_type(name, key) for key in server.content(name)},
        put=lambda key, data: server.put(name, key, data),
    )


def azure_place(server: AzureServer, name: str) -> Place:
    client = server.container(name)

    def publish(workspace: RunWorkspace, *files: str, **how: Any) -> Any:
        return publish_to_azure_blob(workspace, files, **{"container": name, "connection_id": "lake", **how})

    return Place(
        uri=f"abfs://{name}",
        publish=publish,
        content=lambda: {blob.name: client.download_blob(blob.name).readall() for blob in client.list_blobs()},
        types=lambda: {blob.name: blob.content_settings.content_type for blob in client.list_blobs()},
        put=lambda key, data: client.upload_blob(key, data, overwrite=True),
    )


@pytest.fixture(params=["gcs", "azure"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    server = request.getfixturevalue(request.param)
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", server.connection())
    forget_file_systems(monkeypatch)
    name = f"test-{hashlib.md5(request.node.name.encode()).hexdigest()[:12]}"
    return (gcs_place if request.param == "gcs" else azure_place)(server, name)


def forget_file_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's process runs one task; this one runs many, whose connections differ."""
    import fsspec
    from airflow.sdk.io import store

    monkeypatch.setattr(store, "_STORE_CACHE", {})
    for module, name in (("gcsfs", "GCSFileSystem"), ("adlfs", "AzureBlobFileSystem")):
        getattr(__import__(module), name).clear_instance_cache()
    fsspec.config.conf.clear()


def test_files_arrive_whole_and_a_retry_overwrites(place, workspace, caplog):
    caplog.set_level(logging.INFO, "dagwright")
    for _ in range(2):
        published = place.publish(workspace, "out/*", prefix="/daily/")
    assert place.content() == {"daily/big.bin": BIG, "daily/empty": b"", "daily/rates.csv": RATES}
    assert [one.target for one in published] == [
        f"{place.uri}/daily/{name}" for name in ("big.bin", "empty", "rates.csv")
    ]
    assert [one.sha256 for one in published] == [hashlib.sha256(data).hexdigest() for data in (BIG, b"", RATES)]
    assert published[0].sha256 in caplog.text


def test_compressed_files_and_a_manifest(place, workspace):
    place.publish(workspace, "out/*", gzip=True, manifest=True)
    content = place.content()
    assert gzip.decompress(content["big.bin.gz"]) == BIG
    assert place.types()["big.bin.gz"] == "application/gzip"
    assert place.types()["manifest.json"] == "application/json"
    entries = json.loads(content["manifest.json"])["files"]
    assert [(entry["target"], entry["sha256"]) for entry in entries] == [
        (f"{place.uri}/{name}", hashlib.sha256(content[name]).hexdigest())
        for name in ("big.bin.gz", "empty.gz", "rates.csv.gz")
    ]


def test_if_exists(place, workspace):
    place.put("rates.csv", b"old")
    with pytest.raises(PublishError, match=r"/rates\.csv is there already, with other content"):
        place.publish(workspace, "out/*", if_exists="error")
    assert place.content() == {"rates.csv": b"old"}
    published = place.publish(workspace, "out/*", if_exists="skip")
    assert [one.skipped for one in published] == [False, False, True]
    place.publish(workspace, "out/*")
    place.publish(workspace, "out/*", if_exists="error")  # a retry after its own success
    assert place.content() == {"big.bin": BIG, "empty": b"", "rates.csv": RATES}


@pytest.mark.parametrize("name", ["rates.csv", "big.bin", "empty"])
def test_somebody_else_is_faster(place, workspace, monkeypatch, name):
    # The server itself refuses: our look was before theirs came.
    place.put(name, b"theirs")
    looked: list[str] = []
    size = ObjectTarget.size

    def nothing_there(self: ObjectTarget, name: str) -> int | None:
        looked.append(name)
        return None if len(looked) == 1 else size(self, name)

    monkeypatch.setattr(ObjectTarget, "size", nothing_there)
    with pytest.raises(PublishError, match="is there already, with other content"):
        place.publish(workspace, f"out/{name}", if_exists="error")
    assert place.content() == {name: b"theirs"}


def test_half_a_file_is_never_seen(place, workspace, monkeypatch):
    # The worker fails in the middle of reading: what was sent is given up, also by the garbage collector.
    place.put("big.bin", b"old")
    read = HashingReader.read

    def break_off(self: HashingReader, size: int | None = -1) -> bytes:
        if self.size > 10_000_000:
            raise OSError("the disk is gone")
        return read(self, size)

    monkeypatch.setattr(HashingReader, "read", break_off)
    with pytest.raises(PublishError, match="the disk is gone"):
        place.publish(workspace, "out/big.bin")
    gc.collect()
    time.sleep(0.5)  # gcsfs closes what was collected in a thread of its own
    assert place.content() == {"big.bin": b"old"}


def test_nothing_is_published_when_one_file_is_missing(place, workspace):
    with pytest.raises(WorkspaceError, match=r"'out/nope.csv' is not there"):
        place.publish(workspace, "out/rates.csv", "out/nope.csv")
    assert place.content() == {}


def test_a_missing_place(place, workspace):
    field = "bucket" if place.uri.startswith("gs") else "container"
    with pytest.raises(PublishError, match=rf"by the connection 'lake': there is no such {field}"):
        place.publish(workspace, "out/rates.csv", **{field: "no-such-place"})


def test_a_missing_connection(place, workspace):
    with pytest.raises(PublishError, match="there is no connection 'nobody' for publishing to"):
        place.publish(workspace, "out/rates.csv", connection_id="nobody")


def test_expired_credentials_of_google(gcs, workspace, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", gcs.connection())
    forget_file_systems(monkeypatch)
    monkeypatch.setattr("asyncio.sleep", quick_sleep())  # gcsfs tries six times, with pauses of half a minute
    monkeypatch.setattr(gcs, "refuses", 401)
    with pytest.raises(PublishError, match="by the connection 'lake': Google Cloud Storage refuses the credentials"):
        publish_to_gcs(workspace, ["out/rates.csv"], bucket="b", connection_id="lake")


def test_wrong_credentials_of_azure(azure, workspace, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    key = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", azure.connection(AccountKey=key))
    forget_file_systems(monkeypatch)
    azure.container("wrong-key")
    with pytest.raises(PublishError, match=r"Azure Blob Storage (refuses the credentials|denies the access)") as caught:
        publish_to_azure_blob(workspace, ["out/rates.csv"], container="wrong-key", connection_id="lake")
    assert key not in caplog.text + "".join(traceback.format_exception(caught.value))


def quick_sleep() -> Callable[..., Any]:
    import asyncio

    sleep = asyncio.sleep

    async def quick(seconds: float, *rest: Any) -> Any:
        return await sleep(min(seconds, 0.01), *rest)

    return quick


def test_an_unreachable_server_of_google(workspace, monkeypatch):
    monkeypatch.setattr("asyncio.sleep", quick_sleep())
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gone = GcsServer(url=f"http://127.0.0.1:{port}", storage=None)
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", gone.connection())
    forget_file_systems(monkeypatch)
    started = time.monotonic()
    with pytest.raises(PublishError, match=rf"by the connection 'lake': Cannot connect to host 127\.0\.0\.1:{port}"):
        publish_to_gcs(workspace, ["out/rates.csv"], bucket="b", connection_id="lake")
    assert time.monotonic() - started < 30
