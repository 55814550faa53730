"""`load` and `load_project`: the way in for Python code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from dagwright.binding.dag_file import DagBinder
from dagwright.binding.opening import Project, bind_file, is_inside_airflow, open_project
from dagwright.collector import collector_paused
from dagwright.diagnostics import LoadError, Severity, SourceText, has_errors
from dagwright.model.dag_factory import DagFactory

__all__ = ["load", "load_project"]


@collector_paused()
def load(
    path: str | os.PathLike[str],
    *,
    env: str | None = None,
    project: Project | str | os.PathLike[str] | None = None,
    text: str | None = None,
) -> DagFactory:
    """Load one DAG file.

    Args:
        path: the file.
        env: the environment of the project; `DAGWRIGHT_ENV` where None.
        project: the project's folder, or a project that is loaded already; the nearest one upwards where None.
        text: the text to read in place of the file's, such as that of an editor.

    Returns:
        The DAG factory; `make_dag()` on it makes the DAG. Imports no Airflow.

    Raises:
        LoadError: with every problem of the file, its project and its defaults in `diagnostics`.
    """
    file = Path(path).absolute()
    if isinstance(project, Project):
        opened, problems = project, list(project.project_diagnostics)
    else:
        start = file if project is None else Path(project).absolute()
        maybe, problems = open_project(start, env=env, bind=False)
        if maybe is None:
            raise LoadError(problems)
        opened = maybe
    binder, inside = opened.binder, is_inside_airflow()
    if binder.inside_airflow != inside:
        binder = DagBinder(opened.config, opened.registry, inside_airflow=inside)
    dag_files, found = opened.config.dag_files([file]) if text is None else opened.config.dag_file(file)
    problems.extend(found)
    if not dag_files:
        raise LoadError(problems)
    if text is None:
        bound = bind_file(binder, dag_files[0])
    else:
        bound = binder.bind(dag_files[0], SourceText(dag_files[0].name, text))
    problems.extend(opened.config.layer_diagnostics([file.parent]))
    problems.extend(binder.layer_problems([file.parent]))
    problems.extend(bound.diagnostics)
    if bound.factory is None or has_errors(bound.diagnostics):
        raise LoadError(found for found in problems if found.severity is Severity.ERROR)
    return cast(DagFactory, bound.factory)


def load_project(folder: str | os.PathLike[str] = ".", *, env: str | None = None) -> Project:
    """Load every DAG file of a project. Imports no Airflow.

    Returns:
        The project: `dags` are the factories of all sound files, `diagnostics` everything that is wrong.

    Raises:
        LoadError: the project itself cannot be read, or its environment is not chosen inside Airflow.
    """
    project, problems = open_project(Path(folder).absolute(), env=env, trees="digest")
    if project is None:
        raise LoadError(problems)
    return project
