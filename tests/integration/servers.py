"""Real servers on loopback for tests and the demo: SFTP by asyncssh, S3 by moto, each in a thread of its own.

Nothing here needs pytest; `conftest.py` beside it makes fixtures of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["S3Endpoint", "SftpServer", "s3_server", "sftp_server"]


@dataclass(frozen=True, kw_only=True)
class SftpServer:
    """A running SFTP server, its users shut into `root`.

    Attributes:
        host_key: the public key as a known_hosts line says it.
        operations: what clients asked for, such as `write /out/.a.csv.12.part` or `rename … …`, in order.
        stalls: set at first; cleared by a test that has seen a stall and wants the next upload to go through.
    """

    root: Path
    host: str
    port: int
    user: str
    password: str
    host_key: str
    operations: list[str] = field(default_factory=list)
    stalls: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """The server as a URI without credentials."""
        return f"sftp://{self.host}:{self.port}"

    def connection(self, **changes: object) -> str:
        """Return an Airflow connection as JSON."""
        extra = {"host_key": self.host_key, "look_for_keys": "false"}
        fields: dict[str, object] = {
            "conn_type": "sftp",
            "host": self.host,
            "port": self.port,
            "login": self.user,
            "password": self.password,
            "extra": extra,
        }
        return json.dumps(fields | changes)

    def environment(self, connection_id: str) -> dict[str, str]:
        """Return the environment variable by which Airflow knows the server as a connection."""
        return {f"AIRFLOW_CONN_{connection_id.upper()}": self.connection()}


def _login_class(connections: list[Any], user: str, password: str) -> Any:
    import asyncssh

    class Login(asyncssh.SSHServer):
        def connection_made(self, conn: Any) -> None:
            connections.append(conn)

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, given: str) -> bool:
            return username == user and given == password

    return Login


@dataclass(frozen=True, kw_only=True)
class _Habits:
    """What a server can do and where it breaks; see `sftp_server`."""

    posix_rename: bool
    drop_after: int | None
    stall_after: int | None
    stalls: threading.Event
    full_after: int | None
    full_says: int

    def is_full(self, received: int) -> bool:
        return self.full_after is not None and received > self.full_after

    def breaks(self, channel: Any, received: int) -> Any:
        if self.drop_after is not None and received > self.drop_after:
            channel.get_connection().abort()
        stalls = self.stall_after is not None and received > self.stall_after and self.stalls.is_set()
        return asyncio.Event().wait() if stalls else None


def _files_class(root: Path, habits: _Habits, operations: list[str], opened: list[Any]) -> Any:
    import asyncssh

    class Files(asyncssh.SFTPServer):
        received = 0

        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=os.fsencode(root))

        def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
            if pflags & asyncssh.FXF_WRITE:
                self.received = 0
                operations.append(f"write {os.fsdecode(path)}")
            opened.append(super().open(path, pflags, attrs))
            return opened[-1]

        def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
            self.received += len(data)
            if habits.is_full(self.received):
                # OpenSSH says no more than "Failure" to anything that it has no word for.
                text = "Failure" if habits.full_says == asyncssh.FX_FAILURE else "No space left on device"
                raise asyncssh.SFTPError(habits.full_says, text)
            return habits.breaks(self.channel, self.received) or super().write(file_obj, offset, data)

        def remove(self, path: bytes) -> Any:
            operations.append(f"remove {os.fsdecode(path)}")
            return super().remove(path)

        def rename(self, oldpath: bytes, newpath: bytes) -> Any:
            operations.append(f"rename {os.fsdecode(oldpath)} {os.fsdecode(newpath)}")
            return super().rename(oldpath, newpath)

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
            if not habits.posix_rename:
                raise NotImplementedError  # asyncssh answers: operation unsupported
            operations.append(f"posix_rename {os.fsdecode(oldpath)} {os.fsdecode(newpath)}")
            return super().posix_rename(oldpath, newpath)

    return Files


@contextmanager
def sftp_server(
    root: Path,
    *,
    posix_rename: bool = True,
    drop_after: int | None = None,
    stall_after: int | None = None,
    full_after: int | None = None,
    full_says: int = 4,
    user: str = "partner",
    password: str = "pa:ss@wo/rd %41",
) -> Iterator[SftpServer]:
    """Run an SFTP server.

    Args:
        root: the folder that clients see as `/`.
        posix_rename: whether it can rename over an existing file.
        drop_after: cut the connection once so many bytes of one file have arrived.
        stall_after: do not answer any more once so many bytes of one file have arrived, while `stalls` is set.
        full_after: refuse to write once so many bytes of one file have arrived, as a full disk does.
        full_says: the status with which it refuses: 4 is the "Failure" of most servers, 14 knows what is wrong.
        user: the one user.
        password: its password; the default has every character that is special in a URI.
    """
    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519")
    operations: list[str] = []
    connections: list[Any] = []
    login = _login_class(connections, user, password)
    stalls = threading.Event()
    stalls.set()
    habits = _Habits(
        posix_rename=posix_rename,
        drop_after=drop_after,
        stall_after=stall_after,
        stalls=stalls,
        full_after=full_after,
        full_says=full_says,
    )
    opened: list[Any] = []
    files = _files_class(root, habits, operations, opened)

    async def listen() -> Any:
        return await asyncssh.create_server(
            login, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=files, allow_scp=False
        )

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sftp-server", daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(timeout=30)
    try:
        yield SftpServer(
            root=root,
            host="127.0.0.1",
            port=acceptor.get_port(),
            user=user,
            password=password,
            host_key=" ".join(key.export_public_key().decode().split()[:2]),
            operations=operations,
            stalls=stalls,
        )
    finally:

        async def close() -> None:
            acceptor.close()
            await acceptor.wait_closed()
            for connection in connections:
                connection.abort()
                await connection.wait_closed()
            for file in opened:  # a session that was cut in the middle of an answer leaves them open
                file.close()
            waiting = asyncio.all_tasks() - {asyncio.current_task()}  # answers that stall
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await asyncio.sleep(0.01)  # the loop closes the sockets of aborted connections in its next rounds

        asyncio.run_coroutine_threadsafe(close(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()


@dataclass(frozen=True, kw_only=True)
class S3Endpoint:
    """A running S3 endpoint; any credentials are accepted.

    Attributes:
        url: its HTTP address.
    """

    url: str
    key_id: str = "AKIAEXAMPLEEXAMPLE00"
    secret: str = "moto/se+cret"
    region: str = "eu-central-1"

    def client(self) -> Any:
        """Return a boto3 client that looks at it from outside of Airflow."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            region_name=self.region,
        )

    def create_bucket(self, name: str) -> str:
        """Make a bucket and return its name."""
        self.client().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region})
        return name

    def connection(self) -> str:
        """Return an Airflow connection as JSON."""
        extra = {"endpoint_url": self.url, "region_name": self.region}
        return json.dumps({"conn_type": "aws", "login": self.key_id, "password": self.secret, "extra": extra})

    def environment(self, connection_id: str) -> dict[str, str]:
        """Return the environment variable by which Airflow knows the endpoint as a connection."""
        return {f"AIRFLOW_CONN_{connection_id.upper()}": self.connection()}


@contextmanager
def s3_server() -> Iterator[S3Endpoint]:
    """Run an S3 endpoint."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Endpoint(url=f"http://{host}:{port}")
    finally:
        server.stop()
