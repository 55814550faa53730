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
        rivals: learns what every project holds, and says what one held that cannot be read now.

    Attributes:
        errors: projects that cannot be read or hold no DAG file, with what is wrong.
    """

    def __init__(self, bundle: Path, rivals: Rivals) -> None:
        self.errors: dict[Path, list[Diagnostic]] = {}
        self._bundle = bundle
        self._rivals = rivals
        self._folders: dict[Path, tuple[Path, Path | None]] = {}
        self._projects: dict[Path, frozenset[Path] | None] = {}
        self._with_own_errors: set[Path] = set()
        self._passed_over: dict[Path, Path] = {}
        self._loose: list[DagFile] = []

    def holds(self, path: Path) -> bool:
        """Say whether a file is a DAG file of its project, or is called like one where no project says what is one.

        So are the files of a project that cannot be read: each is an import error then, and keeps its DAG. A file
        that is not listed would cost its DAG without a word.
        """
        if path.name in DEFAULTS_FILES:
            return False
        folder, project = self._folder(path)
        if project is None:
            if not path.name.endswith(_NAMES):
                return False
            name = Path(os.path.relpath(folder / path.name, self._bundle)).as_posix()
            self._loose.append(DagFile(path=folder / path.name, name=name))
            return True
        files = self._files_of(project)
        if files is not None:
            return folder / path.name in files
        is_ours = path.name.endswith(_NAMES) or folder / path.name in self._rivals.files_of(project)
        if is_ours:
            self._with_own_errors.add(project)
        return is_ours

    def pass_over(self, path: Path) -> None:
        """Say that a file is nobody's: Airflow may need it to show what is wrong with its project."""
        project = self._folder(path)[1]
        if project is not None:
            self._passed_over[project] = min(path, self._passed_over.get(project, path))

    def end(self) -> None:
        """Say that there are no more files."""
        if not self._folders and (project := find_project(as_written(self._bundle))) is not None:
            self._files_of(project)
        if self._bundle not in self._projects:
            self._rivals.look_at(self._bundle, self._loose)

    def shown_at(self, project: Path) -> Path | None:
        """Return the file of the bundle at which Airflow can show what is wrong with a project, where there is one.

        That is the project file. Where the bundle does not hold it, Airflow drops an error about it, and shows those
        of the DAG files; only where there are none, another file that lies in the project has to do.
        """
        file = project / (self.errors[project][0].file_name or "dagwright.toml")
        if file.is_relative_to(os.path.abspath(self._bundle)):  # noqa: PTH100
            return file
        return None if project in self._with_own_errors else self._passed_over.get(project)

    def is_silent_about(self, project: Path) -> bool:
        """Say whether Airflow has no file to show what is wrong with a project."""
        return project not in self._with_own_errors and self.shown_at(project) is None

    def _folder(self, path: Path) -> tuple[Path, Path | None]:
        """Return the folder of a file as its project names it, and the project."""
        if path.parent not in self._folders:
            folder = as_written(path.parent)
            self._folders[path.parent] = folder, find_project(folder)
        return self._folders[path.parent]

    def _files_of(self, project: Path) -> frozenset[Path] | None:
        """Return the DAG files of a project, None where it cannot be read."""
        if project not in self._projects:
            config, dag_files, errors = look_for_dag_files(project)
            if errors:
                self.errors[project] = errors
            if config is None:
                self._projects[project] = None
            else:
                self._rivals.look_at(project, dag_files)
                self._projects[project] = self._rivals.files_of(project)
        return self._projects[project]
