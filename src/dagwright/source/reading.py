"""Files → texts: size, encoding and readability, before any parser sees them."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG

from dagwright.diagnostics import Diagnostic, SourceText, Span
from dagwright.source.limits import MAX_BYTES

__all__ = ["content_of", "read_source"]

_BOM = b"\xef\xbb\xbf"


def read_source(path: Path, name: str, *, max_bytes: int = MAX_BYTES) -> tuple[SourceText | None, list[Diagnostic]]:
    """Read a text file in UTF-8.

    Args:
        path: where the file is.
        name: how messages call it.
        max_bytes: the size from which on it is refused, unread.

    Returns:
        The text, or None and what stands in its way.
    """
    try:
        status = os.stat(path)  # noqa: PTH116  a Path costs more than the file
        if not S_ISREG(status.st_mode):
            return None, [Diagnostic(code="DW116", message="this is no file", file=name)]
        size, content = status.st_size, b""
        if size <= max_bytes:
            with open(path, "rb") as file:  # noqa: PTH123
                content = file.read(max_bytes + 1)
    except OSError as error:
        return None, [Diagnostic(code="DW116", message=f"the file is not readable: {_reason(error)}", file=name)]
    size = max(size, len(content))
    if size > max_bytes:
        message = f"the file has {size:,} bytes, the limit is {max_bytes:,}"
        return None, [Diagnostic(code="DW102", message=message, file=name)]
    content = content.removeprefix(_BOM)
    try:
        return SourceText(name, content.decode("utf-8")), []
    except UnicodeDecodeError as error:
        return None, [_not_utf8(content, error.start, name)]


def content_of(path: str | Path) -> bytes | None:
    """Return what a file holds now, to see whether it changed; None where it is none or cannot be read.

    Of one that `read_source` would refuse for its size it is the beginning. A project's own files are looked at again
    for each of its DAG files, and Python's own way to read costs five times as much as this one.
    """
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        status = os.fstat(number)
        return os.read(number, min(status.st_size, MAX_BYTES) + 1) if S_ISREG(status.st_mode) else None
    except OSError:
        return None
    finally:
        os.close(number)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _not_utf8(content: bytes, offset: int, name: str) -> Diagnostic:
    message = f"the file is not UTF-8: byte 0x{content[offset]:02x} at offset {offset:,}"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        # Nothing to show: every second character would be one that stands for none.
        return Diagnostic(code="DW101", message=message, file=name, help="it looks like UTF-16; save it as UTF-8")
    shown = SourceText(name, content.decode("utf-8", "replace"))
    start = len(content[:offset].decode("utf-8"))
    span = Span(source=shown, start_offset=start, end_offset=start + 1)
    return Diagnostic(code="DW101", message=message, span=span, help="save it as UTF-8")
