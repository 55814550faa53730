"""From the text of one DAG file to its factory, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dagwright.binding.checks import run_checks
from dagwright.binding.defaults import Defaults, LayerDefaults, read_layer
from dagwright.binding.digest import digest_of
from dagwright.binding.draft import INVALID
from dagwright.binding.follow_ups import without_follow_ups
from dagwright.binding.merged import Leaf, Merged, place
from dagwright.binding.references import References
from dagwright.binding.repeated import with_place
from dagwright.binding.secrets import hide_secrets
from dagwright.binding.walk import Walk
from dagwright.diagnostics import Diagnostic, SourceText, Span, has_errors
from dagwright.model.dag_factory import DagFactory
from dagwright.model.loaded import PlaceInData, attach_loaded
from dagwright.model.naming import is_dag_id
from dagwright.model.registry import Registry
from dagwright.model.settings import RenderSettings
from dagwright.model.shapes import SlotShape
from dagwright.project import DagFile, Layer, ProjectConfig, stem_of
from dagwright.source import Entry, MappingNode, ScalarNode, parse_mapping

__all__ = ["BoundDag", "DagBinder"]


@dataclass(kw_only=True, eq=False)
class BoundDag:
    """One DAG file after binding.

    Attributes:
        dag_file: the file.
        dag_id: the DAG id; empty where the file could not be read.
        dag_id_span: where the id is said; None where the file's name gives it.
        factory: the DAG factory, None where the file has errors.
        project_files: files and folders of the project that the data names.
        diagnostics: everything found in this file.
        secrets: values of the process environment that the file refers to; no message shows them.
    """

    dag_file: DagFile
    source: SourceText | None = None
    dag_id: str = ""
    dag_id_span: Span | None = None
    factory: Any = None
    settings: RenderSettings = field(default_factory=RenderSettings)
    project_files: tuple[Path, ...] = ()
    diagnostics: list[Diagnostic] = field(default_factory=list)
    secrets: AbstractSet[str] = field(default=frozenset(), repr=False)
    _tree: Merged | None = field(default=None, init=False, repr=False)
    _objects: tuple[object, ...] = field(default=(), init=False, repr=False)
    _again: Callable[[], BoundDag] | None = field(default=None, init=False, repr=False)

    @property
    def merged(self) -> Merged | None:
        """The merged data with its places, as far as the walk came; bound again where it was put away."""
        if self._tree is None and self._again is not None:
            self._tree = self._again().merged
        return self._tree

    @merged.setter
    def merged(self, tree: Merged) -> None:
        self._tree = tree

    def put_tree_away(self, again: Callable[[], BoundDag]) -> None:
        """Forget the merged data of a sound file: of all that a project holds it is by far the most.

        Only what it says of a place is ever asked of it later, and that seldom: `again` binds the text once more.
        """
        if self.factory is not None and self._tree is not None:
            # The same text gives the same objects in the same order.
            self._objects = tuple(merged.made for merged in self._tree.objects())
            self._tree, self._again = None, again

    @property
    def file(self) -> Path:
        """The DAG file on this machine."""
        return self.dag_file.path

    @cached_property
    def _digest(self) -> str:
        assert self.merged is not None  # noqa: S101  only loaded DAGs are asked
        return digest_of(self.merged, self.dag_id)

    def without_secrets(self, found: Diagnostic) -> Diagnostic:
        """Return a finding without the values of the process environment that the file refers to."""
        return hide_secrets(found, self.secrets)

    def digest(self) -> str:
        """Return the hex SHA-256 of the resolved data."""
        return self._digest

    @cached_property
    def _places(self) -> dict[int, Merged]:
        if self.merged is None:
            return {}
        places = list(self.merged.objects())
        objects = self._objects or [merged.made for merged in places]
        return {id(made): merged for made, merged in zip(objects, places, strict=True)}

    def place_of(self, made: object, field: Sequence[str | int] = (), *, at_key: bool = False) -> PlaceInData | None:
        """Return where an object stands in the file, or a field of it, or what is below that field."""
        merged = self._places.get(id(made))
        if merged is None:
            return None
        if merged.path is None and not field and self.source is not None:
            # The whole file is shown at its first line.
            first = len(self.source.line(1))
            return PlaceInData(Span(source=self.source, start_offset=0, end_offset=first), "", "")
        return place(merged, field, at_key=at_key)

    def said(self, made: object = None, field: str = "") -> list[PlaceInData]:
        """Return where each value of an object, or of a field of it, is said; of the whole file where None."""
        merged = self.merged if made is None else self._places.get(id(made))
        if merged is not None and field:
            leaf, mapping = (merged.entries or {}).get(field, (None, None))
            if mapping is None:
                return []
            if not isinstance(leaf, Merged):
                return [place(merged, field)]
            merged = leaf
        return [] if merged is None else list(_said(merged))


def _said(merged: Merged) -> Iterator[PlaceInData]:
    below: list[tuple[str | int, Leaf]] = [(key, leaf) for key, (leaf, _) in (merged.entries or {}).items()]
    below += enumerate(merged.items or ())
    for key, leaf in below:
        if isinstance(leaf, Merged):
            yield from _said(leaf)
        else:
            yield place(merged, [key])


class DagBinder:
    """Binds the DAG files of one project; layers and classes are read once for all of them."""

    def __init__(self, config: ProjectConfig, registry: Registry, *, inside_airflow: bool = False) -> None:
        self.config = config
        self.inside_airflow = inside_airflow
        self.registry = registry
        self._layers: dict[int, tuple[Layer, LayerDefaults, list[Diagnostic]]] = {}
        self._defaults: dict[Path, Defaults] = {}

    def bind(self, dag_file: DagFile, source: SourceText) -> BoundDag:
        """Bind one text."""
        bound = BoundDag(dag_file=dag_file, source=source)
        parsed = parse_mapping(source)
        bound.diagnostics.extend(parsed.diagnostics)
        if parsed.root is None:
            return bound
        folder = dag_file.path.parent
        defaults = self._defaults_of(folder)
        references = References(self.config.variables(folder), self.config.environment, bound.diagnostics)
        # What the file's name says, where the data says nothing.
        bound.dag_id = stem_of(dag_file.path.name)
        walk = Walk(self.registry, defaults, references, bound.diagnostics, root=self.config.root, dag_id=bound.dag_id)
        root = self._with_bound_type(parsed.root, dag_file)
        _, leaf = walk.bind(SlotShape(DagFactory), [(defaults.file_rank, root)], None, root)
        if parsed.diagnostics:
            bound.diagnostics[:] = without_follow_ups(bound.diagnostics, parsed.root)
        if isinstance(leaf, Merged):
            bound.merged = leaf
            self._name(bound, leaf)
            bound.settings = self._settings(bound)
            if leaf.made is not None and leaf.made is not INVALID:
                bound.factory = leaf.made
            bound.diagnostics.extend(run_checks(walk.to_check, bound.settings))
        bound.project_files = tuple(walk.project_files)
        bound.secrets = references.secrets
        bound.diagnostics[:] = [
            hide_secrets(with_place(found, parsed.root), bound.secrets) for found in bound.diagnostics
        ]
        if has_errors(bound.diagnostics):
            bound.factory = None
        elif bound.factory is not None:
            attach_loaded(bound.factory, bound)
        return bound

    def _with_bound_type(self, root: MappingNode, dag_file: DagFile) -> MappingNode:
        """Let the type of a `[[bind]]` stand where the file gives none."""
        if dag_file.type is None or dag_file.type_span is None or "type" in root:
            return root
        span = dag_file.type_span
        node = ScalarNode(span.source, span.start_offset, span.end_offset, dag_file.type)
        entry = Entry("type", root.start, root.start, node)
        return MappingNode(root.source, root.start, root.end, {"type": entry, **root.entries})

    def _name(self, bound: BoundDag, root: Merged) -> None:
        """Find the DAG id: what the data says, else the file's name up to its first dot."""
        entry = (root.entries or {}).get("dag_id")
        said = entry[0] if entry is not None else None
        if isinstance(said, ScalarNode) and isinstance(said.value, str):
            bound.dag_id, bound.dag_id_span = said.value, said.span
        if not is_dag_id(bound.dag_id):
            where = "" if bound.dag_id_span is not None else ", which the file's name gives,"
            rule = "letters, digits, '_', '-' and '.', at most 200"
            bound.diagnostics.append(
                Diagnostic(
                    code="DW306",
                    message=f"'{bound.dag_id}'{where} cannot be a DAG id: {rule}",
                    span=bound.dag_id_span,
                    file=bound.dag_file.name,
                    path="dag_id" if bound.dag_id_span is not None else "",
                    pointer="/dag_id" if bound.dag_id_span is not None else "",
                    help="" if bound.dag_id_span is not None else "rename the file or give it a 'dag_id'",
                )
            )

    def _settings(self, bound: BoundDag) -> RenderSettings:
        entry = ((bound.merged.entries if bound.merged is not None else None) or {}).get("workspace")
        said = entry[0] if entry is not None else None
        workspace = said.value if isinstance(said, ScalarNode) and isinstance(said.value, str) else None
        if workspace is not None and "://" not in workspace:
            # Tasks run in different folders; in data a folder is relative to the project.
            workspace = str(self.config.root / workspace)
        return RenderSettings(
            workspace=workspace,
            project_root=self.config.root,
            file=bound.dag_file.name,
            environment=self.config.environment,
            allow=self.config.allow,
            several_workers=self.config.several_workers,
            operators=self.config.operators,
            inside_airflow=self.inside_airflow,
        )

    def layer_problems(self, folders: Iterable[Path]) -> list[Diagnostic]:
        """Return what is wrong with the defaults that reach any of the folders, beyond how they are written."""
        layers = {id(layer): layer for folder in folders for layer in self.config.layers(folder)}
        return [problem for layer in layers.values() for problem in self._read(layer)[1]]

    def _defaults_of(self, folder: Path) -> Defaults:
        known = self._defaults.get(folder)
        if known is None:
            known = self._defaults[folder] = Defaults(self._read(layer)[0] for layer in self.config.layers(folder))
        return known

    def _read(self, layer: Layer) -> tuple[LayerDefaults, list[Diagnostic]]:
        """Read a layer once, however many folders it reaches."""
        known = self._layers.get(id(layer))
        if known is None:
            problems: list[Diagnostic] = []
            known = self._layers[id(layer)] = (layer, read_layer(layer, self.registry, problems), problems)
        return known[1:]
