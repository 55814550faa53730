"""The importer: each DAG file is found, read, shown and failed by itself.

Airflow makes one importer in its DAG processor before that forks, and one in every worker. Of one file it keeps for the
next what it read of the project, as long as that is the same; of a listing, which files to compare.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow.sdk import get_parsing_context

from dagwright.adapters.importer.dependencies import dependencies_of, templates_of
from dagwright.adapters.importer.interface import (
    AbstractDagImporter,
    DagImportResult,
    DagSourceCode,
    NativeFormat,
    definition_of,
    find_file_dag_definitions,
    get_file_suffix,
    import_error,
    import_warning,
)
from dagwright.adapters.importer.listing import Listing, as_written, look_for_dag_files
from dagwright.adapters.importer.rivals import Rivals
from dagwright.adapters.warm import warm_up
from dagwright.binding import open_project
from dagwright.collector import never_garbage
from dagwright.diagnostics import Diagnostic, LoadError, Severity, format_text
from dagwright.project import find_project
from dagwright.project.folders import DEFAULTS_FILES
from dagwright.render import render_dag

__all__ = ["DagwrightImporter"]

_LOG = logging.getLogger("dagwright")
_LANGUAGES = {".json": "json"}


class DagwrightImporter(AbstractDagImporter):  # type: ignore[misc,unused-ignore]  # Airflow 3.4's, unknown to older ones
    """Imports DAG files; Airflow calls it.

    Args:
        env: the environment of the projects; `DAGWRIGHT_ENV` where None.
        extensions: what file names end with; Airflow gives it where its configuration does.
    """

    supported_extensions = [".yaml", ".yml", ".json"]  # noqa: RUF012  as the base declares it

    def __init__(self, env: str | None = None, extensions: list[str] | None = None) -> None:
        if extensions is not None:
            self.supported_extensions = extensions
        self._env = env
        self._native = NativeFormat()
        self._rivals = Rivals()
        # By bundle: which files show what is wrong with which projects. Airflow then asks for such a file, as for all.
        self._shown: dict[Path, dict[str, Path]] = {}
        # A worker makes its importer for one file, which imports what it needs; a DAG processor before it forks.
        if get_parsing_context().dag_id is None:
            warm_up()

    def can_handle(self, definition: Any) -> bool:
        """Say whether a file could be a DAG file, by its name."""
        return get_file_suffix(definition) in self.supported_extensions

    def list_dag_definitions(self, bundle: Any, *, safe_mode: bool = True) -> Iterator[Any]:  # noqa: ARG002  patterns say it
        """Yield the DAG files of a bundle, and one error for each project that cannot be read or has none.

        Those are the files that a project's patterns match and `.airflowignore` does not exclude, those that are
        called like DAG files and belong to no project, and those of Airflow's own format.
        """
        root = Path(bundle.path)
        if root.is_file():
            yield from self._list_file(root)
            return
        listing = Listing(root, self._rivals)
        for definition in find_file_dag_definitions(root, self.supported_extensions):
            path = definition.path
            if listing.holds(path) or (path.name not in DEFAULTS_FILES and self._native.owns(definition)):
                yield definition
            else:
                listing.pass_over(path)
        listing.end()
        yield from self._project_errors(root, listing)

    def _project_errors(self, bundle: Path, listing: Listing) -> Iterator[Any]:
        """Yield what is wrong with whole projects, each at a file of the bundle, as Airflow shows no other."""
        shown = self._shown[bundle] = {}
        for project, errors in listing.errors.items():
            if (file := listing.shown_at(project)) is not None:
                shown[_absolute(file)] = project
                yield import_error(str(file), errors)
            elif listing.is_silent_about(project):
                _LOG.error(
                    "in the project '%s', of which '%s' shows no file:\n%s", project, bundle, format_text(errors)
                )

    def _list_file(self, file: Path) -> Iterator[Any]:
        """Yield the one file that Airflow asks for, which it knows already, or what is wrong with its project."""
        project = next((shown[_absolute(file)] for shown in self._shown.values() if _absolute(file) in shown), None)
        if project is None and file.suffix == ".toml" and find_project(file) == file.parent:
            project = file.parent
        if project is not None:
            _, dag_files, errors = look_for_dag_files(project)
            if errors:
                yield import_error(str(file), errors)
                return
            if as_written(file) not in {dag_file.path for dag_file in dag_files}:
                return
        for definition in find_file_dag_definitions(file, self.supported_extensions):
            if definition.path.name not in DEFAULTS_FILES:
                yield definition

    def import_definition(self, definition: Any, bundle: Any) -> Any:
        """Make the DAG of one file."""
        if self._native.owns(definition):
            return self._native.importer.import_definition(definition, bundle)
        return self._imported(definition)

    @never_garbage()
    def _imported(self, definition: Any) -> Any:
        result = DagImportResult(definition=definition)
        reference = repr(definition)
        problems: list[Diagnostic] = []
        with definition.import_context(), definition.as_file() as path:
            file = as_written(path)
            rivals = self._rivals.of(file)
            project, found = open_project(file, env=self._env, selection=[*rivals, file], inside_airflow=True)
            files = project.files if project is not None else []
            # What is wrong with the others is theirs to say.
            others = {bound.dag_file.name for bound in files if bound.file in rivals}
            problems += [each for each in found if each.file_name not in others]
            for bound in files:
                if bound.dag_file.name in others:
                    continue
                assert project is not None  # noqa: S101  its files are there
                result.dependencies = [definition_of(each) for each in dependencies_of(bound, project)]
                if bound.factory is None:
                    continue
                try:
                    dag = render_dag(bound.factory)
                except LoadError as error:
                    problems += error.diagnostics
                else:
                    result.dags.append(dag)
                    result.dependencies += [definition_of(each) for each in templates_of(dag)]
                    if get_parsing_context().task_id is None:
                        # On a worker the log of the task asks for its place at once.
                        project.put_away(bound)
        errors = [each for each in problems if each.severity is Severity.ERROR]
        if errors and not result.dags:
            result.errors.append(import_error(reference, errors))
        else:
            result.warnings += [import_warning(reference, each) for each in problems]
        return result

    def get_source_code(self, definition: Any, dag_id: str | None = None) -> Any:  # noqa: ARG002  one file, one DAG
        """Return the text for the Code tab."""
        suffix = get_file_suffix(definition) or ""
        return DagSourceCode(definition.read_text(), _LANGUAGES.get(suffix, "yaml"))


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100  links stay as Airflow walks them
