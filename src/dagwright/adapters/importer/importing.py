"""The importer: each DAG file is found, read, shown and failed by itself.

Airflow makes one importer in its DAG processor before that forks, and one in every worker. It keeps nothing between
two files, as a project may have changed in the meantime.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow.sdk import get_parsing_context

from dagwright.adapters.importer.dependencies import dependencies_of
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
from dagwright.adapters.warm import warm_up
from dagwright.binding import open_project
from dagwright.diagnostics import Diagnostic, LoadError, Severity
from dagwright.project import find_project, load_config
from dagwright.project.folders import DEFAULTS_FILES
from dagwright.render import render_dag

__all__ = ["DagwrightImporter"]

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
        # A worker makes its importer for one file, which imports what it needs; a DAG processor before it forks.
        if get_parsing_context().dag_id is None:
            warm_up()

    def can_handle(self, definition: Any) -> bool:
        """Say whether a file could be a DAG file, by its name."""
        return get_file_suffix(definition) in self.supported_extensions

    def list_dag_definitions(self, bundle: Any, *, safe_mode: bool = True) -> Iterator[Any]:  # noqa: ARG002  patterns say it
        """Yield the DAG files of a bundle, and one error for each project that cannot be read.

        Those are the files that a project's patterns match and `.airflowignore` does not exclude, and those of
        Airflow's own format.
        """
        root = Path(bundle.path)
        alone = root.is_file()  # Airflow asks for one file that it knows already
        folders: dict[Path, Path] = {}
        matching: dict[Path, frozenset[Path] | None] = {}
        if alone and root.suffix == ".toml" and find_project(root) == root.parent:
            yield from self._project_error(root.parent)
            return
        for definition in find_file_dag_definitions(root, self.supported_extensions):
            if definition.path.name in DEFAULTS_FILES:
                continue
            if alone:
                yield definition
                continue
            folder = definition.path.parent
            if folder not in folders:
                folders[folder] = find_project(folder) or root
            project = folders[folder]
            if project not in matching:
                matching[project] = _dag_files(project)
                if matching[project] is None:
                    yield from self._project_error(project)
            files = matching[project]
            if (files is not None and definition.path.absolute() in files) or self._native.owns(definition):
                yield definition

    def import_definition(self, definition: Any, bundle: Any) -> Any:
        """Make the DAG of one file."""
        if self._native.owns(definition):
            return self._native.importer.import_definition(definition, bundle)
        result = DagImportResult(definition=definition)
        reference = repr(definition)
        problems: list[Diagnostic] = []
        with definition.import_context(), definition.as_file() as path:
            file = Path(path).absolute()
            project, found = open_project(file, env=self._env, selection=[file], inside_airflow=True)
            problems += found
            for bound in project.files if project is not None else ():
                result.dependencies = [definition_of(each) for each in dependencies_of(bound, project)]
                if bound.factory is None:
                    continue
                try:
                    result.dags.append(render_dag(bound.factory))
                except LoadError as error:
                    problems += error.diagnostics
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

    def _project_error(self, root: Path) -> Iterator[Any]:
        _, problems = load_config(root, env=None, inside_airflow=False, environ={})
        if errors := [each for each in problems if each.severity is Severity.ERROR]:
            file = errors[0].file_name or "dagwright.toml"
            yield import_error(str(root / file), errors)


def _dag_files(root: Path) -> frozenset[Path] | None:
    """Return the DAG files of a project, None where its file is beyond reading."""
    # Which files they are depends on no environment.
    config, _ = load_config(root, env=None, inside_airflow=False, environ={})
    return None if config is None else frozenset(dag_file.path for dag_file in config.dag_files()[0])
