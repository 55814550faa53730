"""Paths as they stand in data: one rule for what stays inside a workspace, offline and on the worker."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

__all__ = ["workspace_path_problem"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DRIVE = re.compile(r"[A-Za-z]:")


def workspace_path_problem(relative: str) -> str | None:
    """Say what is wrong with a path that has to stay in the workspace, or None where nothing is.

    Jinja expressions pass; the worker asks again when they are rendered.
    """
    if not relative or not PurePosixPath(relative).parts:
        return "names no file"
    if "\0" in relative:
        return "contains a NUL character"
    if "\\" in relative:
        return "contains a backslash; folders are separated by '/'"
    if _SCHEME.match(relative):
        return "is a URI; paths are relative to the workspace"
    if relative.startswith("/"):
        return "is absolute; paths are relative to the workspace"
    if _DRIVE.match(relative):
        return "starts with a drive letter; paths are relative to the workspace"
    if ".." in PurePosixPath(relative).parts:
        return "leaves the workspace"
    return None
