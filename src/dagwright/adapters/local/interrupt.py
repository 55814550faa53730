"""Ctrl-C and SIGTERM during a run: tell the running task to stop its work elsewhere, then unwind.

Airflow catches a KeyboardInterrupt inside a task and calls it a failure, so the wish is remembered here. It also
takes SIGTERM over for each task, to call the operator's `on_kill`; that handler is what reaches a remote job, and
the only one that knows the running copy of the operator.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Interrupt"]

_TERMINATE_SECONDS = 3.0
_IMPATIENT = 3

_log = logging.getLogger(__name__)


class Interrupt:
    """A context manager that turns both signals into one KeyboardInterrupt and remembers it.

    Outside of the main thread, where Python allows no signal handlers, it does nothing.

    Args:
        last_resort: clean-up before the process ends at once, after the third signal.
    """

    def __init__(self, last_resort: Callable[[], None]) -> None:
        self.wanted = False
        self._count = 0
        self._last_resort = last_resort
        self._before = _descendants()
        self._children: set[Any] = set()
        self._active = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._active:
            self._old: dict[int, Any] = {
                signum: signal.signal(signum, self._handle) for signum in (signal.SIGINT, signal.SIGTERM)
            }
            # A task's own SIGTERM handler lets the task go on. The wake-up descriptor hears of the signal all the same.
            self._ear, self._mouth = socket.socketpair()
            self._mouth.setblocking(False)
            self._old_wakeup = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
            threading.Thread(target=self._listen, name="dagwright-signals", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._active:
            signal.set_wakeup_fd(self._old_wakeup)
            self._mouth.close()
            for signum, handler in self._old.items():
                signal.signal(signum, handler)

    def kill_children(self) -> None:
        """End all processes that were started since the context was entered."""
        import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own

        children = [child for child in self._children | _descendants() if child not in self._before]
        for end in (psutil.Process.terminate, psutil.Process.kill):
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    end(child)
            _, children = psutil.wait_procs(children, timeout=_TERMINATE_SECONDS)

    def _listen(self) -> None:
        with self._ear:
            while signums := self._ear.recv(16):
                if signal.SIGTERM in signums:
                    os.kill(os.getpid(), signal.SIGINT)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if signum == signal.SIGTERM:
            return  # _listen sends a SIGINT after it
        self.wanted = True
        self._count += 1
        # A child may lose its parent, and so its place among our descendants, in what follows.
        self._children |= _descendants()
        if self._count >= _IMPATIENT:
            self.kill_children()
            self._last_resort()
            os._exit(130)
        on_term = signal.getsignal(signal.SIGTERM)
        if self._count == 1 and callable(on_term) and on_term != self._handle:
            try:
                on_term(signal.SIGTERM, frame)
            except Exception:  # noqa: BLE001  # any operator's on_kill
                _log.exception("on_kill failed")
        raise KeyboardInterrupt


def _descendants() -> set[Any]:
    # Airflow brings it; without Airflow this module must import all the same.
    import psutil

    return set(psutil.Process().children(recursive=True))
