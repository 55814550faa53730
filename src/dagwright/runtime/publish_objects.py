"""Publish into Google Cloud Storage and Azure Blob Storage, through Airflow's ObjectStoragePath.

Both keep what was sent apart until the last request, so an object appears whole. The file objects of fsspec make that
request when they are closed, also by `with` or the garbage collector after an error: here they are given up instead.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from dagwright.runtime.errors import PublishError
from dagwright.runtime.extras import need
from dagwright.runtime.parcels import Parcel
from dagwright.runtime.publication import publish_files
from dagwright.runtime.publishing import CHUNK, Published, rows
from dagwright.runtime.targets import Target, TargetTaken
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["ObjectTarget", "publish_azure_blob", "publish_gcs", "publish_to_azure_blob", "publish_to_gcs"]

_BLOCK = 8 * 1024 * 1024  # what is sent, and kept in memory, at a time
_REQUEST_SECONDS = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class _Store:
    """What differs between the two."""

    title: str
    scheme: str
    extra: str
    modules: tuple[str, ...]
    container: str


_GCS = _Store(
    title="Google Cloud Storage",
    scheme="gs",
    extra="gcs",
    modules=("gcsfs", "airflow.providers.google.cloud.fs.gcs"),
    container="bucket",
)
_AZURE = _Store(
    title="Azure Blob Storage",
    scheme="abfs",
    extra="azure",
    modules=("adlfs", "airflow.providers.microsoft.azure.fs.adls"),
    container="container",
)


def publish_gcs(
    sending: Mapping[str, Any],
    bucket: str,
    prefix: str = "",
    connection_id: str | None = None,
    *,
    base: str | None = None,
) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace into a bucket of Google Cloud Storage.

    Args:
        sending: `files` and how they go out, see `publish_files`.
        bucket: the bucket's name.
        prefix: the names' beginning, a folder with or without its '/'.
        connection_id: a Google Cloud connection; None takes the worker's own credentials.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    workspace = run_workspace(base)
    return rows(publish_to_gcs(workspace, bucket=bucket, prefix=prefix, connection_id=connection_id, **sending))


def publish_azure_blob(
    sending: Mapping[str, Any], container: str, connection_id: str, prefix: str = "", *, base: str | None = None
) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace into a container of Azure Blob Storage.

    Args:
        sending: `files` and how they go out, see `publish_files`.
        container: the container's name.
        connection_id: an Azure Blob Storage connection, which has the account.
        prefix: the names' beginning, a folder with or without its '/'.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    workspace, place = run_workspace(base), {"container": container, "prefix": prefix}
    return rows(publish_to_azure_blob(workspace, connection_id=connection_id, **place, **sending))


def publish_to_gcs(
    workspace: RunWorkspace,
    files: Sequence[str],
    *,
    bucket: str,
    prefix: str = "",
    connection_id: str | None = None,
    **how: Any,
) -> list[Published]:
    """Upload every file; what `how` may say is what `publish_files` takes."""
    return publish_files(ObjectTarget(_GCS, bucket, prefix, connection_id), workspace, files, **how)


def publish_to_azure_blob(
    workspace: RunWorkspace,
    files: Sequence[str],
    *,
    container: str,
    connection_id: str,
    prefix: str = "",
    **how: Any,
) -> list[Published]:
    """Upload every file; what `how` may say is what `publish_files` takes."""
    return publish_files(ObjectTarget(_AZURE, container, prefix, connection_id), workspace, files, **how)


class ObjectTarget(Target):
    """A folder of a bucket or container."""

    def __init__(self, store: _Store, container: str, prefix: str, connection_id: str | None) -> None:
        if not container or "/" in container or "@" in container:
            raise PublishError(f"'{container}' is no name of a {store.container}; folders belong into 'prefix'")
        self._store = store
        self._container = container
        self._folder = "/".join(part for part in (container, prefix.strip("/")) if part)
        self._connection_id = connection_id
        self._via = "the worker's own credentials"
        if connection_id is not None:
            self._via = f"the connection '{connection_id}'"
        self._files: Any = None

    def __enter__(self) -> Self:
        """Find the file system; nothing is asked yet."""
        for module in self._store.modules:
            need(module, extra=self._store.extra)
        sdk = need("airflow.sdk", extra="airflow")
        if self._connection_id is not None:
            self._require_connection(self._connection_id)
        with self._errors():
            path = sdk.ObjectStoragePath(f"{self._store.scheme}://{self._container}", conn_id=self._connection_id)
            self._files = path.fs
            if self._store is _GCS and self._files.requests_timeout is None:
                self._files.requests_timeout = _REQUEST_SECONDS
        return self

    def uri(self, name: str) -> str:
        """Return the object's URI."""
        return f"{self._store.scheme}://{self._folder}/{name}"

    def size(self, name: str) -> int | None:
        """Ask for the object."""
        with self._errors(name):
            found = self._info(name)
        return None if found is None else int(found["size"])

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """Open the object."""
        # Read once from the beginning to the end: a block is kept, no more.
        options = {"block_size": _BLOCK, "cache_type": "readahead"}
        with self._errors(name), self._files.open(self._path(name), "rb", **options) as content:
            yield content

    def show(self, parcel: Parcel, *, replace: bool) -> None:
        """Upload it, where need be on the condition that there is no such object, and look at what arrived."""
        with self._errors(parcel.name):
            try:
                digest = self._upload(parcel, "wb" if replace else "xb")
            except FileExistsError:
                raise TargetTaken(f"{self.uri(parcel.name)} is there already") from None
            arrived = self._info(parcel.name) or {}
        size = parcel.sent[0]
        if arrived.get("size") != size or arrived.get("md5Hash", digest) != digest:
            raise PublishError(
                f"{self.uri(parcel.name)} is not what was sent: {arrived.get('size')} of {size} bytes, "
                f"MD5 {arrived.get('md5Hash')} instead of {digest}"
            )

    def _upload(self, parcel: Parcel, mode: str) -> str:
        """Send a file in blocks and return its MD5, by which Google names what it has."""
        digest = hashlib.md5(usedforsecurity=False)
        writer = self._files.open(self._path(parcel.name), mode, block_size=_BLOCK, **self._options(parcel))
        try:
            with parcel.open() as reader:
                while chunk := reader.read(CHUNK):
                    digest.update(chunk)
                    writer.write(chunk)
        except BaseException:
            _give_up(writer)
            raise
        writer.close()
        return base64.b64encode(digest.digest()).decode()

    def _options(self, parcel: Parcel) -> dict[str, Any]:
        content_type = parcel.content_type or "application/octet-stream"
        if self._store is _GCS:
            return {"content_type": content_type}
        return {"content_settings": {"content_type": content_type}}

    def _info(self, name: str) -> Mapping[str, Any] | None:
        path = self._path(name)
        self._files.invalidate_cache(path)
        try:
            found: Mapping[str, Any] = self._files.info(path)
        except FileNotFoundError:
            return None
        return found if found.get("type") == "file" else None

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _require_connection(self, connection_id: str) -> None:
        sdk = need("airflow.providers.common.compat.sdk", extra=self._store.extra)
        try:
            sdk.BaseHook.get_connection(connection_id)
        except sdk.AirflowNotFoundException as error:
            raise PublishError(
                f"there is no connection '{connection_id}' for publishing to {self._store.title}"
            ) from error

    @contextlib.contextmanager
    def _errors(self, name: str = "") -> Iterator[None]:
        what = f"'{name}' as {self.uri(name)}" if name else f"to {self._store.title}"
        try:
            yield
        except PublishError:
            raise
        except Exception as error:
            # Two file systems over two SDKs: HTTP clients, sign-in libraries and event loops all have their own roots.
            raise PublishError(f"cannot publish {what} by {self._via}: {self._said(error)}") from error

    def _said(self, error: BaseException) -> str:
        cause: BaseException | None = error
        codes = []
        while cause is not None:
            codes += [getattr(cause, name, None) for name in ("status_code", "code", "status", "error_code")]
            cause = cause.__cause__ or cause.__context__
        text = str(error).strip()
        refused = (401, "AuthenticationFailed", "InvalidAuthenticationInfo")
        if any(code in refused for code in codes) or type(error).__name__ in (
            "RefreshError",
            "DefaultCredentialsError",
        ):
            return f"{self._store.title} refuses the credentials"
        if 403 in codes or isinstance(error, PermissionError) or text.startswith("Forbidden"):
            return f"{self._store.title} denies the access"
        if isinstance(error, FileNotFoundError) or 404 in codes:
            return f"there is no such {self._store.container}"
        if isinstance(error, TimeoutError):
            return "it does not answer in time"
        first = re.sub(r"\?\S+", "?…", text.partition("\n")[0])[:300]  # signatures stand in queries
        return f"{first or type(error).__name__}"


def _give_up(writer: Any) -> None:
    """Forget an upload: closing the file would show the part of it that was sent."""
    with contextlib.suppress(Exception):  # what is not forgotten by us is by the server, in a week
        writer.discard()
    writer.closed = True
