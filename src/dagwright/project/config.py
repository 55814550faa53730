"""A project as the rest of the house sees it: what its file says, its layers, variables and DAG files.

Folders' `defaults.yaml` are read when they are first asked for and kept in the object: nothing is shared
between two configurations.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dagwright.diagnostics import Diagnostic, Span
from dagwright.project.discovery import Discovery
from dagwright.project.entities import Bind, DagFile, Layer, Variable
from dagwright.project.folders import FolderDefaults, read_folder
from dagwright.project.locate import DAGWRIGHT_TOML, relative_name
from dagwright.project.locations import Location
from dagwright.project.patterns import PatternSet
from dagwright.project.variables import merge_variables
from dagwright.source import content_of

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
        several_workers: whether tasks run on several machines.
        factories_listed_at: where the project file names each of them.
        locations: what the project file says for every DAG file, base first.
        environ: the process environment, from which declared variables alone are read.
        content: what the project file held before it was read.
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
    several_workers: bool = False
    factories_listed_at: Mapping[str, Span] = field(default_factory=dict, repr=False)
    locations: tuple[Location, ...] = field(default=(), repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    _folders: dict[tuple[str, ...], FolderDefaults] = field(default_factory=dict, init=False, repr=False)
    _layers: dict[tuple[str, ...], tuple[Layer, ...]] = field(default_factory=dict, init=False, repr=False)
    _variables: dict[tuple[str, ...], Mapping[str, Variable]] = field(default_factory=dict, init=False, repr=False)
    _seen: dict[str, str | None] = field(default_factory=dict, init=False, repr=False)

    def layers(self, folder: Path) -> tuple[Layer, ...]:
        """Return the layers that hold in a folder, weakest first; a location that gives no defaults has none.

        The same location is the same `Layer` object in every folder that it reaches.
        """
        parts = self._parts(folder)
        if parts not in self._layers:
            layers = (location.layer for location in self._locations(parts))
            self._layers[parts] = tuple(layer for layer in layers if layer.defaults is not None)
        return self._layers[parts]

    def variables(self, folder: Path) -> Mapping[str, Variable]:
        """Return the variables that hold in a folder, by name; mappings merge deeply."""
        parts = self._parts(folder)
        if parts not in self._variables:
            merged = self._variables[parts] = merge_variables(self._locations(parts), self.environ)
            names = [variable.from_env for variable in merged.values() if variable.from_env is not None]
            self._seen.update((name, self.environ.get(name)) for name in names if name not in self._seen)
        return self._variables[parts]

    def defaults_files(self, folder: Path) -> list[Path]:
        """Return the files with defaults that reach a folder and are there."""
        parts = self._parts(folder)
        reached = (self._folder(parts[:depth]) for depth in range(len(parts) + 1))
        return [Path(path) for each in reached for path, content in each.files if content is not None]

    def layer_diagnostics(self, folders: Iterable[Path]) -> list[Diagnostic]:
        """Return what is wrong with the `defaults.yaml` files that reach any of the folders, each once."""
        reached = {parts[:depth] for parts in map(self._parts, folders) for depth in range(len(parts) + 1)}
        return [problem for parts in sorted(reached) for problem in self._folder(parts).diagnostics]

    def holds(self, folders: Iterable[Path]) -> bool:
        """Say whether reading the project again would find the same for the DAG files of some folders.

        Files are compared by what they hold: two changes between two ticks of a file system's clock look like one.
        """
        if self.file is None or content_of(self.file) != self.content:
            return False
        if self.file.name != DAGWRIGHT_TOML and os.path.isfile(self.root / DAGWRIGHT_TOML):  # noqa: PTH113
            # It would be read in place of the other one.
            return False
        reached = {parts[:depth] for parts in map(self._parts, folders) for depth in range(len(parts) + 1)}
        return all(self._folder(parts).holds() for parts in reached) and all(
            self.environ.get(name) == value for name, value in list(self._seen.items())
        )

    def dag_files(self, selection: Sequence[Path] | None = None) -> tuple[list[DagFile], list[Diagnostic]]:
        """Find the DAG files, sorted by name.

        Args:
            selection: files and folders to which the search is restricted. A file that no pattern matches
                is found as well when it is named itself.
        """
        discovery = self._discovery()
        return discovery.everything() if selection is None else discovery.selected(selection)

    def dag_files_called(self, stem: str, selection: Sequence[Path] | None = None) -> list[DagFile]:
        """Find the DAG files whose names up to the first dot are `stem`; what is wrong elsewhere is not looked for."""
        return self._discovery().called(stem, selection)

    def dag_file(self, path: Path) -> tuple[list[DagFile], list[Diagnostic]]:
        """Describe one DAG file, with its binding; it need not be there, as in an editor. No file after an error."""
        return self._discovery().named(path)

    def _discovery(self) -> Discovery:
        project_file = self.file.name if self.file is not None else None
        return Discovery(self.root, self._patterns, self.dags, self.binds, project_file)

    @cached_property
    def _patterns(self) -> PatternSet:
        return PatternSet([*(bind.pattern for bind in self.binds), *self.dags])

    def _parts(self, folder: Path) -> tuple[str, ...]:
        """Return a folder as its names below the root; outside of the project only the root's word holds."""
        name = relative_name(self.root, folder)
        return () if name is None or name == "." else tuple(name.split("/"))

    def _locations(self, parts: tuple[str, ...]) -> list[Location]:
        locations = list(self.locations)
        for depth in range(len(parts) + 1):
            locations += self._folder(parts[:depth]).locations
        return locations

    def _folder(self, parts: tuple[str, ...]) -> FolderDefaults:
        if parts not in self._folders:
            self._folders[parts] = read_folder(
                self.root.joinpath(*parts),
                "".join(part + "/" for part in parts),
                environments=self.environments,
                environment=self.environment,
            )
        return self._folders[parts]
