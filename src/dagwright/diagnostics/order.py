"""One order for findings, the same in every run, and each of them once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from dagwright.diagnostics.diagnostic import Diagnostic

__all__ = ["sort_diagnostics"]


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings by file, offset and code, without repeated ones; equal places keep their order.

    Findings about no file come first, and those about a whole file before those inside it.
    """
    unique = {_identity(found): found for found in diagnostics}
    return sorted(unique.values(), key=_place)


def _place(found: Diagnostic) -> tuple[str, int, str]:
    offset = -1 if found.span is None else found.span.start_offset
    return (found.file_name or "", offset, found.code)


def _identity(found: Diagnostic) -> Hashable:
    # Spans compare by offsets alone, so the names of their texts are part of what makes findings the same.
    others = tuple(other.span.source.name for other in found.related)
    edited = tuple(edit.span.source.name for fix in found.fixes for edit in fix.edits)
    return (found, found.file_name, others, edited)
