"""A real Redis on loopback, from the binary of the operating system; it keeps nothing.

    with redis_server() as url:
        connection = redis.Redis.from_url(url)

Debian: `sh tools/debian.sh redis-server`.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["redis_server"]

_START_SECONDS = 60


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server on a free port of 127.0.0.1 and give its address as a URL."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise FileNotFoundError("there is no Redis: sh tools/debian.sh redis-server")
    with tempfile.TemporaryDirectory(prefix="dagwright-redis-") as name:
        process, port = _start(binary, Path(name))
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()  # nobody needs the data any more
            process.wait(timeout=30)


def _start(binary: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "log"
    for _ in range(3):  # between the look for a free port and the start somebody else may take it
        port = _free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [binary, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests, which then end the server
            )
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if _answers(port):
                return process, port
            time.sleep(0.05)
        process.kill()
        process.wait(timeout=30)
    raise RuntimeError(f"Redis does not start:\n{log.read_text(errors='replace')[-2000:]}")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
