"""Findings as workflow commands, which GitHub shows beside the changed lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from dagwright.diagnostics.cells import show
from dagwright.diagnostics.diagnostic import Diagnostic

__all__ = ["format_github"]

_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def format_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Write one `::error …::message` or `::warning …::message` line for each finding."""
    return "\n".join(_command(found) for found in diagnostics)


def _command(found: Diagnostic) -> str:
    properties: dict[str, object] = {}
    if found.file_name is not None:
        properties["file"] = found.file_name
    if found.span is not None:
        start, end = found.span.start, found.span.end
        properties["line"] = start.line
        if end.line == start.line:
            # The column of the last character; GitHub knows columns only inside one line.
            properties |= {"col": start.column, "endColumn": max(start.column, end.column - 1)}
        else:
            properties |= {"endLine": end.line, "col": start.column}
    properties["title"] = found.code
    said = ",".join(f"{name}={str(value).translate(_IN_PROPERTY)}" for name, value in properties.items())
    parts = [found.message, found.label, *found.notes, found.help]
    message = "\n".join(show(line) for part in parts for line in part.splitlines())
    return f"::{found.severity.value} {said}::{message.translate(_IN_MESSAGE)}"
