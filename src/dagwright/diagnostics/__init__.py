"""Findings about users' files: places, the diagnostic itself, the table of codes, and the writers.

Only what every parse needs is loaded with the package; the writers and the prose of the codes arrive with
their first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dagwright.diagnostics.diagnostic import (
    DagwrightError,
    Diagnostic,
    Fix,
    LoadError,
    Related,
    Severity,
    has_errors,
)
from dagwright.diagnostics.order import sort_diagnostics
from dagwright.diagnostics.places import Position, SourceText, Span, TextEdit
from dagwright.diagnostics.suggest import did_you_mean, did_you_mean_label

if TYPE_CHECKING:
    from dagwright.diagnostics.codes import CODES, Code, close_codes, explain
    from dagwright.diagnostics.github import format_github
    from dagwright.diagnostics.json_format import to_json
    from dagwright.diagnostics.page import format_errors_page
    from dagwright.diagnostics.sarif import to_sarif
    from dagwright.diagnostics.text import format_summary, format_text

__all__ = [
    "CODES",
    "Code",
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
    "close_codes",
    "did_you_mean",
    "did_you_mean_label",
    "explain",
    "format_errors_page",
    "format_github",
    "format_summary",
    "format_text",
    "has_errors",
    "sort_diagnostics",
    "to_json",
    "to_sarif",
]

_LATER = {
    "CODES": "codes",
    "Code": "codes",
    "close_codes": "codes",
    "explain": "codes",
    "format_errors_page": "page",
    "format_github": "github",
    "format_summary": "text",
    "format_text": "text",
    "to_json": "json_format",
    "to_sarif": "sarif",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
