"""Findings as plain data for other programs; `format_version` changes when a reader would notice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dagwright.diagnostics.diagnostic import Diagnostic, Fix, Related
from dagwright.diagnostics.places import Position, Span, TextEdit

__all__ = ["FORMAT_VERSION", "to_json"]

FORMAT_VERSION = 1


def to_json(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """Return the findings as a mapping that `json.dumps` takes.

    Lines and columns count from 1, offsets from 0, all in code points. `file` and `span` are null where a finding
    has none; texts are as the user wrote them, so write them with `ensure_ascii`, as `json.dumps` does by itself.
    """
    return {"format_version": FORMAT_VERSION, "diagnostics": [_diagnostic(found) for found in diagnostics]}


def _diagnostic(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "file": found.file_name,
        "path": found.path,
        "pointer": found.pointer,
        "span": None if found.span is None else _span(found.span),
        "label": found.label,
        "notes": list(found.notes),
        "related": [_related(other) for other in found.related],
        "help": found.help,
        "fixes": [_fix(fix) for fix in found.fixes],
    }


def _related(other: Related) -> dict[str, Any]:
    return {"message": other.message, "file": other.span.source.name, "span": _span(other.span)}


def _fix(fix: Fix) -> dict[str, Any]:
    return {"title": fix.title, "safe": fix.safe, "edits": [_edit(edit) for edit in fix.edits]}


def _edit(edit: TextEdit) -> dict[str, Any]:
    return {"file": edit.span.source.name, "span": _span(edit.span), "replacement": edit.replacement}


def _span(span: Span) -> dict[str, Any]:
    return {"start": _position(span.start), "end": _position(span.end)}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column, "offset": position.offset}
