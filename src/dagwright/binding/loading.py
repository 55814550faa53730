"""`load` and `load_project`: the way in for Python code, for the command line and for Airflow."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, cast

from dagwright.binding.dag_file import BoundDag, DagBinder
from dagwright.binding.owners import refuse_duplicate_ids
from dagwright.binding.repeated import merge_repeated
from dagwright.binding.side_by_side import bind_side_by_side, worthwhile
from dagwright.collector import collector_paused
from dagwright.diagnostics import Diagnostic, LoadError, Severity, SourceText, has_errors
from dagwright.model.dag_factory import DagFactory
from dagwright.model.registry import Registry, build_registry
from dagwright.project import DagFile, ProjectConfig, find_project, load_config
from dagwright.source import read_source

__all__ = ["Project", "Trees", "load", "load_project", "open_project"]

# What becomes of the merged data of sound files: kept for whoever looks at all of them, or put away until somebody
# asks, with the digest taken before or not.
Trees = Literal["keep", "digest", "drop"]


@dataclass(kw_only=True, eq=False)
class Project:
    """A loaded project: the DAGs that are sound, and everything that is wrong with the others.

    Attributes:
        config: what the project file says.
        registry: the factories that its files may name.
        files: every DAG file, in the order of their names, sound or not.
    """

    config: ProjectConfig
    registry: Registry
    files: list[BoundDag] = field(default_factory=list)
    project_diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def dags(self) -> tuple[DagFactory, ...]:
        """The factory of every DAG file without errors; `factory.make_dag()` makes the DAG."""
        return tuple(bound.factory for bound in self.files if bound.factory is not None)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, in the project file, in factories, in defaults and in every DAG file."""
        in_files = (found for bound in self.files for found in bound.diagnostics)
        return (*self.project_diagnostics, *merge_repeated(in_files))


def is_inside_airflow() -> bool:
    """Say whether a real Airflow is reading the project; Dagwright's own local run is none."""
    return "airflow" in sys.modules and os.environ.get("DAGWRIGHT_LOCAL_RUN") != "1"


@collector_paused()
def open_project(
    start: Path,
    *,
    env: str | None = None,
    selection: Sequence[Path] | None = None,
    inside_airflow: bool | None = None,
    bind: bool = True,
    trees: Trees = "keep",
) -> tuple[Project | None, list[Diagnostic]]:
    """Read a project and bind its DAG files; nothing is raised for what users write.

    Args:
        start: a file or folder in the project; the nearest project file upwards counts.
        env: the environment; `DAGWRIGHT_ENV` where None.
        selection: files and folders to bind; everything where None.
        inside_airflow: whether the rules for a real Airflow hold; found out where None.
        bind: False to read the project and its factories only.
        trees: what becomes of the merged data of sound files; with "drop" a large project comes back without factories.
    """
    inside = is_inside_airflow() if inside_airflow is None else inside_airflow
    root = find_project(start) or (start if start.is_dir() else start.parent)
    config, problems = load_config(root, env=env, inside_airflow=inside, environ=os.environ)
    if config is None:
        return None, problems
    registry, registry_problems = build_registry(
        config.factories, search_path=[str(config.root)], listed_at=config.factories_listed_at
    )
    project = Project(config=config, registry=registry, project_diagnostics=[*problems, *registry_problems])
    if not bind:
        return project, list(project.diagnostics)
    dag_files, found = config.dag_files(selection)
    project.project_diagnostics.extend(found)
    binder = DagBinder(config, registry, inside_airflow=inside)
    if trees == "drop" and worthwhile(len(dag_files)):
        new_binder = partial(DagBinder, config, registry, inside_airflow=inside)
        project.files, binder.problems = bind_side_by_side(dag_files, new_binder, _bind_file)
    else:
        _bind_here(project, binder, dag_files, trees)
    folders = dict.fromkeys(dag_file.path.parent for dag_file in dag_files)
    project.project_diagnostics.extend(config.layer_diagnostics(folders))
    project.project_diagnostics.extend(binder.problems)
    project.project_diagnostics.extend(refuse_duplicate_ids(project.files))
    return project, list(project.diagnostics)


def _bind_here(project: Project, binder: DagBinder, dag_files: Sequence[DagFile], trees: Trees) -> None:
    for dag_file in dag_files:
        bound = _bind_file(binder, dag_file)
        project.files.append(bound)
        if trees == "digest" and bound.factory is not None:
            bound.digest()
        if trees != "keep" and bound.source is not None:
            bound.put_tree_away(partial(binder.bind, dag_file, bound.source))


def _bind_file(binder: DagBinder, dag_file: DagFile) -> BoundDag:
    source, problems = read_source(dag_file.path, dag_file.name)
    if source is None:
        return BoundDag(dag_file=dag_file, diagnostics=list(problems))
    bound = binder.bind(dag_file, source)
    bound.diagnostics[:0] = problems
    return bound


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
    binder = DagBinder(opened.config, opened.registry, inside_airflow=is_inside_airflow())
    dag_files, found = opened.config.dag_files([file]) if text is None else opened.config.dag_file(file)
    problems.extend(found)
    if not dag_files:
        raise LoadError(problems)
    if text is None:
        bound = _bind_file(binder, dag_files[0])
    else:
        bound = binder.bind(dag_files[0], SourceText(dag_files[0].name, text))
    problems.extend(opened.config.layer_diagnostics([file.parent]))
    problems.extend(binder.problems)
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
