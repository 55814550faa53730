"""Runs a command under `env -i`, in the workspace, with limits; whatever it started ends with the task."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

from dagwright.runtime.errors import ProcessFailed
from dagwright.runtime.identity import current_run
from dagwright.runtime.job_environment import workspace_variables
from dagwright.runtime.workspace import run_workspace

__all__ = ["run_in_sandbox"]

log = logging.getLogger(__name__)


def run_in_sandbox(
    command: str | Sequence[str],
    env: Mapping[str, str],
    *,
    path: Sequence[str],
    cpu_seconds: int,
    open_files: int,
    base: str | None = None,
    skip_exit_code: int | None = None,
) -> None:
    """Run a job to its end.

    Raises:
        ProcessFailed: when it fails.
        AirflowSkipException: when it says that there is nothing to do.
    """
    workspace = run_workspace(base)
    variables = {"PATH": os.pathsep.join(path), **workspace_variables(workspace, current_run()), **env}
    words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
    assignments = [f"{name}={value}" for name, value in variables.items()]
    program = shlex.join(["/usr/bin/env", "-i", *assignments, *words])
    script = f"ulimit -t {cpu_seconds} && ulimit -n {open_files} && exec {program}"
    process = subprocess.Popen(
        ["/bin/sh", "-c", script],
        cwd=workspace.local_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    with _ended_with_the_task(process):
        for line in process.stdout or ():
            log.info("%s", line.rstrip("\n"))
        code = process.wait()
    if code == 0:
        return
    if code == skip_exit_code:
        from airflow.sdk.exceptions import AirflowSkipException

        raise AirflowSkipException(f"exit code {code} means that there is nothing to do")
    raise ProcessFailed(f"the job ended with exit code {code}", exit_code=code)


@contextlib.contextmanager
def _ended_with_the_task(process: subprocess.Popen[str]) -> Iterator[None]:
    """End every process of the job when the task is killed, times out or fails."""

    def end(*_: Any) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def on_term(number: int, frame: FrameType | None) -> None:
        end()
        if callable(before):
            before(number, frame)

    # Airflow tells a task with TERM, which interrupts nothing by itself; only a main thread hears signals.
    hears = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, on_term) if hears else None
    try:
        yield
    finally:
        end()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        if hears:
            signal.signal(signal.SIGTERM, before)
