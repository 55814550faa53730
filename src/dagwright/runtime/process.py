"""A job as a subprocess of the worker: the runtime that needs nothing but the worker itself."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dagwright.runtime import lifeline
from dagwright.runtime.errors import ProcessFailed, ProcessRefused
from dagwright.runtime.identity import current_run
from dagwright.runtime.job_secrets import SecretVariables
from dagwright.runtime.job_variables import job_environment
from dagwright.runtime.log_lines import LineWriter
from dagwright.runtime.supervisor import supervisor_is_gone
from dagwright.runtime.workspace import RunWorkspace, open_workspace

__all__ = ["run_command", "run_process"]

log = logging.getLogger(__name__)

_TAIL = 20
_READ = 65_536
_QUIET_SECONDS = 1.0  # how long the output of what a finished command left behind may pause
_DRAIN_SECONDS = 5.0  # and how long it is read at all


def run_process(
    command: str | Sequence[str],
    env: Mapping[str, object] | None = None,
    *,
    image: str | None = None,
    base: str | None = None,
    path: Sequence[str | os.PathLike[str]] = (),
    pass_env: Sequence[str] = (),
    skip_exit_code: int | None = None,
    allowed: bool = False,
    secrets: Mapping[str, str] | None = None,
) -> None:
    """Run a job as a subprocess in the running task's workspace, its output in the task's log.

    Args:
        command: a text for `/bin/sh -c`, or a program and its arguments, which no shell reads.
        env: environment variables of the job.
        image: the container image that the job names; it is ignored, and the log says so.
        base: the workspaces' base, see `open_workspace`.
        path: the project's folders, for PATH and PYTHONPATH.
        pass_env: the worker's environment variables that the job gets as well.
        skip_exit_code: the exit code that marks the task as skipped.
        allowed: whether the project allows subprocesses of the worker in this environment.
        secrets: further environment variables, by references to values of Airflow.

    Raises:
        ProcessRefused: when the project does not allow it and Dagwright's own runner is not running it.
        ProcessFailed: for any other exit code than 0.
    """
    if not allowed and os.environ.get("DAGWRIGHT_LOCAL_RUN") != "1":
        raise ProcessRefused(
            "the runtime 'process' is not allowed here: it runs the job's command on the Airflow worker itself; "
            'choose another runtime, or allow it in dagwright.toml by allow = ["process"], '
            'for one environment by [env.NAME] with allow = ["process"]'
        )
    run = current_run()
    workspace = open_workspace(base, run.dag_id, run.run_id)
    own = {**(env or {}), **SecretVariables(secrets or {})}
    variables = job_environment(workspace, run, folders=path, pass_env=pass_env, env=own, worker_env=os.environ)
    for name in pass_env:
        if name not in os.environ:
            log.warning("the environment variable '%s', which the job asks for, is not set on this worker", name)
    if image is not None:
        log.warning(
            "THE IMAGE '%s' IS IGNORED: the runtime 'process' runs the command on this machine, with what is "
            "installed here",
            image,
        )
    from airflow.providers.common.compat.sdk import AirflowSkipException, redact

    # A worker's own log masks what Airflow knows as secret; the failure's text and a run in this process do not.
    exit_code = run_command(
        command, workspace, variables, skip_exit_code=skip_exit_code, clean=lambda line: str(redact(line))
    )
    if exit_code != 0:
        raise AirflowSkipException(f"the job ended with exit code {exit_code}, which skips the task")


def run_command(
    command: str | Sequence[str],
    workspace: RunWorkspace,
    variables: Mapping[str, str],
    *,
    skip_exit_code: int | None = None,
    clean: Callable[[str], str] = str,
) -> int:
    """Run a command in a workspace and return its exit code: 0, or the one that means to skip.

    Whatever ends the call (a time limit, an interrupt, a kill of this process or of the one that supervises it) ends
    every process of the command's group: TERM, and KILL after five seconds.

    Args:
        command: a text for `/bin/sh -c`, or a program and its arguments.
        workspace: the working directory where it is a local one; else the command starts in a temporary folder.
        variables: the whole environment.
        skip_exit_code: an exit code that is no failure.
        clean: takes secrets out of a line of output.

    Raises:
        ProcessFailed: for any other exit code.
    """
    arguments = _arguments(command)
    output = LineWriter(lambda line: log.info("%s", line), remember=_TAIL, clean=clean)
    with _working_folder(workspace) as folder:
        exit_code = _run(arguments, folder, variables, output)
    if exit_code in (0, skip_exit_code):
        return exit_code
    raise ProcessFailed(_failure(exit_code, list(output.tail)), exit_code=exit_code)


def _arguments(command: str | Sequence[str]) -> list[str]:
    arguments = ["/bin/sh", "-c", command] if isinstance(command, str) else [str(part) for part in command]
    if not arguments or not arguments[-1 if isinstance(command, str) else 0].strip():
        raise ProcessFailed("the job's command is empty", exit_code=127)
    if any("\0" in part for part in arguments):
        raise ProcessFailed("the job's command contains a NUL character", exit_code=126)
    return arguments


@contextlib.contextmanager
def _working_folder(workspace: RunWorkspace) -> Iterator[Path]:
    if workspace.is_local:
        workspace.create()
        yield workspace.local_path
        return
    log.info("the workspace is '%s': the job reads and writes it itself (DAGWRIGHT_WORKSPACE)", workspace.uri)
    with tempfile.TemporaryDirectory(prefix="dagwright-job-") as folder:
        yield Path(folder)


def _run(arguments: Sequence[str], folder: Path, variables: Mapping[str, str], output: LineWriter) -> int:
    lifeline_end, our_end = os.pipe()
    # The variables are the job's: this interpreter is isolated from them (-I), so PYTHONPATH reaches the job alone.
    starter = [sys.executable, "-I", "-S", lifeline.__file__, str(lifeline_end), *arguments]
    try:
        process = subprocess.Popen(
            starter,
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lifeline_end,),
            start_new_session=True,
        )
    except BaseException:
        os.close(our_end)
        raise
    finally:
        os.close(lifeline_end)
    try:
        with process, _ended_by_term(process):
            try:
                _copy_output(process, output)
                exit_code = process.wait()
            except BaseException:
                _end_group(process)
                raise
            else:
                _kill_group(process.pid, signal.SIGKILL)  # as a container ends with its first process
                return exit_code
            finally:
                output.close()
    finally:
        os.close(our_end)


def _copy_output(process: subprocess.Popen[bytes], output: LineWriter) -> None:
    """Copy the output until it ends, or until only what a finished command left behind could still write."""
    if process.stdout is None:
        return
    pipe = process.stdout.fileno()
    finished_at: float | None = None
    while True:
        ready, _, _ = select.select([pipe], [], [], 0.2 if finished_at is None else _QUIET_SECONDS)
        if ready:
            data = os.read(pipe, _READ)
            if not data:
                return
            output.feed(data)
        if finished_at is None:
            if process.poll() is not None:
                finished_at = time.monotonic()
            elif supervisor_is_gone():
                raise ProcessFailed("the job is stopped: the worker that ran its task is gone", exit_code=143)
        elif not ready or time.monotonic() - finished_at > _DRAIN_SECONDS:
            log.warning("the command ended and left processes behind; they are stopped")
            _kill_group(process.pid, signal.SIGKILL)
            return


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        log.warning("stopping the job")  # which fails where the supervisor is gone that wrote the log
        _kill_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=lifeline.GRACE_SECONDS)
    finally:
        _kill_group(process.pid, signal.SIGKILL)
        process.wait()


def _kill_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(group, number)


@contextlib.contextmanager
def _ended_by_term(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the job on SIGTERM, which Airflow's task process otherwise outlives until it is killed."""

    def end(number: int, frame: Any) -> None:
        _kill_group(process.pid, signal.SIGTERM)
        if callable(before):
            before(number, frame)
        else:
            raise SystemExit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # only the main thread may; elsewhere the lifeline does
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _failure(exit_code: int, tail: Sequence[str]) -> str:
    number = -exit_code if exit_code < 0 else exit_code - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        ended = f"the job ended with exit code {exit_code}"
    else:
        shown = 128 + number
        ended = f"the job ended with exit code {shown} (signal {name})"
    if not tail:
        return f"{ended}; it wrote nothing"
    return "\n".join([f"{ended}; its last lines:", *(f"    {line}" for line in tail)])
