"""The environment variables of a job: what it needs and what its file names, nothing else of the worker's."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dagwright.runtime.errors import ProcessFailed
from dagwright.runtime.identity import RunIdentity
from dagwright.runtime.workspace import RunWorkspace

__all__ = ["job_environment", "workspace_variables"]

_KEPT = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def workspace_variables(workspace: RunWorkspace, run: RunIdentity) -> dict[str, str]:
    """Return the variables that tell a job, wherever it runs, for what it runs and where the files are."""
    return {
        "DAGWRIGHT_WORKSPACE": workspace.variable,
        "DAGWRIGHT_DAG_ID": run.dag_id,
        "DAGWRIGHT_RUN_ID": run.run_id,
        "DAGWRIGHT_TASK_ID": run.task_id,
        "DAGWRIGHT_LOGICAL_DATE": run.logical_date,
    }


def job_environment(
    workspace: RunWorkspace,
    run: RunIdentity,
    *,
    folders: Sequence[str | os.PathLike[str]],
    pass_env: Sequence[str],
    env: Mapping[str, object],
    worker_env: Mapping[str, str],
) -> dict[str, str]:
    """Return the whole environment of a job that runs on the worker.

    Args:
        workspace: where the files are.
        run: for what it runs.
        folders: the project's folders, first on PATH and alone on PYTHONPATH.
        pass_env: names of the worker's variables that the job gets as well, where they are set.
        env: what the DAG file says; it beats everything else.
        worker_env: the worker's own environment.

    Raises:
        ProcessFailed: when a name or a value of `env` cannot be an environment variable's.
    """
    names = [os.fspath(folder) for folder in folders]
    result = {name: worker_env[name] for name in _KEPT if name in worker_env}
    if "LANG" not in result and "LC_ALL" not in result:
        result["LANG"] = "C.UTF-8"
    search = [*names, str(Path(sys.executable).parent), worker_env.get("PATH") or os.defpath]
    result["PATH"] = os.pathsep.join(search)
    if names:
        result["PYTHONPATH"] = os.pathsep.join(names)
    result["PYTHONUNBUFFERED"] = "1"
    result |= workspace_variables(workspace, run)
    result |= {name: worker_env[name] for name in pass_env if name in worker_env}
    for name, value in env.items():
        # A template may render to something else than a string; the value itself is never shown.
        text = value if isinstance(value, str) else "" if value is None else str(value)
        if not name or "=" in name or "\0" in name or "\0" in text:
            raise ProcessFailed(f"{name!r} cannot be an environment variable of the job", exit_code=126)
        result[name] = text
    return result
