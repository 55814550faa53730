"""A script that runs a command and stops everything that it started when the task that wanted it is gone.

Airflow ends a task that is marked as failed, cleared or lost by killing the task's process, which leaves no
time to clean up; a job that lives on would write into the workspace beside its own retry. So the task holds
one end of a pipe and this script the other: when the task is gone, however it went, the pipe closes and the
whole process group is ended.

Run by path, isolated, as `python -I -S lifeline.py PIPE COMMAND...`, in a process group of its own, which the
command shares. It imports nothing of Dagwright. Its exit code or signal is the command's; 126 and 127 are a
shell's for a command that cannot start.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Sequence

__all__ = ["main"]

GRACE_SECONDS = 5.0


def main(arguments: Sequence[str]) -> int:
    """Run the command after the pipe's number; return its exit code, or do not return at all."""
    lifeline, command = int(arguments[0]), list(arguments[1:])
    os.set_inheritable(lifeline, False)
    wake, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # The task ends the group with these; this script stays until the command has ended.
        signal.signal(number, _do_nothing)
    try:
        child = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ] if hasattr(signal, "SIGXFSZ") else [signal.SIGPIPE],
        )
    except OSError as error:
        sys.stderr.write(f"cannot start '{command[0]}': {error.strerror}\n")
        return 127 if isinstance(error, FileNotFoundError) else 126
    while True:
        ready, _, _ = select.select([wake, lifeline], [], [])
        if wake in ready:
            os.read(wake, 4096)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _pass_on(os.waitstatus_to_exitcode(status))
        if lifeline in ready:
            _end_group(child)


def _do_nothing(number: int, frame: object) -> None:
    """Keep a signal from ending this script."""


def _end_group(child: int) -> None:
    group = os.getpgrp()
    os.killpg(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and os.waitpid(child, os.WNOHANG)[0] == 0:
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)


def _pass_on(exit_code: int) -> int:
    if exit_code >= 0:
        return exit_code
    import resource  # only where a signal ended the command

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command has left its core dump, if any
    number = signal.Signals(-exit_code)
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 - exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
