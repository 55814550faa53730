"""Google Cloud Storage on loopback: the emulator of the test dependencies, with what it lacks and gcsfs asks for.

What this does not prove: anything about Google's own servers. The condition "only if there is no such object" and the
refusal of credentials are written here, after the documentation of the JSON API; the emulator knows neither.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["GcsServer", "gcs_server"]


@dataclass(kw_only=True)
class GcsServer:
    """A running server; any credentials are accepted unless `refuses` says a status.

    Attributes:
        url: its HTTP address.
        refuses: the status that every request gets, such as 401 for expired credentials.
        breaks_after: the number of a request for an upload from which on connections are cut.
        before_upload: called with the object's name before an upload is looked at, for those who are faster.
    """

    url: str
    storage: Any
    refuses: int | None = None
    breaks_after: int | None = None
    uploads: list[str] = field(default_factory=list)
    before_upload: Any = None

    def connection(self) -> str:
        """Return an Airflow connection as JSON."""
        extra = {"is_anonymous": True, "gcs.endpoint": self.url, "project": "acme"}
        return json.dumps({"conn_type": "google_cloud_platform", "extra": extra})

    def create_bucket(self, name: str) -> str:
        """Make a bucket and return its name."""
        self.storage.create_bucket(name, {"name": name})
        return name

    def put(self, bucket: str, name: str, content: bytes) -> None:
        """Make an object, as somebody else would."""
        from gcp_storage_emulator.handlers.objects import _checksums, _make_object_resource

        made = _make_object_resource(self.url, bucket, name, "text/plain", str(len(content)))
        self.storage.create_file(bucket, name, content, _checksums(content, made))

    def content(self, bucket: str) -> dict[str, bytes]:
        """Return the objects of a bucket."""
        return {name: self.storage.get_file(bucket, name) for name in self.storage.objects.get(bucket, {})}

    def content_type(self, bucket: str, name: str) -> str:
        """Return what the object says about itself."""
        return str(self.storage.objects[bucket][name]["contentType"])


class _TakenError(Exception):
    """There is such an object, and the request wants none to be there."""


def _handler_class(state: dict[str, GcsServer]) -> Any:
    from gcp_storage_emulator.server import RequestHandler

    class Handler(RequestHandler):  # type: ignore[misc]  # ships no annotations
        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except _TakenError:
                self.answer(412, "At least one of the pre-conditions you specified did not hold.")
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def answer(self, status: int, message: str) -> None:
            body = json.dumps({"error": {"code": status, "message": message}}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def parse_request(self) -> bool:
            if not super().parse_request():
                return False
            server = state["server"]
            parts = urlsplit(self.path)
            if server.refuses is not None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.answer(server.refuses, "Invalid Credentials")
                return False
            if self.command == "DELETE" and parts.path.startswith("/upload/"):
                self.answer(499, "the upload is given up")  # what the documentation calls success
                return False
            if self.command in ("POST", "PUT") and parts.path.startswith("/upload/"):
                server.uploads.append(self.path)
                if server.breaks_after is not None and len(server.uploads) > server.breaks_after:
                    self.close_connection = True
                    return False
                if server.before_upload is not None:
                    server.before_upload()
                server.storage.only_new = parse_qs(parts.query).get("ifGenerationMatch") == ["0"]
            return True

    return Handler


def _storage() -> Any:
    from gcp_storage_emulator.storage import Storage

    class Strict(Storage):  # type: ignore[misc]  # ships no annotations
        only_new = False

        def _refuse(self, bucket: str, name: str) -> None:
            if self.only_new and name in self.objects.get(bucket, {}):
                raise _TakenError

        def create_file(self, bucket: str, name: str, *rest: Any) -> Any:
            self._refuse(bucket, name)
            self.only_new = False
            return super().create_file(bucket, name, *rest)

        def create_resumable_upload(self, bucket: str, name: str, *rest: Any) -> Any:
            self._refuse(bucket, name)
            return super().create_resumable_upload(bucket, name, *rest)

    return Strict(use_memory_fs=True)


@contextmanager
def gcs_server() -> Iterator[GcsServer]:
    """Run a server."""
    storage, state = _storage(), dict[str, GcsServer]()
    httpd = HTTPServer(("127.0.0.1", 0), partial(_handler_class(state), storage))
    state["server"] = GcsServer(url=f"http://127.0.0.1:{httpd.server_port}", storage=storage)
    thread = threading.Thread(target=httpd.serve_forever, name="gcs-server", daemon=True)
    thread.start()
    try:
        yield state["server"]
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(timeout=30)
