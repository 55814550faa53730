"""What `files` of a publisher may say: paths and patterns of paths, and the names under which they go out.

The same rules hold where a DAG file is checked and where its task runs. `*` and `?` stand for characters of one name,
`**` for any folders; nothing else is special, so that `rates[eur].csv` is the name of a file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from dagwright.runtime.workspace import RunWorkspace

__all__ = ["MANIFEST", "find_files", "is_pattern", "manifest_name", "pattern_problem", "published_name"]

MANIFEST = "manifest.json"

_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_NAME = r"(?!\.)[^/]+"  # as in a shell, names with a leading dot are no match unless the pattern has it


def is_pattern(path: str) -> bool:
    """Say whether a path stands for several files; what a Jinja expression says is seen when it is rendered."""
    text = _EXPRESSION.sub("", path)
    return "*" in text or "?" in text


def pattern_problem(path: str) -> str | None:
    """Say what is wrong with a pattern, or None where nothing is."""
    for part in PurePosixPath(_EXPRESSION.sub("", path)).parts:
        if "**" in part and part != "**":
            return "has '**' beside other characters; it stands for whole folders, as in 'out/**/*.csv'"
    return None


def published_name(file: str, *, gzip: bool = False) -> str:
    """Return the name under which a file is published; what is compressed already stays as it is."""
    name = PurePosixPath(file).name
    return f"{name}.gz" if gzip and not name.endswith(".gz") else name


def manifest_name(manifest: bool | str | None) -> str | None:
    """Return the name of the manifest, None where there is none."""
    if manifest is True:
        return MANIFEST
    return manifest or None


def find_files(workspace: RunWorkspace, pattern: str) -> list[str]:
    """Return the files of a workspace that match a pattern, sorted. Folders that are links are not entered."""
    parts = PurePosixPath(pattern).parts
    first = next(index for index, part in enumerate(parts) if "*" in part or "?" in part)
    folder = "/".join(parts[:first])
    deepest = None if "**" in parts else len(parts) - first
    matches = _compiled(parts[first:]).fullmatch
    start = workspace.resolve(folder) if folder else workspace.root
    names = _below(start, deepest) if isinstance(start, Path) else _below_address(start, deepest)
    return sorted(f"{folder}/{name}" if folder else name for name in names if matches(name))


def _below(start: Path, deepest: int | None) -> list[str]:
    found = []
    for folder, folders, files in os.walk(start):
        place = PurePosixPath(Path(folder).relative_to(start).as_posix())
        if deepest is not None and len(place.parts) >= deepest - 1:
            folders.clear()
        found += [(place / name).as_posix() for name in files]
    return found


def _below_address(start: object, deepest: int | None) -> list[str]:
    system, path = start.fs, start.path  # type: ignore[attr-defined]  # an ObjectStoragePath
    system.invalidate_cache()  # other machines write here as well
    prefix = f"{system._strip_protocol(path).rstrip('/')}/"  # noqa: SLF001  the one name that fsspec has for it
    return [name.removeprefix(prefix) for name in system.find(path, maxdepth=deepest) if name.startswith(prefix)]


def _compiled(parts: tuple[str, ...]) -> re.Pattern[str]:
    text = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            text += f"(?:{_NAME}/)*{_NAME}" if last else f"(?:{_NAME}/)*"
            continue
        if part.startswith(("*", "?")):
            text += r"(?!\.)"
        text += "".join({"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character)) for character in part)
        text += "" if last else "/"
    return re.compile(text, re.DOTALL)
