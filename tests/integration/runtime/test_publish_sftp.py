from __future__ import annotations

import errno
import gzip
import hashlib
import json
import logging
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dagwright.runtime import sftp_session
from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.identity import RunIdentity
from dagwright.runtime.part_names import PartNames
from dagwright.runtime.publish_sftp import ServerTarget, publish_to_sftp
from dagwright.runtime.workspace import RunWorkspace
from tests.integration.servers import SftpServer, sftp_server

RATES = b"day,rate\n2026-01-01,1.25\n"
# Larger than one SSH window, so that it travels in many pieces.
BIG = hashlib.sha256(b"seed").digest() * 130_000


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/rates.csv").write_bytes(RATES)
    (tmp_path / "out/big.bin").write_bytes(BIG)
    return RunWorkspace(tmp_path)


@pytest.fixture
def known(sftp: SftpServer, monkeypatch: pytest.MonkeyPatch) -> SftpServer:
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", sftp.connection())
    return sftp


def visible(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_files_arrive_whole_under_a_temporary_name_first(workspace, known, caplog):
    caplog.set_level(logging.INFO)
    published = publish_to_sftp(
        workspace,
        ["out/rates.csv", "out/big.bin"],
        connection_id="partner_sftp",
        directory="daily/new",
    )
    assert (known.root / "daily/new/rates.csv").read_bytes() == RATES
    assert (known.root / "daily/new/big.bin").read_bytes() == BIG
    assert visible(known.root) == ["daily/new/big.bin", "daily/new/rates.csv"]
    assert [one.sha256 for one in published] == [hashlib.sha256(data).hexdigest() for data in (RATES, BIG)]
    assert [one.bytes for one in published] == [len(RATES), len(BIG)]
    assert published[0].target == f"{known.address}/~/daily/new/rates.csv"
    kinds = [operation.split()[0] for operation in known.operations]
    assert kinds == ["write", "write", "posix_rename", "posix_rename"]
    assert all(operation.endswith(".part") for operation in known.operations[:2])
    assert known.password not in caplog.text
    assert published[1].sha256 in caplog.text


def test_a_retry_replaces_what_is_there(workspace, known):
    (known.root / "rates.csv").write_bytes(b"old and longer than the new one" * 10)
    for _ in range(2):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")
    assert (known.root / "rates.csv").read_bytes() == RATES
    assert visible(known.root) == ["rates.csv"]


def test_host_beats_the_connection_and_brings_its_folder(workspace, known, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(host="nowhere.invalid", port=1))
    published = publish_to_sftp(
        workspace,
        ["out/rates.csv"],
        connection_id="partner_sftp",
        host=f"sftp://{known.host}:{known.port}/inbox",
        directory="2026",
    )
    assert visible(known.root) == ["inbox/2026/rates.csv"]
    assert published[0].target == f"{known.address}/inbox/2026/rates.csv"


def test_nothing_is_published_when_one_file_is_missing(workspace, known):
    with pytest.raises(WorkspaceError, match=r"'out/nope.csv' is not there"):
        publish_to_sftp(workspace, ["out/rates.csv", "out/nope.csv"], connection_id="partner_sftp")
    assert known.operations == []


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_server_without_posix_rename(workspace, tmp_path_factory, monkeypatch, caplog, before):
    root = tmp_path_factory.mktemp("plain")
    if before is not None:
        (root / "rates.csv").write_bytes(before)
    with sftp_server(root, posix_rename=False) as server:
        monkeypatch.setenv("AIRFLOW_CONN_PLAIN", server.connection())
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="plain")
        assert (root / "rates.csv").read_bytes() == RATES
        assert visible(root) == ["rates.csv"]
    assert ("for a moment it is not there" in caplog.text) is (before is not None)


def test_a_dropped_connection_leaves_the_old_file(workspace, tmp_path_factory, monkeypatch):
    root = tmp_path_factory.mktemp("drop")
    (root / "big.bin").write_bytes(b"old")
    with sftp_server(root, drop_after=1_000_000) as server:
        monkeypatch.setenv("AIRFLOW_CONN_DROP", server.connection())
        with pytest.raises(PublishError, match=r"publishing to sftp://127\.0\.0\.1:\d+ .*'drop' failed") as caught:
            publish_to_sftp(workspace, ["out/rates.csv", "out/big.bin"], connection_id="drop")
        assert (root / "big.bin").read_bytes() == b"old"
        assert not (root / "rates.csv").exists()
        assert server.password not in str(caught.value)


def test_a_server_that_stops_answering_is_given_up(workspace, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(sftp_session, "_SILENT_SECONDS", 1)
    root = tmp_path_factory.mktemp("stall")
    with sftp_server(root, stall_after=100_000) as server:
        monkeypatch.setenv("AIRFLOW_CONN_STALL", server.connection())
        started = time.monotonic()
        with pytest.raises(PublishError, match="failed: it does not answer in time"):
            publish_to_sftp(workspace, ["out/big.bin", "out/rates.csv"], connection_id="stall")
        assert time.monotonic() - started < 20
        assert not (root / "big.bin").exists()


def test_temporary_files_are_removed_when_a_rename_is_refused(workspace, known):
    (known.root / "big.bin").mkdir()
    with pytest.raises(PublishError, match=r"'big.bin': that is a folder"):
        publish_to_sftp(workspace, ["out/big.bin"], connection_id="partner_sftp")
    assert visible(known.root) == []


def test_a_folder_that_cannot_be_made(workspace, known):
    (known.root / "inbox").write_bytes(b"a file")
    with pytest.raises(PublishError, match="inbox"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp", directory="inbox/new")


def test_a_wrong_host_key(workspace, known, monkeypatch):
    import asyncssh

    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(extra={"host_key": other}))
    with pytest.raises(PublishError, match=r"host key of sftp://\S+ is another one than .*'partner_sftp' expects"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")
    assert known.operations == []


def test_an_unknown_host_key(workspace, known, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(extra={"look_for_keys": "false"}))
    with pytest.raises(PublishError, match=r"cannot open a session with sftp://.*not found in known_hosts"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")


def test_wrong_credentials_are_not_repeated(workspace, known, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(password="hunter2-secret"))
    with pytest.raises(PublishError, match=r"refuses the credentials of the connection 'partner_sftp'") as caught:
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")
    assert "hunter2" not in str(caught.value)


def test_a_host_key_without_its_type(workspace, known, monkeypatch):
    bare = known.host_key.split()[1]
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(extra={"host_key": bare}))
    with pytest.raises(PublishError, match=r"'partner_sftp' cannot be used for SFTP: check its host, its 'host_key'"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")


def test_an_unreachable_server(workspace, known, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(port=port))
    with pytest.raises(PublishError, match=rf"cannot reach sftp://127\.0\.0\.1:{port} by the connection"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")


def test_a_missing_connection(workspace):
    with pytest.raises(PublishError, match="there is no connection 'nobody' for publishing by SFTP"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="nobody")


def test_a_status_without_a_number_is_what_paramiko_makes_of_an_unknown_operation():
    # The fallback for servers without posix-rename stands on this.
    import paramiko
    from paramiko import Message
    from paramiko.sftp import SFTP_OP_UNSUPPORTED, SFTP_PERMISSION_DENIED

    def number(status: int) -> int | None:
        message = Message()
        message.add_int(status)
        message.add_string("text")
        message.rewind()
        try:
            paramiko.SFTPClient._convert_status(None, message)
        except OSError as error:
            return error.errno
        raise AssertionError

    assert number(SFTP_OP_UNSUPPORTED) is None
    assert number(SFTP_PERMISSION_DENIED) == errno.EACCES


RUN = RunIdentity(dag_id="rates", run_id="manual__1", task_id="publish")


def test_the_next_try_removes_what_a_dropped_connection_left(workspace, tmp_path_factory, monkeypatch):
    root = tmp_path_factory.mktemp("again")
    other = f"{PartNames(replace(RUN, run_id='manual__2')).new('big.bin')}"
    (root / "in").mkdir()
    (root / "in" / other).write_bytes(b"of a run that may be at work")
    with sftp_server(root, drop_after=1_000_000) as server:
        monkeypatch.setenv("AIRFLOW_CONN_DROP", server.connection())
        with pytest.raises(PublishError, match="'drop' failed"):
            publish_to_sftp(workspace, ["out/big.bin"], connection_id="drop", directory="in", run=RUN)
    (left,) = set(visible(root)) - {f"in/{other}"}
    assert left.startswith("in/.big.bin.")
    assert left.endswith(".part")
    with sftp_server(root) as server:
        monkeypatch.setenv("AIRFLOW_CONN_DROP", server.connection())
        publish_to_sftp(workspace, ["out/big.bin"], connection_id="drop", directory="in", run=RUN)
        assert server.operations[0] == f"remove {left}"
    assert visible(root) == sorted([f"in/{other}", "in/big.bin"])
    assert (root / "in/big.bin").read_bytes() == BIG


def test_a_try_that_was_killed_between_two_renames_is_undone(workspace, tmp_path_factory, monkeypatch):
    root = tmp_path_factory.mktemp("killed")
    kept = PartNames(RUN).new("rates.csv").removesuffix(".part") + ".old"
    gone = PartNames(RUN).new("big.bin").removesuffix(".part") + ".old"
    (root / kept).write_bytes(b"the only copy")
    (root / gone).write_bytes(b"older")
    (root / "big.bin").write_bytes(b"newer")
    with sftp_server(root, posix_rename=False) as server:
        monkeypatch.setenv("AIRFLOW_CONN_PLAIN", server.connection())
        publish_to_sftp(workspace, ["out/big.bin"], connection_id="plain", run=RUN)
    assert visible(root) == ["big.bin", "rates.csv"]
    assert (root / "rates.csv").read_bytes() == b"the only copy"


@pytest.mark.parametrize(
    ("says", "message"), [(4, "which may mean that its disk or a quota is full"), (14, "No space left on device")]
)
def test_no_space_left_on_the_server(workspace, tmp_path_factory, monkeypatch, says, message):
    root = tmp_path_factory.mktemp("full")
    (root / "big.bin").write_bytes(b"old")
    with sftp_server(root, full_after=1_000_000, full_says=says) as server:
        monkeypatch.setenv("AIRFLOW_CONN_FULL", server.connection())
        with pytest.raises(
            PublishError, match=rf"publishing to sftp://\S+ by the connection 'full' failed: .*{message}"
        ):
            publish_to_sftp(workspace, ["out/rates.csv", "out/big.bin"], connection_id="full", run=RUN)
    assert visible(root) == ["big.bin"]
    assert (root / "big.bin").read_bytes() == b"old"


@pytest.mark.parametrize("posix_rename", [True, False])
def test_if_exists(workspace, tmp_path_factory, monkeypatch, posix_rename):
    root = tmp_path_factory.mktemp("taken")
    (root / "rates.csv").write_bytes(b"old")
    both = ["out/big.bin", "out/rates.csv"]
    with sftp_server(root, posix_rename=posix_rename) as server:
        monkeypatch.setenv("AIRFLOW_CONN_TAKEN", server.connection())
        with pytest.raises(PublishError, match=r"/rates\.csv is there already, with other content"):
            publish_to_sftp(workspace, both, connection_id="taken", if_exists="error")
        assert visible(root) == ["rates.csv"]
        published = publish_to_sftp(workspace, both, connection_id="taken", if_exists="skip")
        assert [one.skipped for one in published] == [False, True]
        assert (root / "rates.csv").read_bytes() == b"old"
        publish_to_sftp(workspace, both, connection_id="taken")
        asked = len(server.operations)
        publish_to_sftp(workspace, both, connection_id="taken", if_exists="error")  # a retry after its own success
        assert server.operations[asked:] == []
    assert visible(root) == ["big.bin", "rates.csv"]


def test_somebody_else_is_faster(workspace, tmp_path_factory, monkeypatch):
    root = tmp_path_factory.mktemp("faster")
    stage = ServerTarget.stage

    def late(self, parcel):
        stage(self, parcel)
        (root / "rates.csv").write_bytes(b"theirs")

    monkeypatch.setattr(ServerTarget, "stage", late)
    with sftp_server(root) as server:
        monkeypatch.setenv("AIRFLOW_CONN_TAKEN", server.connection())
        with pytest.raises(PublishError, match="is there already, with other content"):
            publish_to_sftp(workspace, ["out/rates.csv"], connection_id="taken", if_exists="error")
    assert visible(root) == ["rates.csv"]
    assert (root / "rates.csv").read_bytes() == b"theirs"


def test_a_folder_that_nobody_may_list(workspace, known, monkeypatch):
    import paramiko

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(paramiko.SFTPClient, "listdir_attr", refuse)
    publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp", run=RUN)
    assert visible(known.root) == ["rates.csv"]


def test_patterns_compression_and_a_manifest(workspace, known):
    published = publish_to_sftp(
        workspace, ["out/*"], connection_id="partner_sftp", directory="in", gzip=True, manifest=True
    )
    assert visible(known.root) == ["in/big.bin.gz", "in/manifest.json", "in/rates.csv.gz"]
    entries = json.loads((known.root / "in/manifest.json").read_bytes())["files"]
    assert [entry["sha256"] for entry in entries] == [one.sha256 for one in published[:2]]
    packed = (known.root / "in/big.bin.gz").read_bytes()
    assert hashlib.sha256(packed).hexdigest() == entries[0]["sha256"]
    assert gzip.decompress(packed) == BIG
    assert known.operations[-1].endswith("manifest.json")


def test_a_host_that_says_nothing_is_given_up_after_one_attempt(workspace, known, monkeypatch):
    # It accepts the connection and is silent, as a dead machine behind a load balancer is.
    monkeypatch.setattr(sftp_session, "_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(port=port))
        started = time.monotonic()
        with pytest.raises(PublishError, match=rf"sftp://127\.0\.0\.1:{port} by the connection 'partner_sftp'"):
            publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")
    assert time.monotonic() - started < 2 + 2
