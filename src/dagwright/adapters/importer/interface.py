"""What the importer needs of Airflow's experimental interface for importers, written for 3.4.0b2.

Airflow says that it may still change between minor versions; whatever changes is mended here. Everything about
Airflow's own YAML format is behind `NativeFormat`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from airflow.sdk.importers import (  # type: ignore[import-not-found,unused-ignore]  # since Airflow 3.4
    AbstractDagImporter,
    DagImportError,
    DagImportResult,
    DagImportWarning,
    DagSourceCode,
    FilesystemDagDefinition,
    find_file_dag_definitions,
    get_file_suffix,
)

from dagwright.diagnostics import Diagnostic, format_text

__all__ = [
    "AbstractDagImporter",
    "DagImportResult",
    "DagSourceCode",
    "NativeFormat",
    "definition_of",
    "find_file_dag_definitions",
    "get_file_suffix",
    "import_error",
    "import_warning",
]

# What Airflow itself looks for before it reads on.
_MARKER = b"$schema"


def definition_of(path: Path) -> Any:
    """Return a file as Airflow describes it."""
    return FilesystemDagDefinition(path)


def import_error(reference: str, diagnostics: list[Diagnostic]) -> Any:
    """Return the one import error of a file; Airflow shows the message alone."""
    first = diagnostics[0].span
    return DagImportError(
        source_reference=reference,
        message=f"\n{format_text(diagnostics)}",
        error_type="dagwright",
        line_number=None if first is None else first.start.line,
        column_number=None if first is None else first.start.column,
    )


def import_warning(reference: str, found: Diagnostic) -> Any:
    """Return a warning, which Airflow shows with the DAG when its type has a prefix."""
    return DagImportWarning(
        source_reference=reference,
        message=f"{found.span or found.file_name or reference}: {found.message}",
        warning_type=f"dagwright:{found.code.lower()}",
        line_number=None if found.span is None else found.span.start.line,
    )


class NativeFormat:
    """Airflow's own YAML format, whose files stay Airflow's."""

    @cached_property
    def importer(self) -> Any:
        """Airflow's own importer, None where it has none; a worker that runs a task of ours never imports it."""
        try:
            from airflow.sdk.importers.yaml_importer import (  # type: ignore[import-not-found,unused-ignore]  # since 3.4
                YamlDagImporter,
            )
        except ImportError:
            return None
        return YamlDagImporter()

    def owns(self, definition: Any) -> bool:
        """Say whether a file is written in it."""
        # Airflow's own question says yes to what cannot be read, and files without the marker have to stay ours.
        try:
            if _MARKER not in definition.read_bytes():
                return False
        except OSError:
            return False
        if self.importer is None or not self.importer.can_handle(definition):
            return False
        return bool(self.importer.might_contain_dag(definition, safe_mode=True))
