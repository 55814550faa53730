"""Files to and from web servers, with the standard library alone."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from dagwright.runtime import (
    Parcel,
    PublishError,
    RunError,
    Target,
    TargetTaken,
    current_run,
    publish_files,
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

    def ask(self, method: str, url: str, *, data: Any = None, **headers: str) -> Any:
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
    sending: Mapping[str, Any], connection_id: str, folder: str = "", *, move: bool = True, base: str | None = None
) -> list[dict[str, Any]]:
    """Upload files and return what went where.

    Raises:
        PublishError: when the server refuses one.
    """
    run = current_run()
    mark = hashlib.sha256(repr((run.dag_id, run.run_id, run.task_id)).encode()).hexdigest()[:12]
    target = WebTarget(find_server(connection_id), folder, mark, move=move)
    return rows(publish_files(target, run_workspace(base), **sending))


class WebTarget(Target):
    """A folder of a web server.

    A server without MOVE gets each file in its place, and it is its part to show no half of it.

    Attributes:
        mark: a part of temporary names: what no other run uses, which may send a file of the same name meanwhile, and
            what a retry uses again, which so replaces what a lost worker has left.
    """

    def __init__(self, server: Server, folder: str, mark: str, *, move: bool) -> None:
        self.server = server
        self.folder = folder
        self.mark = mark
        self.move = move

    def uri(self, name: str) -> str:
        """Return the file's address."""
        return self.server.at(self.folder, name)

    def part(self, name: str) -> str:
        """Return the address of a file on its way, for which nobody looks."""
        return self.server.at(self.folder, f".{name}.{self.mark}.part")

    def size(self, name: str) -> int | None:
        """Ask for the file's head."""
        try:
            with self.server.ask("HEAD", self.uri(name)) as response:
                return int(response.headers["Content-Length"])
        except HTTPError as error:
            if error.code != 404:
                raise self.refused(name, error) from error
        except URLError as error:
            raise self.refused(name, error) from error
        return None

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """Open the file."""
        try:
            with self.server.ask("GET", self.uri(name)) as response:
                yield response
        except URLError as error:
            raise self.refused(name, error) from error

    def stage(self, parcel: Parcel) -> None:
        """Upload it under a name that nobody looks for."""
        if self.move:
            self.put(parcel, self.part(parcel.name))

    def show(self, parcel: Parcel, *, replace: bool) -> None:
        """Give it its name."""
        target = self.uri(parcel.name)
        if not self.move:
            self.put(parcel, target, **({} if replace else {"If-None-Match": "*"}))
            return
        there = self.part(parcel.name)
        try:
            self.server.ask("MOVE", there, Destination=target, Overwrite="T" if replace else "F").close()
        except URLError as error:
            raise self.refused(parcel.name, error) from error

    def discard(self, parcel: Parcel) -> None:
        """Remove what was not moved."""
        if self.move:
            with suppress(URLError):
                self.server.ask("DELETE", self.part(parcel.name)).close()

    def put(self, parcel: Parcel, url: str, **headers: str) -> None:
        """Upload it."""
        try:
            with parcel.open() as data:
                self.server.ask("PUT", url, data=data, **{"Content-Length": str(parcel.size), **headers}).close()
        except URLError as error:
            raise self.refused(parcel.name, error) from error

    def refused(self, name: str, error: URLError) -> PublishError:
        """Return what to say of an error."""
        if isinstance(error, HTTPError) and error.code == 412:  # of MOVE and of PUT alike
            return TargetTaken(f"{self.uri(name)} is there already")
        return PublishError(f"cannot publish '{name}' as {self.uri(name)}: {error}")
