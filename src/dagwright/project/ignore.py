"""`.airflowignore`: which files and folders a project does not want to be looked at.

The syntax is the one that Airflow 3 has by default: that of gitignore, in any folder, save that `#` begins a
comment wherever it stands. As for Airflow, a folder that is ignored is never opened, so that nothing inside
it can be taken back.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from dagwright.diagnostics import Diagnostic, Severity, Span
from dagwright.source import read_source

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["IGNORE_FILE", "Rules", "is_ignored", "read_rules"]

IGNORE_FILE = ".airflowignore"

Rules = tuple[tuple[int, "GitIgnoreSpec"], ...]
"""The rules that hold in a folder, the outermost file's first, each with the length of its folder's prefix."""

_COMMENT = re.compile(r"\s*#.*")


def read_rules(path: Path, name: str, outer: Rules) -> tuple[Rules, list[Diagnostic]]:
    """Add the rules of one file to those of the folders around it.

    Args:
        path: the `.airflowignore`.
        name: its path relative to the project's root.
        outer: the rules that hold in the folder above.
    """
    source, diagnostics = read_source(path, name)
    if source is None:
        return outer, diagnostics
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  most projects have no such file

    lines: list[str] = []
    offset = 0
    for raw in source.text.split("\n"):
        line = _COMMENT.sub("", raw.removesuffix("\r"))
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            span = Span(source=source, start_offset=offset, end_offset=offset + len(line))
            message = f"'{line}' is no pattern of an {IGNORE_FILE} and is skipped"
            diagnostics.append(Diagnostic(code="DW401", message=message, severity=Severity.WARNING, span=span))
        else:
            lines.append(line)
        offset += len(raw) + 1
    prefix = len(name) - len(IGNORE_FILE)
    return (*outer, (prefix, GitIgnoreSpec.from_lines(lines))), diagnostics


def is_ignored(rules: Rules, name: str) -> bool:
    """Say whether a path relative to the root is ignored; a folder's ends in a slash."""
    for prefix, spec in reversed(rules):
        verdict = spec.check_file(name[prefix:]).include
        if verdict is not None:
            return verdict
    return False
