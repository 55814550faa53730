"""A real PostgreSQL on loopback, from the binaries of the operating system: a new cluster in a temporary folder.

    with postgres_server() as server:
        connection = server.create_database("dw").connect()

Debian: `sh tools/debian.sh postgresql`. The server refuses to run as root, so root starts it as `postgres` or,
where there is no such user, as `nobody`.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

__all__ = ["PostgresServer", "find_binaries", "postgres_server"]

_START_SECONDS = 60
# Nothing here has to survive the machine's crash; what a killed client leaves behind does not depend on these.
_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "unix_socket_directories": ""}


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """One database of a running server, as its superuser sees it.

    Attributes:
        password: has every character that is special in a URI.
        binaries: the folder of the server's own programs, such as `psql`.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    binaries: Path

    @property
    def dsn(self) -> str:
        """The address as a URI, the password in it."""
        return self.url("postgresql")

    def url(self, scheme: str) -> str:
        """Return the address with another scheme, such as SQLAlchemy's `postgresql+psycopg`."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"{scheme}://{login}@{self.host}:{self.port}/{quote(self.database, safe='')}"

    def environment(self, connection_id: str) -> dict[str, str]:
        """Return the environment variable by which Airflow knows the database as a connection."""
        return {f"AIRFLOW_CONN_{connection_id.upper()}": self.connection()}

    def connection(self, **changes: object) -> str:
        """Return an Airflow connection as JSON."""
        fields: dict[str, object] = {
            "conn_type": "postgres",
            "host": self.host,
            "port": self.port,
            "login": self.user,
            "password": self.password,
            "schema": self.database,
        }
        return json.dumps(fields | changes)

    def connect(self, **options: Any) -> Any:
        """Return a connection of psycopg's that commits each statement, unless `options` say otherwise."""
        import psycopg

        return psycopg.connect(self.dsn, **{"autocommit": True, "connect_timeout": 10, **options})

    def create_database(self, name: str) -> PostgresServer:
        """Make an empty database and return it."""
        _run(self.binaries / "createdb", [*self._where(), name], {"PGPASSWORD": self.password})
        return replace(self, database=name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        _run(self.binaries / "dropdb", [*self._where(), "--force", name], {"PGPASSWORD": self.password})

    def _where(self) -> list[str]:
        return [f"--host={self.host}", f"--port={self.port}", f"--username={self.user}"]


def find_binaries() -> Path:
    """Return the folder with `initdb` and `postgres`: that of the newest Debian package, or one on the path."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if packaged:
        return packaged[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise FileNotFoundError("there is no PostgreSQL: sh tools/debian.sh postgresql")
    return Path(on_path).resolve().parent


@contextmanager
def postgres_server(settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """Run a server on a free port of 127.0.0.1.

    Args:
        settings: what else its `postgresql.conf` says.
    """
    binaries, owner = find_binaries(), _owner()
    with tempfile.TemporaryDirectory(prefix="dagwright-postgres-") as name:
        folder, password = Path(name), "pg:pa@ss/wo rd%41"
        (folder / "password").write_text(password, encoding="utf-8")
        for path in (folder, folder / "password"):
            if owner is not None:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        _run(
            binaries / "initdb",
            [
                f"--pgdata={folder / 'data'}",
                "--username=tester",
                "--auth=scram-sha-256",
                f"--pwfile={folder / 'password'}",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ],
            {},
            owner,
        )
        server = PostgresServer(
            host="127.0.0.1", port=0, user="tester", password=password, database="postgres", binaries=binaries
        )
        process, server = _start(server, folder, {**_SETTINGS, **(settings or {})}, owner)
        try:
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # an immediate shutdown: nobody needs the data any more
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=30)


def _owner() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")


def _start(
    server: PostgresServer, folder: Path, settings: Mapping[str, str], owner: pwd.struct_passwd | None
) -> tuple[subprocess.Popen[bytes], PostgresServer]:
    log = folder / "log"
    for _ in range(3):  # between the look for a free port and the start somebody else may take it
        server = replace(server, port=_free_port())
        options = [f"-c{name}={value}" for name, value in settings.items()]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    server.binaries / "postgres",
                    "-D",
                    folder / "data",
                    "-h",
                    server.host,
                    "-p",
                    str(server.port),
                    *options,
                ],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment({}),
                start_new_session=True,  # Ctrl-C is for the tests, which then end the server
                **_as(owner),
            )
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            ready: list[str] = [str(server.binaries / "pg_isready"), "-q", "-h", server.host, "-p", str(server.port)]
            if subprocess.run(ready, check=False).returncode == 0:
                return process, server
            time.sleep(0.05)
        process.kill()
        process.wait(timeout=30)
    raise RuntimeError(f"PostgreSQL does not start:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(program: Path, arguments: list[str], more: Mapping[str, str], owner: pwd.struct_passwd | None = None) -> None:
    done = subprocess.run(
        [str(program), *arguments],
        cwd="/",
        env=_environment(more),
        capture_output=True,
        text=True,
        check=False,
        **_as(owner),
    )
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {done.stderr.strip()}")


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    # What says elsewhere how to reach a server is not meant for this one; messages stay in one language.
    return (
        {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"} | dict(more)
    )


def _as(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
