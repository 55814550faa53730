"""Strings that are more than strings: durations, moments, and paths of the project."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from dagwright.diagnostics.suggest import did_you_mean
from dagwright.model.fields import ProjectFile, ProjectFolder
from dagwright.source import Node

__all__ = ["duration", "find_in_project", "moment"]

_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def duration(text: str) -> str:
    """Rewrite `1d12h`, `5m`, `90s` as ISO 8601; everything else is left for pydantic to judge."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        return text
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return f"P{weeks * 7 + days}DT{hours}H{minutes}M{seconds}S"


def moment(text: str) -> str:
    """Let a date stand for its midnight."""
    return f"{text}T00:00:00" if _DATE.fullmatch(text) else text


def find_in_project(
    text: str, said_in: Node, root: Path, *, folder: bool
) -> ProjectFile | ProjectFolder | tuple[str, str, str]:
    """Find a path against the folder of the file that says it, then against the project.

    Returns:
        The path found, or a code, a message and a help text.
    """
    kind = "folder" if folder else "file"
    if not text or "\0" in text:
        return "DW212", f"{kind} '{text}' not found", ""
    said_folder = (root / said_in.source.name).parent
    # One path where the file stands in the project's folder itself.
    bases = list(dict.fromkeys((said_folder, root)))
    resolved_root = root.resolve()
    escapes = False
    for base in bases:
        candidate = (base / text).resolve()
        if not candidate.is_relative_to(resolved_root):
            escapes = True
            continue
        if candidate.is_dir() if folder else candidate.is_file():
            name = candidate.relative_to(resolved_root).as_posix()
            return ProjectFolder(candidate, name) if folder else ProjectFile(candidate, name)
    if escapes:
        return "DW211", f"path '{text}' leads out of the project", f"put the {kind} into the project's folder"
    if any((base / text).exists() for base in bases):
        other = "file" if folder else "folder"
        return "DW212", f"'{text}' is a {other}, and a {kind} is wanted", ""
    for base in bases:
        if (near := _nearest(text, base)) is not None:
            return "DW212", f"{kind} '{text}' not found", f"did you mean '{near}'?"
    looked = " and ".join(_shown(base, root) for base in bases)
    return "DW212", f"{kind} '{text}' not found", f"looked in {looked}"


def _nearest(text: str, base: Path) -> str | None:
    """Return the path with one misspelt part corrected, where that one is there."""
    folder, parts = base, PurePosixPath(text).parts
    for index, part in enumerate(parts):
        if not (folder / part).exists():
            try:
                near = did_you_mean(part, (entry.name for entry in folder.iterdir()))
            except OSError:
                return None
            found = PurePosixPath(*parts[:index], near, *parts[index + 1 :]) if near is not None else None
            return str(found) if found is not None and (base / found).exists() else None
        folder = folder / part
    return None


def _shown(base: Path, root: Path) -> str:
    name = base.relative_to(root).as_posix()
    return "the project's folder" if name == "." else f"'{name}/'"
