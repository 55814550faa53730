"""Where a project begins: the nearest folder upwards with a project file."""

from __future__ import annotations

import os
import re
from collections.abc import Container
from pathlib import Path

from dagwright.source.reading import content_of

__all__ = ["DAGWRIGHT_TOML", "PYPROJECT_TOML", "find_project", "folder_has_project", "relative_name", "stem_of"]

DAGWRIGHT_TOML = "dagwright.toml"
PYPROJECT_TOML = "pyproject.toml"

_TABLE = re.compile(rb"^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*dagwright[ \t]*[.\]]", re.MULTILINE)


def find_project(start: Path) -> Path | None:
    """Return the nearest folder, from a file or folder upwards, that has a project file.

    A project file is a `dagwright.toml`, or a `pyproject.toml` with a table `[tool.dagwright]`.
    """
    # strings, as this is asked for every DAG file and a Path costs ten times as much
    folder = os.path.abspath(start)  # noqa: PTH100  links stay as the user wrote them
    while not folder_has_project(folder):
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return None
        folder = above
    return Path(folder)


def folder_has_project(folder: str | Path, names: Container[str] | None = None) -> bool:
    """Say whether a folder has a project file; its file names may be given where they are known."""
    # os.path.isfile, as Path.is_file raises in a folder that may not be entered
    if os.path.isfile(f"{folder}{os.sep}{DAGWRIGHT_TOML}") if names is None else DAGWRIGHT_TOML in names:  # noqa: PTH113
        return True
    return (names is None or PYPROJECT_TOML in names) and pyproject_has_table(f"{folder}{os.sep}{PYPROJECT_TOML}")


def pyproject_has_table(path: str | Path) -> bool:
    """Say whether a pyproject.toml configures Dagwright.

    One that is no TOML belongs to a project as soon as it has the table's header, so that loading the
    project can show what is wrong with it.
    """
    content = content_of(path)
    if content is None or b"dagwright" not in content:
        return False
    import tomllib  # noqa: PLC0415  most folders have none, and it takes a while

    try:
        tool = tomllib.loads(content.decode("utf-8-sig")).get("tool")
    except ValueError:
        return _TABLE.search(content) is not None
    return isinstance(tool, dict) and "dagwright" in tool


def relative_name(root: Path, path: Path) -> str | None:
    """Return a path relative to the root with forward slashes, '.' for the root itself, None outside of it."""
    # strings, as this is asked for every DAG file and a Path costs ten times as much; links stay as written
    below = _below(os.path.abspath(root), os.path.abspath(path))  # noqa: PTH100
    return below if below is not None else _below(os.path.realpath(root), os.path.realpath(path))


def stem_of(name: str) -> str:
    """Return a file's name up to its first dot, which is the DAG id where the data gives none."""
    return name.split(".", 1)[0]


def _below(root: str, path: str) -> str | None:
    if path == root:
        return "."
    prefix = root.rstrip(os.sep) + os.sep
    return path.removeprefix(prefix).replace(os.sep, "/") if path.startswith(prefix) else None
