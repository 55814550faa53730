"""Runs a command under `env -i`, in the workspace, with limits; whatever it started ends with the task."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from dagwright.runtime import current_run, run_command, run_workspace, workspace_variables

__all__ = ["run_in_sandbox"]


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
        RunError: when it fails.
        AirflowSkipException: when it says that there is nothing to do.
    """
    workspace = run_workspace(base)
    variables = {"PATH": os.pathsep.join(path), **workspace_variables(workspace, current_run()), **env}
    words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
    # The shell that sets the limits would add variables of its own (PWD, _) to those of the job.
    script = f"ulimit -t {cpu_seconds} && ulimit -n {open_files} && exec {shlex.join(_under(variables, words))}"
    exit_code = run_command(script, workspace, {}, skip_exit_code=skip_exit_code)
    if exit_code != 0:
        from airflow.providers.common.compat.sdk import AirflowSkipException

        raise AirflowSkipException(f"exit code {exit_code} means that there is nothing to do")


def _under(variables: Mapping[str, str], words: Sequence[str]) -> list[str]:
    """Return the command that runs another one with these variables and no others."""
    return ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in variables.items()), *words]
