"""Publish onto an SFTP server, through Airflow's hook."""

from __future__ import annotations

import contextlib
import errno
import logging
import posixpath
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from dagwright.runtime.errors import PublishError
from dagwright.runtime.identity import RunIdentity, current_run
from dagwright.runtime.parcels import Parcel
from dagwright.runtime.part_names import PartNames
from dagwright.runtime.publication import publish_files
from dagwright.runtime.publishing import CHUNK, Published, rows
from dagwright.runtime.sftp_host import SftpHost, parse_sftp_host
from dagwright.runtime.sftp_session import connection_errors, open_session, said
from dagwright.runtime.targets import Target, TargetTaken
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["ServerTarget", "publish_sftp", "publish_to_sftp"]

log = logging.getLogger(__name__)


def publish_sftp(
    sending: Mapping[str, Any],
    connection_id: str,
    host: str | None = None,
    directory: str = "",
    *,
    base: str | None = None,
) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace onto an SFTP server.

    Args:
        sending: `files` and how they go out, see `publish_files`.
        connection_id: an SFTP connection, which has the credentials.
        host: beats the connection's own host; may be a `sftp://` URI with a port and a folder.
        directory: the remote folder, made where it is missing; relative to the host's folder or the login's.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    where: dict[str, Any] = {"connection_id": connection_id, "host": host, "directory": directory}
    return rows(publish_to_sftp(run_workspace(base), run=current_run(), **where, **sending))


def publish_to_sftp(
    workspace: RunWorkspace,
    files: Sequence[str],
    *,
    connection_id: str,
    host: str | None = None,
    directory: str = "",
    run: RunIdentity | None = None,
    **how: Any,
) -> list[Published]:
    """Upload every file beside its target and compare the sizes, then rename them all.

    A reader sees the old file or the new one, never a part of one; where the server does not know how to
    rename over an existing file, the log says so. Temporary files are removed when anything fails.

    Raises:
        PublishError: when the server cannot be reached, refuses, or stops answering.
        WorkspaceError: when a file is not there; then nothing is published.
    """
    place = SftpHost(name="") if not host else parse_sftp_host(host)
    folder = posixpath.join(place.directory, directory)
    return publish_files(ServerTarget(connection_id, place, folder, run), workspace, files, **how)


class ServerTarget(Target):
    """A folder of an SFTP server, made when it is entered."""

    def __init__(self, connection_id: str, place: SftpHost, folder: str, run: RunIdentity | None = None) -> None:
        self._connection_id = connection_id
        self._place = place
        self._folder = folder
        self._parts = PartNames(run)
        self._uploads: dict[str, str] = {}
        self._stack = contextlib.ExitStack()
        self._session: Any = None
        self._shown = ""

    def __enter__(self) -> Self:
        """Open a session, make the folder, and tidy up what an earlier try left in it."""
        with contextlib.ExitStack() as stack:
            self._session, self._shown = stack.enter_context(open_session(self._connection_id, self._place))
            with self._errors():
                self._make_folder()
                self._tidy_up()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Close the session."""
        self._stack.close()

    def uri(self, name: str) -> str:
        """Return the file's URI; `/~/` is the login's folder."""
        path = self._path(name)
        return f"{self._shown}{path}" if path.startswith("/") else f"{self._shown}/~/{path}"

    def size(self, name: str) -> int | None:
        """Ask the server."""
        with self._errors():
            found = self._stat(self._path(name))
        if found is not None and stat.S_ISDIR(found.st_mode or 0):
            raise PublishError(f"cannot publish as '{self._path(name)}': that is a folder on the server")
        return None if found is None else int(found.st_size or 0)

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """Open what is there."""
        with self._errors(), self._session.open(self._path(name), "rb") as content:
            yield content

    def stage(self, parcel: Parcel) -> None:
        """Upload it beside its name, and see that all of it has arrived."""
        part = self._uploads[parcel.name] = posixpath.join(self._folder, self._parts.new(parcel.name))
        with self._errors():
            with parcel.open() as reader, self._session.open(part, "wb") as writer:
                writer.set_pipelined(True)  # without it, every piece waits for the server's answer
                chunk = reader.read(CHUNK)
                while following := reader.read(CHUNK):
                    writer.write(chunk)
                    chunk = following
                writer.set_pipelined(False)  # the last piece waits for all answers, of which one may be an error
                writer.write(chunk)
            arrived = self._session.stat(part).st_size
        if arrived != reader.size:
            raise PublishError(
                f"'{parcel.file}' has {reader.size} bytes, of which {arrived} arrived at {self._shown}; "
                "its disk may be full"
            )

    def show(self, parcel: Parcel, *, replace: bool) -> None:
        """Rename it: over what is there, or where nothing is."""
        part, target = self._uploads[parcel.name], self._path(parcel.name)
        with self._errors():
            if self._is_folder(target):
                raise PublishError(f"cannot publish as '{target}': that is a folder on the server")
            if replace:
                self._rename_over(part, target)
            else:
                self._rename_new(part, target, parcel.name)

    def discard(self, parcel: Parcel) -> None:
        """Remove the upload."""
        part = self._uploads.pop(parcel.name, None)
        if part is not None:
            with (
                self._errors(),
                contextlib.suppress(FileNotFoundError),
            ):  # not even begun, or renamed by an answer that got lost
                self._session.remove(part)

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name)

    def _rename_new(self, part: str, target: str, name: str) -> None:
        try:
            self._session.rename(part, target)  # unlike `posix_rename`, it fails where something is
        except OSError:
            if self._stat(target) is not None:
                raise TargetTaken(f"{self.uri(name)} is there already") from None
            raise

    def _rename_over(self, part: str, target: str) -> None:
        try:
            self._session.posix_rename(part, target)
        except OSError as error:
            # A server without this extension answers with a status that has no number of an error.
            if error.errno is not None:
                raise
        else:
            return
        if self._stat(target) is None:
            self._session.rename(part, target)
            return
        log.warning(
            "the server cannot rename over an existing file: '%s' is taken away and put back as the new one, so that "
            "for a moment it is not there",
            target,
        )
        old = part.removesuffix(".part") + ".old"
        self._session.rename(target, old)
        try:
            self._session.rename(part, target)
        except BaseException:
            with contextlib.suppress(*connection_errors()):
                self._session.rename(old, target)
            raise
        self._session.remove(old)

    def _tidy_up(self) -> None:
        try:
            entries = self._session.listdir_attr(self._folder or ".")
        except OSError:
            return  # a folder into which one may write and not look
        for entry in entries:
            if not self._parts.is_left(entry.filename, entry.st_mtime):
                continue
            path = self._path(entry.filename)
            target = self._path(PartNames.target(entry.filename))
            with contextlib.suppress(OSError):
                if path.endswith(".old") and self._stat(target) is None:
                    self._session.rename(path, target)  # stopped between taking the old file away and the new one
                else:
                    self._session.remove(path)

    def _make_folder(self) -> None:
        """Make the folder and the ones above it; somebody else may make them in the same moment."""
        folder, missing = self._folder, []
        while folder.strip("/") and not self._is_folder(folder):
            missing.append(folder)
            folder = posixpath.dirname(folder.rstrip("/"))
        for one in reversed(missing):
            try:
                self._session.mkdir(one)
            except OSError as error:
                if not self._is_folder(one):
                    raise PublishError(f"cannot make the folder '{one}' on the server: {said(error)}") from error

    def _stat(self, path: str) -> Any:
        try:
            return self._session.stat(path)
        except OSError as error:
            if error.errno == errno.ENOENT:
                return None
            raise

    def _is_folder(self, path: str) -> bool:
        found = self._stat(path)
        return found is not None and stat.S_ISDIR(found.st_mode or 0)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except connection_errors() as error:
            raise PublishError(
                f"publishing to {self._shown} by the connection '{self._connection_id}' failed: {said(error)}"
            ) from error
