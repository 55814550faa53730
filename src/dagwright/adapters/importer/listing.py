"""Which files of a bundle are DAG files, and what is wrong with the projects that say so."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from dagwright.adapters.importer.rivals import Rivals
from dagwright.diagnostics import Diagnostic, Severity, format_text
from dagwright.project import DEFAULT_DAGS, DagFile, ProjectConfig, find_project, load_config
from dagwright.project.folders import DEFAULTS_FILES

__all__ = ["Listing", "as_written", "look_for_dag_files"]

_LOG = logging.getLogger("dagwright")
# Where no project file says what a DAG file is, its name does.
_NAMES = tuple(pattern.rpartition("*")[2] for pattern in DEFAULT_DAGS)
_NO_DAG_FILE = "DW409"


def as_written(path: Path) -> Path:
    """Return a path as its project names it: links stay, unless only what they lead to lies in a project."""
    written = Path(os.path.abspath(path))  # noqa: PTH100  links stay as the user wrote them
    if find_project(written) is None:
        followed = Path(os.path.realpath(written))
        if followed != written and find_project(followed) is not None:
            return followed
    return written


def look_for_dag_files(root: Path) -> tuple[ProjectConfig | None, list[DagFile], list[Diagnostic]]:
    """Return what a project says, its DAG files, and the errors that are no single file's."""
    # Which files they are depends on no environment.
    config, problems = load_config(root, env=None, inside_airflow=False, environ={})
    if config is None:
        return None, [], [each for each in problems if each.severity is Severity.ERROR]
    dag_files, found = config.dag_files()
    errors = [each for each in found if each.code == _NO_DAG_FILE and each.severity is Severity.ERROR]
    others = [each for each in found if each not in errors]
    if others:
        # Of folders that cannot be read, and links that are not followed, Airflow has no file to show an error for.
        _LOG.warning("in the project '%s':\n%s", root, format_text(others))
    return config, dag_files, errors


class Listing:
    """One look at a bundle; projects are read when their first file comes.

    Args:
        bundle: the bundle's folder.
        rivals: learns what every project holds.

    Attributes:
        errors: projects that cannot be read or hold no DAG file, with what is wrong; whoever reports one removes it.
    """

    def __init__(self, bundle: Path, rivals: Rivals) -> None:
        self.errors: dict[Path, list[Diagnostic]] = {}
        self._bundle = bundle
        self._rivals = rivals
        self._folders: dict[Path, tuple[Path, Path | None]] = {}
        self._projects: dict[Path, frozenset[Path]] = {}
        self._loose: list[DagFile] = []

    def holds(self, path: Path) -> bool:
        """Say whether a file is a DAG file of its project, or is called like one where there is no project."""
        if path.name in DEFAULTS_FILES:
            return False
        if path.parent not in self._folders:
            folder = as_written(path.parent)
            self._folders[path.parent] = folder, find_project(folder)
        folder, project = self._folders[path.parent]
        if project is None:
            if not path.name.endswith(_NAMES):
                return False
            self._loose.append(DagFile(path=folder / path.name, name=path.name))
            return True
        if project not in self._projects:
            config, dag_files, errors = look_for_dag_files(project)
            self._projects[project] = frozenset(dag_file.path for dag_file in dag_files)
            if errors:
                self.errors[project] = errors
            if config is not None:
                self._rivals.look_at(project, dag_files)
        return folder / path.name in self._projects[project]

    def end(self) -> None:
        """Say that there are no more files."""
        if self._bundle not in self._projects:
            self._rivals.look_at(self._bundle, sorted(self._loose, key=lambda dag_file: dag_file.path))
