"""Runs a command in an environment of its own, in the workspace, with limits; what it started ends with the task."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Mapping, Sequence

from acme.worker.secrets import read_secrets
from dagwright.runtime import current_run, run_command, run_workspace, workspace_variables

__all__ = ["run_in_sandbox"]

# What the programs before the job's own add to its variables.
ADDED = ("LC_CTYPE", "OLDPWD", "PWD", "SHLVL", "_")


def run_in_sandbox(
    arguments: Sequence[str],
    env: Mapping[str, str],
    *,
    path: Sequence[str],
    cpu_seconds: int,
    open_files: int,
    cpu: float | None = None,
    memory_mib: int | None = None,
    secrets: Mapping[str, str],
    base: str | None = None,
    skip_exit_code: int | None = None,
) -> None:
    """Run a job to its end.

    Raises:
        RunError: when it fails.
        AirflowSkipException: when it says that there is nothing to do.
    """
    from airflow.providers.common.compat.sdk import AirflowSkipException, redact

    workspace = run_workspace(base)
    own = {**workspace_variables(workspace, current_run()), **env, **read_secrets(secrets)}
    variables = {"PATH": os.pathsep.join(path), **own}
    limits = [f"ulimit -t {cpu_seconds}", f"ulimit -n {open_files}"]
    if memory_mib is not None:
        limits.append(f"ulimit -v {memory_mib * 1024}")
    # Variables are no arguments of a program: those are for everybody on the machine to read.
    words = ["/usr/bin/env", *(f"--unset={name}" for name in ADDED if name not in own), *arguments]
    if cpu is not None:
        words = ["/usr/bin/taskset", "--cpu-list", cores(cpu), *words]
    exit_code = run_command(
        " && ".join([*limits, f"exec {shlex.join(words)}"]),
        workspace,
        variables,
        skip_exit_code=skip_exit_code,
        clean=lambda line: str(redact(line)),
    )
    if exit_code != 0:
        raise AirflowSkipException(f"exit code {exit_code} means that there is nothing to do")


def cores(cpu: float) -> str:
    """Return as many of the worker's cores as a job needs, or all of them; the operating system moves it among them."""
    mine = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(mine)  # so that two jobs need not meet on one
    return ",".join(str(core) for core in (mine[first:] + mine[:first])[: math.ceil(cpu)])
