"""A process's output, byte by byte, into lines for a log."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable

__all__ = ["LineWriter"]

_LONGEST_LINE = 16_384


class LineWriter:
    """Cut a stream of bytes into lines, hand each on, and remember the last ones.

    Undecodable bytes are replaced. A carriage return overwrites what stands before it in its line, as on a
    terminal, so that a progress bar is one line. A very long line arrives in pieces.

    Attributes:
        tail: the last lines, oldest first.
    """

    def __init__(self, write: Callable[[str], None], *, remember: int, clean: Callable[[str], str] = str) -> None:
        self.tail: deque[str] = deque(maxlen=remember)
        self._write = write
        self._clean = clean
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        *lines, self._rest = (self._rest + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._emit(line)
        while len(self._rest) > _LONGEST_LINE:
            self._emit(self._rest[:_LONGEST_LINE])
            self._rest = self._rest[_LONGEST_LINE:]

    def close(self) -> None:
        """Hand on what has no line end."""
        rest, self._rest = self._rest + self._decoder.decode(b"", final=True), ""
        if rest:
            self._emit(rest)

    def _emit(self, line: str) -> None:
        shown = self._clean(line.rstrip("\r").rpartition("\r")[2])
        for start in range(0, max(len(shown), 1), _LONGEST_LINE):
            piece = shown[start : start + _LONGEST_LINE]
            self.tail.append(piece)
            self._write(piece)
