"""Counts the rows of a text file of the workspace."""

from __future__ import annotations

from dagwright.runtime import ValidationFailed, run_workspace

__all__ = ["count_rows"]


def count_rows(path: str, *, header: bool, at_least: int, at_most: int | None, base: str | None = None) -> int:
    """Return the number of rows.

    Raises:
        ValidationFailed: when there are too few or too many.
        WorkspaceError: when the file is not there.
    """
    workspace = run_workspace(base)
    workspace.require_file(path)
    with workspace.open(path) as file:
        rows = sum(1 for _ in file) - header
    if rows < at_least:
        raise ValidationFailed(f"'{path}' has {rows} rows, at least {at_least} are expected")
    if at_most is not None and rows > at_most:
        raise ValidationFailed(f"'{path}' has {rows} rows, at most {at_most} are expected")
    return rows
