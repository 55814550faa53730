"""Files of a mounted folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from dagwright.runtime import run_workspace

__all__ = ["copy_in", "is_there"]


def is_there(path: str) -> bool:
    """Return whether a file has arrived."""
    return Path(path).is_file()


def copy_in(path: str, target: str, *, base: str | None = None) -> str:
    """Copy a file into the workspace and return its path there."""
    with Path(path).open("rb") as source, run_workspace(base).open(target, "wb") as copy:
        shutil.copyfileobj(source, copy)
    return target
