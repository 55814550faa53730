"""All DAGs of a project from one Python file in Airflow's DAG folder.

    # An Airflow DAG file.
    from dagwright import load_dags

    load_dags(globals())

A Python file has one import error, and raising it would cost every DAG. So what is wrong with one DAG file becomes
a Python warning and, for everybody to see, the text of a DAG without tasks that is there as long as there are errors.

A worker names the one DAG that it needs. Its file is looked for by name, then by the text inside, and only then by
reading everything: the first look, which finds nearly all, opens no other DAG file. Of several files with one DAG id
it so finds the one that owns it (`dagwright.binding.owners`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from dagwright.adapters.versions import unsupported_airflow
from dagwright.binding import Project, open_project
from dagwright.binding.opening import bind_file
from dagwright.collector import never_garbage
from dagwright.diagnostics import DagwrightError, Diagnostic, LoadError, Severity, format_text, sort_diagnostics
from dagwright.project import DagFile, stem_of

__all__ = ["DagFileWarning", "load_dags"]


class DagFileWarning(UserWarning):
    """A DAG file cannot be loaded; the other ones were."""


def load_dags(
    module: MutableMapping[str, Any], folder: str | Path | None = None, *, env: str | None = None
) -> list[str]:
    """Make the DAGs of a project, from a Python file in Airflow's DAG folder.

    A DAG file with errors is left out and reported: as a `DagFileWarning`, and in the DAG `dagwright_problems_NAME`,
    where NAME is that of the Python file. A worker gets the DAG that it asks for and no other.

    Args:
        module: `globals()` of the Python file, which holds the DAGs afterwards.
        folder: the project's folder or one inside of it, of which all DAG files are loaded; that of the Python file
            where None, whose project is then loaded as a whole. A relative one is relative to the Python file.
        env: the environment; `DAGWRIGHT_ENV` where None.

    Returns:
        The ids of the DAGs that were made.

    Raises:
        LoadError: the project itself cannot be read, or, on a worker, the one DAG file that it needs has errors.
        DagwrightError: the installed Airflow is not supported.
    """
    if (problem := unsupported_airflow()) is not None:
        raise DagwrightError(problem)
    from airflow.sdk import get_parsing_context

    # What an interactive session runs has no file: the current folder counts.
    here = Path(module.get("__file__", "loader.py")).absolute()
    start = here.parent if folder is None else (here.parent / folder)
    selection = None if folder is None else [start]
    notice = f"dagwright_problems_{here.stem}"
    context = get_parsing_context()
    # `airflow dags test` names its DAG as well, but leaves that name behind for the parse that follows, which is to
    # find the DAGs that this one triggers. Only a worker names a task.
    wanted = context.dag_id if context.task_id is not None else None
    if wanted is not None and wanted != notice:
        dags = _one(wanted, start, selection, env)
    else:
        dags, problems = _all(start, selection, env)
        broken = [found for found in problems if found.severity is Severity.ERROR]
        if broken:
            _warn(broken, start)
            dags.append(_notice(notice, broken))
    for dag in dags:
        # Not a name that the file could use for something else.
        module[f"dag {dag.dag_id}"] = dag
    return [dag.dag_id for dag in dags]


@never_garbage()
def _all(start: Path, selection: Sequence[Path] | None, env: str | None) -> tuple[list[Any], list[Diagnostic]]:
    """Make every DAG that can be made, and return what is wrong with the others."""
    project, problems = open_project(start, env=env, selection=selection, trees="digest")
    if project is None:
        raise LoadError(problems)
    dags: list[Any] = []
    for bound in project.files:
        if bound.factory is None:
            continue
        try:
            dags.append(bound.factory.make_dag())
        except LoadError as error:
            problems.extend(error.diagnostics)
        except Exception as error:  # noqa: BLE001  what one DAG raises does not cost the others
            message = f"the DAG cannot be made: {type(error).__name__}: {error}"
            problems.append(bound.without_secrets(Diagnostic(code="DW501", message=message, file=bound.dag_file.name)))
    return dags, problems


@never_garbage()
def _one(dag_id: str, start: Path, selection: Sequence[Path] | None, env: str | None) -> list[Any]:
    """Make the DAG with an id; nothing where no file has it."""
    project, problems = open_project(start, env=env, bind=False)
    if project is None:
        raise LoadError(problems)
    broken: list[Diagnostic] = []
    for step, dag_files in enumerate(_searches(dag_id, project, selection)):
        for dag_file in dag_files:
            bound = bind_file(project.binder, dag_file)
            if bound.factory is not None and bound.dag_id == dag_id:
                return [bound.factory.make_dag()]
            if bound.factory is None and dag_id in {bound.dag_id, stem_of(dag_file.path.name)}:
                broken += [found for found in bound.diagnostics if found.severity is Severity.ERROR]
        if broken and step > 0:
            break  # The rest has never been heard of this id.
    if broken:
        raise LoadError(broken)
    return []


def _searches(dag_id: str, project: Project, selection: Sequence[Path] | None) -> Iterator[list[DagFile]]:
    """Yield the files in which to look for a DAG id: those called so, those that say it, all others."""
    yield project.config.dag_files_called(dag_id, selection)
    saying: list[DagFile] = []
    silent: list[DagFile] = []
    for dag_file in project.config.dag_files(selection)[0]:
        if stem_of(dag_file.path.name) == dag_id:
            continue
        (saying if _says(dag_file.path, dag_id.encode()) else silent).append(dag_file)
    yield saying
    yield silent


def _says(file: Path, text: bytes) -> bool:
    try:
        return text in file.read_bytes()
    except OSError:
        return False


def _warn(broken: Sequence[Diagnostic], start: Path) -> None:
    """Say each finding as a Python warning at its place; the DAG processor puts those into its log."""
    for found in broken:
        place = found.span
        warnings.warn_explicit(
            # The place stands here as well, since Airflow 3.4 puts the Python file where the name of the file was.
            f"{found.code}: {found.message} ({place or found.file_name or start})",
            DagFileWarning,
            filename=place.source.name if place is not None else found.file_name or str(start),
            lineno=place.start.line if place is not None else 1,
        )


def _notice(dag_id: str, broken: Sequence[Diagnostic]) -> Any:
    """Make the DAG that says what is wrong."""
    from airflow.sdk import DAG

    files = len({found.file_name for found in broken})
    subject = f"{files} broken DAG file{'' if files == 1 else 's'}"
    text = format_text(sort_diagnostics(broken))
    fence = "```"
    while fence in text:
        fence += "`"
    return DAG(
        dag_id,
        schedule=None,
        dag_display_name=f"{subject} ({dag_id})",
        description="Dagwright left out DAG files with errors; the documentation of this DAG says which and why",
        doc_md=f"**{subject}.** The DAGs of all other files are loaded.\n\n{fence}text\n{text.rstrip()}\n{fence}\n",
        tags=["dagwright", "problems"],
        is_paused_upon_creation=True,
    )
