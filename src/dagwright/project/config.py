"""A project as the rest of the house sees it: what its file says, its layers, variables and DAG files.

Folders' `defaults.yaml` are read when they are first asked for and kept in the object: nothing is shared
between two configurations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagwright.diagnostics import Diagnostic
from dagwright.project.entities import Bind, DagFile, Layer, Variable

__all__ = ["DEFAULT_DAGS", "DEFAULT_OPERATORS", "ProjectConfig"]

DEFAULT_DAGS = ("dags/**/*.dag.yaml", "dags/**/*.dag.yml", "dags/**/*.dag.json")
DEFAULT_OPERATORS = ("airflow.providers.*",)


@dataclass(frozen=True, kw_only=True, eq=False)
class ProjectConfig:
    """One project with its environment chosen.

    Attributes:
        root: the project's folder, absolute.
        file: the project file; None where there is none and defaults hold everywhere.
        dags: glob patterns of DAG files, relative to the root.
        factories: importable modules with factories.
        operators: patterns of operator classes that `type: operator` may name.
        binds: folders whose files need no `type`.
        environments: the names of the declared environments, in the order of the file.
        environment: the chosen one.
        allow: what the project allows that is refused by default, such as `process`.
    """

    root: Path
    file: Path | None = None
    dags: tuple[str, ...] = DEFAULT_DAGS
    factories: tuple[str, ...] = ()
    operators: tuple[str, ...] = DEFAULT_OPERATORS
    binds: tuple[Bind, ...] = ()
    environments: tuple[str, ...] = ()
    environment: str | None = None
    allow: frozenset[str] = frozenset()

    def layers(self, folder: Path) -> tuple[Layer, ...]:
        """Return the layers that hold in a folder, weakest first; a location that gives no defaults has none.

        The same location is the same `Layer` object in every folder that it reaches.
        """
        raise NotImplementedError

    def variables(self, folder: Path) -> Mapping[str, Variable]:
        """Return the variables that hold in a folder, by name; mappings merge deeply."""
        raise NotImplementedError

    def layer_diagnostics(self, folders: Iterable[Path]) -> list[Diagnostic]:
        """Return what is wrong with the `defaults.yaml` files that reach any of the folders, each once."""
        raise NotImplementedError

    def dag_files(self, selection: Sequence[Path] | None = None) -> tuple[list[DagFile], list[Diagnostic]]:
        """Find the DAG files, sorted by name; a selection of files and folders restricts them."""
        raise NotImplementedError
