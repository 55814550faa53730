"""Publish into a folder that the worker can see."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dagwright.runtime.errors import PublishError
from dagwright.runtime.publishing import CHUNK, Published, Source, log_published, plan_sources, rows
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["publish_file", "publish_to_folder"]


def publish_file(files: Sequence[str], directory: str, *, base: str | None = None) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace into a folder.

    Args:
        files: paths in the workspace.
        directory: an absolute path or a `file://` URI; it is made where it is missing.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    return rows(publish_to_folder(run_workspace(base), files, _folder(directory)))


def publish_to_folder(workspace: RunWorkspace, files: Sequence[str], folder: Path) -> list[Published]:
    """Copy every file beside its target and flush it to the disk, then rename them all.

    A reader sees the old file or the new one, never a part of one.

    Raises:
        PublishError: when the folder cannot be written.
        WorkspaceError: when a file is not there; then nothing is published.
    """
    sources = plan_sources(workspace, files)
    copies: list[tuple[Path, Path, Published]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sources:
            target = folder / source.name
            if target.is_dir():
                raise PublishError(f"cannot publish '{source.file}' as '{target}': that is a folder")
            copy = folder / f".{source.name}.{secrets.token_hex(6)}.part"
            copies.append((copy, target, _copy(workspace, source, copy, target)))
        for copy, target, _ in copies:
            copy.replace(target)
        _flush_folder(folder)
    except OSError as error:
        raise PublishError(f"cannot publish into '{folder}': {error.strerror or error}") from error
    finally:
        for copy, _, _ in copies:
            with contextlib.suppress(OSError):
                copy.unlink(missing_ok=True)
    published = [one for _, _, one in copies]
    for one in published:
        log_published(one)
    return published


def _folder(directory: str) -> Path:
    if directory.startswith("file://"):
        parts = urlsplit(directory)
        if parts.netloc not in ("", "localhost"):
            raise PublishError(f"the folder '{directory}' is on another machine")
        folder = Path(unquote(parts.path))
    else:
        folder = Path(directory)
    if not folder.is_absolute():
        raise PublishError(f"the folder '{directory}' is relative; name an absolute path")
    return folder


def _copy(workspace: RunWorkspace, source: Source, copy: Path, target: Path) -> Published:
    digest, size = hashlib.sha256(), 0
    try:
        with workspace.open(source.file) as reader, copy.open("xb") as writer:
            while chunk := reader.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                writer.write(chunk)
            writer.flush()
            os.fsync(writer.fileno())
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return Published(file=source.file, target=target.as_uri(), bytes=size, sha256=digest.hexdigest())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
