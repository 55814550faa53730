"""The folder of the stubs: what is in it, one writer at a time, and files that are there as a whole or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dagwright.adapters.stubs.text import MARK, ReadStub, read_stub

__all__ = [
    "LOCK_NAME",
    "StubFile",
    "find_stubs",
    "locked",
    "read_file",
    "remove_file",
    "remove_leftovers",
    "write_file",
]

LOCK_NAME = ".dagwright-sync.lock"
_TEMPORARY = ".dagwright-tmp"
# Longer than anybody writes one stub.
_WRITING_SECONDS = 60.0
_HEAD_SIZE = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class StubFile:
    """A stub that was found on disk."""

    path: Path
    text: str
    read: ReadStub


def find_stubs(folder: Path) -> list[StubFile]:
    """Return all stubs in a folder and below, of whatever project; hidden folders are passed over."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(files):
            if name.endswith(".py"):
                path = Path(place, name)
                text = read_file(path, only_stubs=True)
                read = read_stub(text) if text is not None else None
                if text is not None and read is not None:
                    found.append(StubFile(path=path, text=text, read=read))
    return found


def read_file(path: Path, *, only_stubs: bool = False) -> str | None:
    """Return a file's text with line feeds; None where there is none, or where it cannot be a stub."""
    try:
        with path.open("rb") as file:
            content = file.read(_HEAD_SIZE)
            if only_stubs and MARK.encode() not in content:
                return None
            content += file.read()
    except OSError:
        return None
    # A checkout may have turned line feeds into what the system is used to.
    return content.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


@contextmanager
def locked(folder: Path, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Keep others from writing to a folder; the lock is gone with the process, the file stays.

    Args:
        folder: the folder, which is made where there is none.
        on_wait: called once where another one holds the lock.

    Raises:
        OSError: the folder cannot be made or written to, or its file system has no locks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_file(path: Path, text: str) -> None:
    """Write a file: other processes see the old one or the new one, also after a crash.

    Raises:
        OSError: it cannot be written; then nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Airflow takes no notice of a file whose name does not end in `.py`.
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}{_TEMPORARY}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove_file(path: Path, folder: Path) -> None:
    """Remove a file, and the folders above it that are empty then, up to `folder`.

    Raises:
        OSError: it cannot be removed.
    """
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)
    for parent in path.parents:
        if parent == folder or not parent.is_relative_to(folder):
            break
        try:
            parent.rmdir()
        except OSError:
            break  # it holds something else


def remove_leftovers(folder: Path) -> None:
    """Remove what a sync left that was killed while it wrote.

    What is young stays: a bundle and the sync that it started have different locks, and write into one folder.
    """
    youngest = time.time() - _WRITING_SECONDS
    for place, _, files in os.walk(folder):
        for name in files:
            if name.startswith(".") and name.endswith(_TEMPORARY):
                path = Path(place, name)
                with suppress(OSError):
                    if path.stat().st_mtime < youngest:
                        path.unlink()


def _sync_folder(folder: Path) -> None:
    """Let a new or missing name survive a power cut, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
