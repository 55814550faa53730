"""Where the text of a run goes: one file per task, and `run.log` for everything outside of tasks.

Tasks run one after the other in one process, so "the current file" says it all; threads that a task leaves behind
write to whatever is current.
"""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

__all__ = ["Sink", "SinkStream", "tail"]

_ERRORS = frozenset({"ERROR", "CRITICAL"})


class Sink:
    """Writes readable lines, `HH:MM:SS LEVEL message`, with secrets masked.

    Attributes:
        mask: hides the secrets that Airflow knows of; set once Airflow is there.
        catch_up: called before an error is written, so that what child processes said before stands before it.
    """

    def __init__(self, run_log: Path) -> None:
        self.mask: Callable[[str], str] = str
        self.catch_up: Callable[[], object] = bool
        self._lock = threading.RLock()
        self._run_file = _open(run_log)
        self._task_file: TextIO | None = None

    def open_task(self, path: Path) -> None:
        """Send what follows to a task's file, which is appended to."""
        with self._lock:
            self.close_task()
            self._task_file = _open(path)

    def close_task(self) -> None:
        """Send what follows to `run.log` again."""
        with self._lock:
            if self._task_file is not None:
                self._task_file.close()
                self._task_file = None

    def line(self, level: str, message: str, *, engine: bool = False) -> None:
        """Write one message, which may have several lines; the engine's own go to `run.log`."""
        if level in _ERRORS:
            self.catch_up()
        stamp = datetime.now().astimezone().strftime("%H:%M:%S")
        # The masker knows whole values only, so it must see a message before it is cut into lines.
        text = f"{stamp} {level:<8} {self.mask(message)}\n"
        with self._lock:
            file = self._run_file if engine or self._task_file is None else self._task_file
            # A logger may outlive the run that it was made in.
            if not file.closed:
                file.write(text)

    def close(self) -> None:
        """Close all files; whatever still comes is dropped."""
        with self._lock:
            self.close_task()
            self._run_file.close()


class SinkStream(io.RawIOBase):
    """The raw half of a `sys.stdout` that cuts what is written into lines for a sink."""

    def __init__(self, sink: Sink, descriptor: int) -> None:
        self._sink = sink
        self._descriptor = descriptor
        self._rest = b""

    def writable(self) -> bool:
        """Say yes."""
        return True

    def fileno(self) -> int:
        """Give the captured descriptor, so that `subprocess.run(..., stdout=sys.stdout)` works."""
        return self._descriptor

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]  # the stub's type is private
        """Write the lines that are complete and keep the rest."""
        *lines, self._rest = (self._rest + bytes(data)).split(b"\n")
        for line in lines:
            self._emit(line)
        return len(data)

    def finish_line(self) -> None:
        """Write out a last line that no newline ended."""
        if self._rest:
            self._emit(self._rest)
            self._rest = b""

    def _emit(self, line: bytes) -> None:
        self._sink.line("INFO", line.decode("utf-8", "replace").rstrip("\r"))


def tail(path: Path, lines: int) -> tuple[str, ...]:
    """Give the last lines of a log file."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return tuple(line.rstrip("\n") for line in deque(file, maxlen=lines))


def _open(path: Path) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a", encoding="utf-8", errors="replace", buffering=1)
