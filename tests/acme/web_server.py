"""A small web server on loopback with GET, PUT, DELETE and WebDAV's MOVE, behind a password, in a thread of its own."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["WebServer", "web_server"]

USER, PASSWORD = "acme", "correct horse"


@dataclass(frozen=True, kw_only=True)
class WebServer:
    """A running server of the files in `root`.

    Attributes:
        operations: what clients asked for, such as `PUT /in/.a.csv.part`, in order.
        refused: methods that are answered with 507.
    """

    root: Path
    port: int
    operations: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def connection(self) -> str:
        """Return an Airflow connection as JSON."""
        fields = {
            "conn_type": "http",
            "host": "127.0.0.1",
            "port": self.port,
            "login": USER,
            "password": PASSWORD,
        }
        return json.dumps(fields)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""

    def _file(self, address: str) -> Path:
        return self.server.web.root / unquote(urlsplit(address).path).lstrip("/")

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _serve(self) -> None:
        web = self.server.web
        web.operations.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        file = self._file(self.path)
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {login}":
            self._answer(401)
        elif self.command in web.refused:
            self._answer(507)
        elif self._is_taken(file):
            self._answer(412)
        elif self.command == "PUT":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
            self._answer(201)
        elif not file.is_file():
            self._answer(404)
        elif self.command == "MOVE":
            file.rename(self._file(self.headers["Destination"]))
            self._answer(204)
        elif self.command == "DELETE":
            file.unlink()
            self._answer(204)
        else:
            self._answer(200, file.read_bytes())

    def _is_taken(self, file: Path) -> bool:
        if self.command == "MOVE" and self.headers.get("Overwrite") == "F":
            return self._file(self.headers["Destination"]).exists()
        return self.headers.get("If-None-Match") == "*" and file.exists()

    do_GET = do_HEAD = do_DELETE = do_PUT = do_MOVE = _serve  # noqa: N815 - http.server's own spelling


class _Server(ThreadingHTTPServer):
    web: WebServer


@contextmanager
def web_server(root: Path) -> Iterator[WebServer]:
    """Serve a folder until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.web = WebServer(root=root, port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.web
        finally:
            server.shutdown()
            thread.join()
