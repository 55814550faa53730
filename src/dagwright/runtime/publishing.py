"""What every publisher does alike: which files go out, under which names, and what is said about them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from dagwright.runtime.errors import PublishError
from dagwright.runtime.workspace import RunWorkspace

__all__ = ["CHUNK", "Published", "Source", "log_published", "plan_sources", "rows"]

CHUNK = 256 * 1024

log = logging.getLogger("dagwright.runtime.publish")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file of the workspace that is published under its own base name."""

    file: str
    name: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A file that is out.

    Attributes:
        target: its URI, without any credential.
        bytes: its size.
        sha256: the digest of what was sent, in hexadecimal digits.
    """

    file: str
    target: str
    bytes: int
    sha256: str


def plan_sources(workspace: RunWorkspace, files: Sequence[str]) -> list[Source]:
    """Look at every file before the first one is published.

    Raises:
        PublishError: when there is none, or two would get the same name.
        WorkspaceError: when one is not there.
    """
    if isinstance(files, str) or not files:
        raise PublishError("there is nothing to publish: 'files' has to list at least one file")
    sources = [Source(file=file, name=PurePosixPath(file).name, size=workspace.size(file)) for file in files]
    by_name: dict[str, str] = {}
    for source in sources:
        other = by_name.setdefault(source.name, source.file)
        if other != source.file or sum(file == source.file for file in files) > 1:
            raise PublishError(f"'{other}' and '{source.file}' would both be published as '{source.name}'")
    return sources


def log_published(published: Published) -> None:
    """Say in the task's log what went where."""
    log.info(
        "published '%s' as %s (%d bytes, sha256 %s)",
        published.file,
        published.target,
        published.bytes,
        published.sha256,
    )


def rows(published: Sequence[Published]) -> list[dict[str, Any]]:
    """Return plain data for XCom."""
    return [{"file": one.file, "target": one.target, "bytes": one.bytes, "sha256": one.sha256} for one in published]
