"""What every publisher does alike: which files go out, under which names, and what is said about them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from dagwright.runtime.errors import PublishError
from dagwright.runtime.file_patterns import find_files, is_pattern, manifest_name, pattern_problem, published_name
from dagwright.runtime.workspace import RunWorkspace

__all__ = ["CHUNK", "Published", "Source", "log_published", "plan_sources", "rows"]

CHUNK = 256 * 1024

log = logging.getLogger("dagwright.runtime.publish")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file of the workspace.

    Attributes:
        file: its path in the workspace.
        name: the name under which it is published.
        size: its bytes, as it is in the workspace.
    """

    file: str
    name: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A file that is out.

    Attributes:
        target: its URI, without any credential.
        bytes: its size.
        sha256: the digest of what was sent, in hexadecimal digits; empty where a file was skipped and not read.
        skipped: whether another file of this name was there already, and stays.
    """

    file: str
    target: str
    bytes: int
    sha256: str
    skipped: bool = False


def plan_sources(
    workspace: RunWorkspace, files: Sequence[str], *, gzip: bool = False, manifest: bool | str | None = None
) -> list[Source]:
    """Look at every file before the first one is published.

    Args:
        workspace: where they are.
        files: paths and patterns; what a pattern matches is sorted, and a file that is chosen twice goes out once.
        gzip: whether they are compressed, which changes their names.
        manifest: the manifest's name, which no file may have; True is the usual one.

    Raises:
        PublishError: when there is none, a pattern matches none, or two would get the same name.
        WorkspaceError: when one is not there.
    """
    if isinstance(files, str) or not files:
        raise PublishError("there is nothing to publish: 'files' has to list at least one file")
    chosen: list[str] = []
    known = {PurePosixPath(entry).as_posix() for entry in files}  # what is listed goes out at its own place
    for entry in files:
        if not is_pattern(entry):
            chosen.append(entry)
            continue
        if (problem := pattern_problem(entry)) is not None:
            raise PublishError(f"'{entry}' {problem}")
        found = find_files(workspace, entry)
        if not found:
            raise PublishError(f"'{entry}' matches no file (workspace '{workspace.uri}')")
        chosen += [file for file in found if file not in known]
        known.update(found)
    by_name: dict[str, str] = {}
    if (name := manifest_name(manifest)) is not None:
        by_name[name] = "the manifest"
    sources = []
    for file in chosen:
        source = Source(file=file, name=published_name(file, gzip=gzip), size=workspace.size(file))
        if source.name in by_name:
            other = by_name[source.name]
            raise PublishError(f"{other} and '{file}' would both be published as '{source.name}'")
        by_name[source.name] = f"'{file}'"
        sources.append(source)
    return sources


def log_published(published: Published) -> None:
    """Say in the task's log what went where."""
    if published.skipped:
        log.info("skipped '%s': %s is there already (%d bytes)", published.file, published.target, published.bytes)
        return
    log.info(
        "published '%s' as %s (%d bytes, sha256 %s)",
        published.file,
        published.target,
        published.bytes,
        published.sha256,
    )


def rows(published: Sequence[Published]) -> list[dict[str, Any]]:
    """Return plain data for XCom; a file that was skipped says so."""
    return [
        {"file": one.file, "target": one.target, "bytes": one.bytes, "sha256": one.sha256}
        | ({"skipped": True} if one.skipped else {})
        for one in published
    ]
