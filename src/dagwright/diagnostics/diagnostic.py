"""One finding about a user's file: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dagwright.diagnostics.places import Span, TextEdit

__all__ = ["DagwrightError", "Diagnostic", "Fix", "LoadError", "Related", "Severity", "has_errors"]


class Severity(StrEnum):
    """How bad a finding is; only errors stop a DAG from loading."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """A second place that belongs to a finding, such as the first of two equal keys."""

    message: str
    span: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """A mend that a tool can apply; a safe one changes nothing but the finding."""

    title: str
    safe: bool
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: a key of `dagwright.diagnostics.CODES`, such as `DW203`.
        message: lower case, present tense, no full stop, user text in single quotes.
        severity: error or warning.
        file: the file's name where there is no span (an unreadable file); else the span's own.
        span: the key or the value that is wrong, whichever it is.
        path: the place in the data as its author would say it, `tasks.load.columns[0]`.
        pointer: the same as a JSON pointer, `/tasks/load/columns/0`.
        label: said behind the carets, such as `did you mean 'target'?`.
        notes: lines under the excerpt, each as `= text`, such as `fields: name, path`.
        help: an action, where one exists.
        related: other places that belong to it.
        fixes: mends that a tool can apply.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    file: str | None = None
    span: Span | None = None
    path: str = ""
    pointer: str = ""
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def file_name(self) -> str | None:
        """The name of the file that the finding is about, where it is about one."""
        return self.span.source.name if self.span is not None else self.file


class DagwrightError(Exception):
    """The root of every exception that Dagwright raises on purpose."""


class LoadError(DagwrightError):
    """A DAG file or project does not load; `diagnostics` says everything that is wrong with it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from dagwright.diagnostics.text import format_text  # noqa: PLC0415  only when somebody looks

        return "\n" + format_text(self.diagnostics)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Say whether any finding is an error."""
    return any(found.severity is Severity.ERROR for found in diagnostics)
