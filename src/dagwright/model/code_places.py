"""Where something stands in the project's own Python code."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path

from dagwright.diagnostics import SourceText, Span

__all__ = ["place_of_error", "span_of_line"]

# Frames of this folder lead to the project's code.
_HERE = str(Path(__file__).parent)


def span_of_line(filename: str, line: int, folders: Iterable[str], *, column: int = 0) -> Span | None:
    """Return a line of code below one of the folders, from a column on; None for code from elsewhere."""
    path = Path(filename)
    folder = next((folder for folder in folders if path.is_relative_to(folder)), None)
    if folder is None or line < 1:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    lines = text.splitlines(keepends=True)
    if line > len(lines):
        return None
    shown = lines[line - 1].rstrip()
    start = sum(map(len, lines[: line - 1]))
    indent = len(shown) - len(shown.lstrip())
    source = SourceText(path.relative_to(folder).as_posix(), text)
    return Span(source=source, start_offset=start + min(max(indent, column), len(shown)), end_offset=start + len(shown))


def place_of_error(error: BaseException, folders: Iterable[str]) -> tuple[Span | None, str]:
    """Return the last line of the project's code that an exception passed, and where else it was raised."""
    searched = tuple(folders)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        span = span_of_line(error.filename, error.lineno, searched, column=(error.offset or 1) - 1)
        return span, "" if span is not None else f"{error.filename}:{error.lineno}"
    span, elsewhere = None, ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(("<frozen", _HERE)) or "importlib" in frame.filename or frame.lineno is None:
            continue
        inside = span_of_line(frame.filename, frame.lineno, searched)
        if inside is not None:
            span, elsewhere = inside, ""
        else:
            elsewhere = f"{frame.filename}:{frame.lineno}"
    return span, elsewhere
