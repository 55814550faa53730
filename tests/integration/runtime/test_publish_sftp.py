from __future__ import annotations

import errno
import hashlib
import logging
import socket
import time
from pathlib import Path

import pytest

from dagwright.runtime import sftp_session
from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.publish_sftp import publish_to_sftp
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


@pytest.fixture
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    # The provider's hook pauses up to ten seconds between its three attempts; their number is not ours to test.
    import airflow.providers.ssh.hooks.ssh as module

    monkeypatch.setattr(module, "stop_after_attempt", lambda attempts: lambda state: True)


def test_a_wrong_host_key(workspace, known, monkeypatch, one_attempt):
    import asyncssh

    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(extra={"host_key": other}))
    with pytest.raises(PublishError, match=r"host key of sftp://\S+ is another one than .*'partner_sftp' expects"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")
    assert known.operations == []


def test_an_unknown_host_key(workspace, known, monkeypatch, one_attempt):
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(extra={"look_for_keys": "false"}))
    with pytest.raises(PublishError, match=r"cannot open a session with sftp://.*not found in known_hosts"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")


def test_wrong_credentials_are_not_repeated(workspace, known, monkeypatch, one_attempt):
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(password="hunter2-secret"))
    with pytest.raises(PublishError, match=r"refuses the credentials of the connection 'partner_sftp'") as caught:
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")
    assert "hunter2" not in str(caught.value)


def test_a_host_key_without_its_type(workspace, known, monkeypatch):
    bare = known.host_key.split()[1]
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_SFTP", known.connection(extra={"host_key": bare}))
    with pytest.raises(PublishError, match=r"'partner_sftp' cannot be used for SFTP: check its host, its 'host_key'"):
        publish_to_sftp(workspace, ["out/rates.csv"], connection_id="partner_sftp")


def test_an_unreachable_server(workspace, known, monkeypatch, one_attempt):
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
