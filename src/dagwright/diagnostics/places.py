"""Where something stands in a text: offsets first, lines and columns on demand.

Nodes of a large project carry two integers each; lines and columns are computed only for what is shown.
Offsets count code points from 0, lines and columns count from 1. Only LF, CR LF and CR end a line, as
editors count them (YAML's next-line and separator characters do not).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Position", "SourceText", "Span", "TextEdit"]

_LINE_END = re.compile(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A place between two characters: line and column from 1, offset from 0, all in code points."""

    line: int
    column: int
    offset: int


class SourceText:
    """A text under the name that messages show (a path relative to the project, with forward slashes)."""

    __slots__ = ("_line_starts", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._line_starts: list[int] | None = None

    def __repr__(self) -> str:
        return f"SourceText({self.name!r}, {len(self.text)} characters)"

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            self._line_starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        return self._line_starts

    def position(self, offset: int) -> Position:
        """Return line and column of an offset; offsets past the end are those of the end."""
        offset = max(0, min(offset, len(self.text)))
        starts = self._starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1, offset)

    def line(self, number: int) -> str:
        """Return one line (from 1) without its line end."""
        starts = self._starts()
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A half-open range of offsets in one text."""

    source: SourceText = field(repr=False, compare=False)
    start_offset: int
    end_offset: int

    @property
    def start(self) -> Position:
        """The position of the first character."""
        return self.source.position(self.start_offset)

    @property
    def end(self) -> Position:
        """The position after the last character."""
        return self.source.position(self.end_offset)

    def __str__(self) -> str:
        start = self.start
        return f"{self.source.name}:{start.line}:{start.column}"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextEdit:
    """Replace a span of a text by another text."""

    span: Span
    replacement: str
