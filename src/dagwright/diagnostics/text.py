"""Findings as text for people: header, place, source line, carets, notes, and what to do next.

Plain ANSI codes where colour is wanted, so that this needs nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable

from dagwright.diagnostics.cells import cell_width, clip, show, wrap
from dagwright.diagnostics.diagnostic import Diagnostic, Severity
from dagwright.diagnostics.excerpt import excerpt_of
from dagwright.diagnostics.places import Span

__all__ = ["format_summary", "format_text"]

_LEAST_WIDTH = 40
_EXCERPT_WIDTH = 160  # where no window is known, a line of a minified file is still cut
_LONGEST_MESSAGE = 2000
_LONGEST_PATH = 300
_STYLES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33"}
_FRAME, _STRONG, _NOTE = "1;34", "1", "1;32"


class _Sheet:
    """The lines of one finding; the width of its gutter is that of its largest line number."""

    def __init__(self, found: Diagnostic, *, color: bool, width: int | None) -> None:
        spans = [span for span in (found.span, *(other.span for other in found.related)) if span is not None]
        self.margin = max((len(str(span.start.line)) for span in spans), default=1) + 1
        self.color = color
        self.width = None if width is None else max(width, _LEAST_WIDTH)
        self.lines: list[str] = []

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color and text else text

    def heading(self, word: str, style: str, message: str) -> None:
        indent = len(word) + 2
        first, *rest = self.wrapped(clip(message, _LONGEST_MESSAGE), indent)
        self.lines.append(self.paint(word, style) + self.paint(f": {first}", _STRONG))
        self.lines += [" " * indent + self.paint(line, _STRONG) for line in rest]

    def wrapped(self, text: str, indent: int) -> list[str]:
        return wrap(show(text), None if self.width is None else self.width - indent)

    def place(self, name: str, path: str) -> None:
        arrow = " " * self.margin + self.paint("-->", _FRAME) + " "
        where, inside = show(name), f"({show(clip(path, _LONGEST_PATH))})" if path else ""
        indent = self.margin + 4
        if not inside:
            self.lines.append(arrow + where)
        elif self.width is not None and indent + cell_width(where) + 3 + cell_width(inside) > self.width:
            self.lines += [arrow + where, " " * indent + inside]
        else:
            self.lines.append(f"{arrow}{where}   {inside}")

    def gutter(self, text: str = "", number: str = "") -> None:
        bar = self.paint(f"{number:>{self.margin}} |", _FRAME)
        self.lines.append(f"{bar} {text}" if text else bar)

    def excerpt(self, span: Span, style: str, label: str) -> None:
        room = (self.width or _EXCERPT_WIDTH) - self.margin - 3
        shown = excerpt_of(span, room)
        self.gutter()
        self.gutter(shown.text.rstrip(), str(span.start.line))
        carets = "^" * shown.carets
        used = shown.indent + shown.carets + 1
        label_text = show(label)
        fits = self.width is None or used + cell_width(label_text) <= room
        self.gutter(" " * shown.indent + self.paint(f"{carets} {label_text}" if label and fits else carets, style))
        if label and not fits:
            # Below the carets; further left where too little of the window is left to read it in.
            indent = shown.indent if 2 * shown.indent <= room else max(0, room - cell_width(label_text))
            for line in wrap(label_text, room - indent):
                self.gutter(" " * indent + self.paint(line, style))
        self.gutter()

    def note(self, text: str, word: str = "") -> None:
        indent = self.margin + 3
        paragraphs = (f"{word}: {text}" if word else text).split("\n")
        lines = [line for part in paragraphs for line in self.wrapped(clip(part, _LONGEST_MESSAGE), indent)]
        if word:
            lines[0] = self.paint(f"{word}:", _STRONG) + lines[0].removeprefix(f"{word}:")
        self.lines.append(" " * (self.margin + 1) + self.paint("=", _FRAME) + " " + lines[0])
        self.lines += [" " * indent + line for line in lines[1:]]


def format_text(diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int | None = None) -> str:
    """Write findings as text, in the order given, one blank line between them and none at the end.

    Args:
        diagnostics: the findings.
        color: whether to use ANSI colours; the users' own escape sequences are spelled out in any case.
        width: the terminal cells that a line may take; None never breaks a message. Paths, quoted texts and
            other words are never broken, so a line that holds one may still be longer.
    """
    return "\n\n".join(_format_one(found, color=color, width=width) for found in diagnostics)


def _format_one(found: Diagnostic, *, color: bool, width: int | None) -> str:
    sheet = _Sheet(found, color=color, width=width)
    style = _STYLES[found.severity]
    sheet.heading(f"{found.severity.value}[{found.code}]", style, found.message)
    if found.span is not None:
        sheet.place(str(found.span), found.path)
        sheet.excerpt(found.span, style, found.label)
    elif found.file is not None:
        sheet.place(found.file, found.path)
    for other in found.related:
        sheet.heading("note", _NOTE, other.message)
        sheet.place(str(other.span), "")
        sheet.excerpt(other.span, _NOTE, "")
    for note in found.notes:
        sheet.note(note)
    if found.help:
        sheet.note(found.help, "help")
    sheet.note(f"dagwright explain {found.code}", "help")
    return "\n".join(sheet.lines)


def format_summary(diagnostics: Iterable[Diagnostic], files: int) -> str:
    """Say in one line how many findings there are in how many of the files that were looked at."""
    found = list(diagnostics)
    if not found:
        return f"{_count(files, 'file')}, no problems"
    errors = sum(one.severity is Severity.ERROR for one in found)
    counts = [_count(errors, "error")] if errors else []
    if warnings := len(found) - errors:
        counts.append(_count(warnings, "warning"))
    text = " and ".join(counts)
    touched = len({one.file_name for one in found if one.file_name is not None})
    if not touched:
        return text
    # The project file and defaults count as touched, but not among the files that hold DAGs.
    return (
        f"{text} in {touched} of {_count(files, 'file')}"
        if touched <= files
        else f"{text} in {_count(touched, 'file')}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
