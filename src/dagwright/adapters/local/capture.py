"""Keeps the screen free: whatever is written to standard output or error during a run ends in the sink.

Both levels are needed: Python's streams for `print`, in order with the log records, and the file descriptors for
child processes and C code.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TextIO

from dagwright.adapters.local.sink import Sink, SinkStream

__all__ = ["Capture"]

_DRAIN_SECONDS = 2.0
_PIPE_BYTES = 65536


class Capture:
    """A context manager that owns descriptors 1 and 2 and `sys.stdout` and `sys.stderr`."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._raw = (SinkStream(sink, 1), SinkStream(sink, 2))
        self._streams = tuple(_text(raw) for raw in self._raw)
        self._marker = f"\0dagwright-{os.getpid()}-{id(self)}\0\n".encode()
        self._drained = threading.Event()
        self._draining = threading.Lock()
        self._reading = False

    def __enter__(self) -> Self:
        self._theirs: tuple[TextIO, TextIO] = (sys.stdout, sys.stderr)
        _flush(*self._theirs)
        self._screen = (os.dup(1), os.dup(2))
        reader, self._pipe = os.pipe()
        self._thread = threading.Thread(target=self._read, args=(reader,), name="dagwright-output", daemon=True)
        self._thread.start()
        self._reading = True
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.drain()
        self._give_back()
        with self._draining:
            self._reading = False
            os.close(self._pipe)
        for descriptor in self._screen:
            os.close(descriptor)
        # A child that lives on may hold the pipe open for ever.
        self._thread.join(_DRAIN_SECONDS)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Give the screen back for a moment."""
        self._give_back()
        try:
            yield
        finally:
            _flush(sys.stdout, sys.stderr)
            self._take()

    def drain(self) -> None:
        """Wait until all that was written so far has reached the sink."""
        for raw in self._raw:
            raw.finish_line()
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until what child processes wrote so far has reached the sink."""
        with self._draining:
            if self._reading:
                self._drained.clear()
                os.write(self._pipe, self._marker)
                self._drained.wait(_DRAIN_SECONDS)

    def _take(self) -> None:
        os.dup2(self._pipe, 1)
        os.dup2(self._pipe, 2)
        sys.stdout, sys.stderr = self._streams

    def _give_back(self) -> None:
        _flush(*self._streams)
        os.dup2(self._screen[0], 1)
        os.dup2(self._screen[1], 2)
        sys.stdout, sys.stderr = self._theirs

    def _read(self, descriptor: int) -> None:
        lines = SinkStream(self._sink, descriptor)
        rest = b""
        with os.fdopen(descriptor, "rb", buffering=0) as pipe:
            while data := pipe.read(_PIPE_BYTES):
                *complete, rest = (rest + data).split(self._marker)
                for part in complete:
                    lines.write(part)
                    lines.finish_line()
                    self._drained.set()
                # The beginning of a marker holds a NUL, which no line of a log needs to be shown at once.
                if b"\0" not in rest:
                    lines.write(rest)
                    rest = b""
        lines.write(rest)
        lines.finish_line()


def _text(raw: SinkStream) -> TextIO:
    return io.TextIOWrapper(raw, encoding="utf-8", errors="replace", write_through=True)  # type: ignore[type-var]  # the stub asks for a buffer


def _flush(*streams: TextIO | None) -> None:
    for stream in streams:
        # Both are None in a process without a console.
        if stream is not None:
            stream.flush()
