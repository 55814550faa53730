"""What a stub calls: the DAG of one DAG file, or an error that says in Airflow's UI what is wrong with that file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dagwright.adapters.versions import unsupported_airflow
from dagwright.binding import BoundDag, Project, load, open_project
from dagwright.binding.owners import duplicate_id
from dagwright.collector import never_garbage
from dagwright.diagnostics import DagwrightError, Diagnostic, LoadError
from dagwright.model.loaded import loaded_of

__all__ = ["dag_of"]


@never_garbage()
def dag_of(stub: str, dag_file: str, *, project: str, env: str | None = None, rivals: Sequence[str] = ()) -> Any:
    """Return the `airflow.sdk.DAG` of a DAG file.

    Args:
        stub: the calling file.
        dag_file: the DAG file, absolute or relative to the stub.
        project: the project's folder, likewise.
        env: the environment; `DAGWRIGHT_ENV` where None.
        rivals: DAG files of the project that had the same DAG id when the stub was made, and a stronger claim to it.

    Raises:
        LoadError: with every problem of the DAG file.
        DagwrightError: the installed Airflow is not supported.
    """
    if (problem := unsupported_airflow()) is not None:
        raise DagwrightError(problem)
    from airflow.sdk import get_parsing_context

    file, root = _resolved(stub, dag_file), _resolved(stub, project)
    if not os.path.isdir(root):  # noqa: PTH112  Path.is_dir may raise
        help_text = "mount or deploy it, for the DAG processor and the workers alike"
        raise _missing(f"the project's folder '{root}' is not here", file, root, help_text)
    selection = [file, *(root / rival for rival in rivals)]
    opened, problems = open_project(root, env=env, selection=selection, bind=False)
    if opened is None:
        raise LoadError(problems)
    if not os.path.isfile(file):  # noqa: PTH113
        help_text = "run 'dagwright sync', which removes the stub, or put the file back"
        raise _missing("the DAG file of this stub does not exist any more", file, root, help_text)
    factory = load(file, project=opened)
    _refuse_taken_id(factory, root, rivals, opened)
    dag = factory.make_dag()
    bound = loaded_of(factory)
    if isinstance(bound, BoundDag) and get_parsing_context().task_id is None:
        # On a worker the log of the task asks for its place at once.
        opened.put_away(bound)
    return dag


def _resolved(stub: str, path: str) -> Path:
    """Return a path that is written in a stub.

    Links stay as Airflow walks them, as what they lead to may have another name after each deployment; only where
    that leads nowhere, since the folder of the stubs is a link itself, they are followed.
    """
    folder = os.path.dirname(os.path.abspath(stub))  # noqa: PTH100, PTH120
    written = os.path.normpath(os.path.join(folder, path))  # noqa: PTH118
    if os.path.exists(written):  # noqa: PTH110
        return Path(written)
    followed = os.path.normpath(os.path.join(os.path.realpath(folder), path))  # noqa: PTH118
    return Path(followed if os.path.exists(followed) else written)  # noqa: PTH110


def _missing(message: str, file: Path, root: Path, help_text: str) -> LoadError:
    name = Path(os.path.relpath(file, root)).as_posix()
    return LoadError([Diagnostic(code="DW212", message=message, file=name, help=help_text)])


def _refuse_taken_id(factory: Any, root: Path, rivals: Sequence[str], opened: Project) -> None:
    """Refuse an id that another file has: Airflow would let the two overwrite each other without a word."""
    bound = loaded_of(factory)
    for rival in rivals:
        try:
            other = loaded_of(load(root / rival, project=opened))
        except LoadError:
            # Its own stub says so, and the id is free until it is mended.
            continue
        if isinstance(bound, BoundDag) and isinstance(other, BoundDag) and bound.dag_id == other.dag_id:
            raise LoadError([duplicate_id(bound, other)])
