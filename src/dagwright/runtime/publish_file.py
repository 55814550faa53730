"""Publish into a folder that the worker can see."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import unquote, urlsplit

from dagwright.runtime.errors import PublishError
from dagwright.runtime.identity import RunIdentity, current_run
from dagwright.runtime.parcels import Parcel
from dagwright.runtime.part_names import PartNames
from dagwright.runtime.publication import publish_files
from dagwright.runtime.publishing import CHUNK, Published, rows
from dagwright.runtime.targets import Target, TargetTaken
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["FolderTarget", "publish_file", "publish_to_folder"]

log = logging.getLogger("dagwright.runtime.publish")

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def publish_file(sending: Mapping[str, Any], directory: str, *, base: str | None = None) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace into a folder.

    Args:
        sending: `files` and how they go out, see `publish_files`.
        directory: an absolute path or a `file://` URI; it is made where it is missing.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    folder = _folder(directory)
    return rows(publish_to_folder(run_workspace(base), folder=folder, run=current_run(), **sending))


def publish_to_folder(
    workspace: RunWorkspace, files: Sequence[str], folder: Path, *, run: RunIdentity | None = None, **how: Any
) -> list[Published]:
    """Copy every file beside its target and flush it to the disk, then give them all their names.

    A reader sees the old file or the new one, never a part of one.

    Raises:
        PublishError: when the folder cannot be written.
        WorkspaceError: when a file is not there; then nothing is published.
    """
    return publish_files(FolderTarget(folder, run), workspace, files, **how)


class FolderTarget(Target):
    """A folder of this machine, made when it is entered."""

    def __init__(self, folder: Path, run: RunIdentity | None = None) -> None:
        self._folder = folder
        self._parts = PartNames(run)
        self._copies: dict[str, Path] = {}

    def __enter__(self) -> Self:
        """Make the folder, and remove what an earlier try left in it."""
        with self._errors():
            self._folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                if self._parts.is_left(entry.name, entry.stat(follow_symlinks=False).st_mtime):
                    Path(entry.path).unlink(missing_ok=True)
        return self

    def uri(self, name: str) -> str:
        """Return the file's URI."""
        return (self._folder / name).as_uri()

    def size(self, name: str) -> int | None:
        """Look."""
        with self._errors():
            try:
                found = (self._folder / name).stat()
            except FileNotFoundError:
                return None
        if (self._folder / name).is_dir():
            raise PublishError(f"cannot publish as '{self._folder / name}': that is a folder")
        return found.st_size

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open what is there."""
        with self._errors(), (self._folder / name).open("rb") as content:
            yield content

    def stage(self, parcel: Parcel) -> None:
        """Copy it beside its name, and wait until the disk has it."""
        if (self._folder / parcel.name).is_dir():
            raise PublishError(f"cannot publish '{parcel.file}' as '{self._folder / parcel.name}': that is a folder")
        copy = self._copies[parcel.name] = self._folder / self._parts.new(parcel.name)
        with self._errors(), parcel.open() as reader, copy.open("xb") as writer:
            while chunk := reader.read(CHUNK):
                writer.write(chunk)
            writer.flush()
            os.fsync(writer.fileno())

    def show(self, parcel: Parcel, *, replace: bool) -> None:
        """Rename it over what is there, or link it where nothing is."""
        copy, target = self._copies[parcel.name], self._folder / parcel.name
        with self._errors():
            if replace:
                copy.replace(target)
            else:
                self._show_new(copy, target)
            _flush_folder(self._folder)

    def discard(self, parcel: Parcel) -> None:
        """Remove the copy."""
        copy = self._copies.pop(parcel.name, None)
        if copy is not None:
            with contextlib.suppress(OSError):
                copy.unlink(missing_ok=True)

    def _show_new(self, copy: Path, target: Path) -> None:
        try:
            target.hardlink_to(copy)  # unlike a rename, it fails where something is
            copy.unlink(missing_ok=True)
        except FileExistsError:
            raise TargetTaken(f"'{target}' is there already") from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            log.warning("the folder '%s' knows no links: a file that comes in this moment is replaced", self._folder)
            if target.exists():
                raise TargetTaken(f"'{target}' is there already") from None
            copy.replace(target)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PublishError(f"cannot publish into '{self._folder}': {error.strerror or error}") from error


def _folder(directory: str) -> Path:
    if directory.startswith("file://"):
        parts = urlsplit(directory)
        if parts.netloc not in ("", "localhost"):
            raise PublishError(f"the folder '{parts.hostname}' of '{parts.path}' is on another machine")
        folder = Path(unquote(parts.path))
    else:
        folder = Path(directory)
    if not folder.is_absolute():
        raise PublishError(f"the folder '{directory}' is relative; name an absolute path")
    return folder


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
