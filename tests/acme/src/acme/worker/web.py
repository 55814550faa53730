"""Files to and from web servers, with the standard library alone."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from dagwright.runtime import (
    Published,
    PublishError,
    RunError,
    log_published,
    plan_sources,
    rows,
    run_workspace,
)

__all__ = ["download", "publish_http"]

TIMEOUT = 60


@dataclass(frozen=True, kw_only=True)
class Server:
    """A web server, as an Airflow connection describes it."""

    address: str
    authorization: str | None

    def at(self, *parts: str) -> str:
        """Return the address of a file, without credentials."""
        return "/".join([self.address, *(quote(part.strip("/")) for part in parts if part.strip("/"))])

    def ask(self, method: str, url: str, *, data: IO[bytes] | None = None, **headers: str) -> Any:
        """Send a request and return its open response."""
        request = Request(url, data=data, method=method, headers=headers)
        if self.authorization is not None:
            request.add_unredirected_header("Authorization", self.authorization)
        return urlopen(request, timeout=TIMEOUT)


def find_server(connection_id: str) -> Server:
    """Return the server of a connection."""
    from airflow.sdk import BaseHook

    connection = BaseHook.get_connection(connection_id)
    scheme = connection.schema or "http"
    if scheme not in {"http", "https"}:
        raise RunError(f"the schema of connection '{connection_id}' is '{scheme}', neither http nor https")
    port = f":{connection.port}" if connection.port else ""
    authorization = None
    if connection.login:
        pair = f"{connection.login}:{connection.password or ''}".encode()
        authorization = f"Basic {base64.b64encode(pair).decode()}"
    return Server(address=f"{scheme}://{connection.host}{port}", authorization=authorization)


def download(file: str, target: str, connection_id: str, *, base: str | None = None) -> str:
    """Fetch one file into the workspace and return its path there."""
    server = find_server(connection_id)
    url = server.at(file)
    try:
        with server.ask("GET", url) as response, run_workspace(base).open(target, "wb") as copy:
            shutil.copyfileobj(response, copy)
    except URLError as error:
        raise RunError(f"cannot fetch {url}: {error}") from error
    return target


def publish_http(
    files: Sequence[str], connection_id: str, folder: str = "", *, move: bool = True, base: str | None = None
) -> list[dict[str, Any]]:
    """Upload files and return what went where.

    Raises:
        PublishError: when the server refuses one.
    """
    workspace = run_workspace(base)
    sources = plan_sources(workspace, files)
    server = find_server(connection_id)
    done = []
    for source in sources:
        target = server.at(folder, source.name)
        there = server.at(folder, f".{source.name}.part") if move else target
        digest = workspace.sha256(source.file)
        try:
            with workspace.open(source.file) as data:
                server.ask("PUT", there, data=data, **{"Content-Length": str(source.size)}).close()
            if move:
                server.ask("MOVE", there, Destination=target, Overwrite="T").close()
        except URLError as error:
            raise PublishError(f"cannot publish '{source.file}' as {target}: {error}") from error
        done.append(Published(file=source.file, target=target, bytes=source.size, sha256=digest))
        log_published(done[-1])
    return rows(done)
