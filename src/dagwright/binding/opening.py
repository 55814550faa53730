"""Opens projects for whoever loads DAG files: the command line, Airflow, Python code.

A process may open a project anew for each of many DAG files, as Airflow does for stubs and through the importer. What
it read stays for the next time, as long as every file that it came from is the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from dagwright.binding.dag_file import BoundDag, DagBinder
from dagwright.binding.owners import refuse_duplicate_ids
from dagwright.binding.repeated import merge_repeated
from dagwright.binding.side_by_side import bind_side_by_side, worthwhile
from dagwright.collector import collector_paused
from dagwright.diagnostics import Diagnostic
from dagwright.model.dag_factory import DagFactory
from dagwright.model.registry import Registry, build_registry
from dagwright.project import ENVIRONMENT_VARIABLE, DagFile, ProjectConfig, find_project, load_config
from dagwright.source import read_source

__all__ = ["Project", "Trees", "bind_file", "is_inside_airflow", "open_project"]

# What becomes of the merged data of sound files: kept for whoever looks at all of them, or put away until somebody
# asks, with the digest taken before or not.
Trees = Literal["keep", "digest", "drop"]


@dataclass(kw_only=True, eq=False)
class Project:
    """A loaded project: the DAGs that are sound, and everything that is wrong with the others.

    Attributes:
        config: what the project file says.
        registry: the factories that its files may name.
        binder: binds its DAG files.
        files: every DAG file, in the order of their names, sound or not.
    """

    config: ProjectConfig
    registry: Registry
    binder: DagBinder = field(repr=False)
    files: list[BoundDag] = field(default_factory=list)
    project_diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def dags(self) -> tuple[DagFactory, ...]:
        """The factory of every DAG file without errors; `factory.make_dag()` makes the DAG."""
        return tuple(bound.factory for bound in self.files if bound.factory is not None)

    def put_away(self, bound: BoundDag) -> None:
        """Forget the merged data of a sound file until somebody asks for a place in it."""
        if bound.source is not None:
            bound.put_tree_away(partial(self.binder.bind, bound.dag_file, bound.source))

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
        selection: files and folders to bind; everything where None. For files alone what this process read of the
            project before may serve, as long as it is the same; so it may for files that are bound later.
        inside_airflow: whether the rules for a real Airflow hold; found out where None.
        bind: False to read the project and its factories only.
        trees: what becomes of the merged data of sound files; with "drop" a large project comes back without factories.
    """
    inside = is_inside_airflow() if inside_airflow is None else inside_airflow
    root = find_project(start) or (start if start.is_dir() else start.parent)
    project, problems = _opened(root, env, selection, inside_airflow=inside)
    if project is None or not bind:
        return project, problems
    dag_files, found = project.config.dag_files(selection)
    project.project_diagnostics.extend(found)
    if trees == "drop" and worthwhile(len(dag_files)):
        new_binder = partial(DagBinder, project.config, project.registry, inside_airflow=inside)
        project.files = bind_side_by_side(dag_files, new_binder, bind_file)
    else:
        _bind_here(project, dag_files, trees)
    folders = dict.fromkeys(dag_file.path.parent for dag_file in dag_files)
    project.project_diagnostics.extend(project.config.layer_diagnostics(folders))
    project.project_diagnostics.extend(project.binder.layer_problems(folders))
    project.project_diagnostics.extend(refuse_duplicate_ids(project.files))
    return project, list(project.diagnostics)


# As `sys.modules`, whose factories are in there, it belongs to the process: sound projects without DAG files, by all
# that says which project is meant and how.
_KEPT: dict[tuple[object, ...], Project] = {}
_MOST_KEPT = 8


def _opened(
    root: Path, env: str | None, selection: Sequence[Path] | None, *, inside_airflow: bool
) -> tuple[Project | None, list[Diagnostic]]:
    """Read a project and its factories."""
    key = (root, env, os.environ.get(ENVIRONMENT_VARIABLE), inside_airflow)
    kept = _KEPT.get(key)
    # For files it is quickly seen whether all that reaches them is the same.
    if kept is not None and selection is not None and not any(map(os.path.isdir, selection)):
        config = kept.config if kept.config.holds({path.parent for path in selection}) else None
    else:
        config = None
    problems: list[Diagnostic] = []
    if config is None:
        config, problems = load_config(root, env=env, inside_airflow=inside_airflow, environ=os.environ)
        if config is None:
            return None, problems
    registry, found = build_registry(
        config.factories, search_path=[str(config.root)], listed_at=config.factories_listed_at
    )
    problems += found
    if kept is not None and config is kept.config and registry is kept.registry:
        binder = kept.binder
    else:
        binder = DagBinder(config, registry, inside_airflow=inside_airflow)
    project = Project(config=config, registry=registry, binder=binder, project_diagnostics=problems)
    _KEPT.pop(key, None)
    if not problems and config.file is not None:
        while len(_KEPT) >= _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[key] = Project(config=config, registry=registry, binder=binder)
    return project, list(problems)


def _bind_here(project: Project, dag_files: Sequence[DagFile], trees: Trees) -> None:
    binder = project.binder
    for dag_file in dag_files:
        bound = bind_file(binder, dag_file)
        project.files.append(bound)
        if trees == "digest" and bound.factory is not None:
            bound.digest()
        if trees != "keep":
            project.put_away(bound)


def bind_file(binder: DagBinder, dag_file: DagFile) -> BoundDag:
    """Read and bind one DAG file, once more where somebody was writing it meanwhile: half a file may look whole."""
    before = _state(dag_file.path)
    bound = _bound(binder, dag_file)
    return bound if _state(dag_file.path) == before else _bound(binder, dag_file)


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116  asked twice for every file
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _bound(binder: DagBinder, dag_file: DagFile) -> BoundDag:
    source, problems = read_source(dag_file.path, dag_file.name)
    if source is None:
        return BoundDag(dag_file=dag_file, diagnostics=list(problems))
    bound = binder.bind(dag_file, source)
    bound.diagnostics[:0] = problems
    return bound
