"""Findings about users' files: places, the diagnostic itself, the table of codes, and the writers."""

from dagwright.diagnostics.diagnostic import (
    DagwrightError,
    Diagnostic,
    Fix,
    LoadError,
    Related,
    Severity,
    has_errors,
)
from dagwright.diagnostics.places import Position, SourceText, Span, TextEdit

__all__ = [
    "DagwrightError",
    "Diagnostic",
    "Fix",
    "LoadError",
    "Position",
    "Related",
    "Severity",
    "SourceText",
    "Span",
    "TextEdit",
    "has_errors",
]
