"""One process of Airflow: in a group of its own, its output in a file, gone with the tests however they end.

Each is started by Dagwright's own lifeline, which ends the group when the other end of its pipe closes: also after
SIGKILL of the tests.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # Airflow brings it; it ships no types

from dagwright.runtime import lifeline

__all__ = ["Process", "end_all"]

_PATIENCE = 15.0  # seconds to end by itself after SIGTERM; the lifeline kills the group after five


class Process:
    """A running process.

    Attributes:
        name: what failures call it.
        log: the file with its output.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._killed = False
        pipe, self._our_end = os.pipe()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", lifeline.__file__, str(pipe), *command],
                env=dict(environment),
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(pipe,),
                start_new_session=True,
            )
        os.close(pipe)

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def assert_alive(self) -> None:
        """Fail when it ended by itself."""
        if self._killed:
            return
        code = self._process.poll()
        assert code is None, f"{self.name} ended with exit code {code}:\n{self.tail()}"

    def family(self) -> list[psutil.Process]:
        """Return the process and all that it started, in whatever process group."""
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(self._process.pid)
            return [top, *top.children(recursive=True)]
        return []

    def kill(self) -> None:
        """Kill its session at once, so that nobody in it can act on another one's end: all that Airflow runs.

        What tasks started in sessions of their own hears nothing of it.
        """
        self._killed = True
        session = [one for one in self.family() if os.getsid(one.pid) == self._process.pid]
        for act in (psutil.Process.suspend, psutil.Process.kill):
            for one in session:
                with contextlib.suppress(psutil.NoSuchProcess):
                    act(one)
        self._close()

    def kill_group(self) -> None:
        """Kill its process group, as a shell's `kill -9 -GROUP` does. The processes of Airflow's tasks live on."""
        self._killed = True
        os.killpg(self._process.pid, signal.SIGKILL)
        self._close()

    def _close(self) -> None:
        self._process.wait(timeout=60)
        if self._our_end >= 0:
            os.close(self._our_end)
            self._our_end = -1


def end_all(processes: Iterable[Process]) -> None:
    """End processes together: SIGTERM, then SIGKILL for whatever is left of their families."""
    processes = list(processes)
    families = [one for process in processes for one in process.family()]
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process._process.pid, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and any(process._process.poll() is None for process in processes):
        time.sleep(0.1)
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process._process.pid, signal.SIGKILL)
        process._close()
    for one in families:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
