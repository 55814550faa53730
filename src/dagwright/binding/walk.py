"""The walk: from what every layer says to objects, in one pass directed by the types.

At each place the walk collects what the layers say (`said`, weakest first, each with its rank), picks the
class, merges, resolves references, finds unknown and missing fields, and makes the object, which goes into
its owner's data as a token. Every problem is collected with its place; a place with a problem becomes
`INVALID`, and its owner is still checked as far as possible.

Ranks: the layer with index i says `2 * i` through a class's own defaults and `2 * i + 1` through a path
inside the defaults of an outer class, so that the more explicit word of one location wins. The DAG file
itself is the strongest.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from dagwright.binding.choices import REPORTED, bare_type, choose_member, filler_of_slot
from dagwright.binding.defaults import Defaults
from dagwright.binding.draft import INVALID, Draft, Result, json_of
from dagwright.binding.findings import Findings
from dagwright.binding.merged import Anchor, Merged, Path, first_line, span_of_anchor
from dagwright.binding.references import MARK, References
from dagwright.binding.said import Said, WrittenOut, collect, holds_reference, is_null, written_out_shorthand
from dagwright.binding.siblings import Sibling, check_siblings
from dagwright.binding.texts import duration, find_in_project, moment
from dagwright.binding.verdicts import diagnostics_of, related_places
from dagwright.diagnostics import Diagnostic
from dagwright.model.bases import Component, OperatorFactory
from dagwright.model.building import TOKEN, build
from dagwright.model.naming import slug
from dagwright.model.registry import Registry
from dagwright.model.shapes import ClassShape, LeafShape, ListShape, MapShape, Shape, SlotShape, UnionShape
from dagwright.source import ListNode, MappingNode, Node, ScalarNode

__all__ = ["Walk"]

# A text nests less deeply; only defaults can go on without end.
_DEEPEST = 60
_ANYTHING_BY_NAME = MapShape(LeafShape(Any, frozenset()))


class Walk:
    """Binds one DAG file.

    Attributes:
        problems: everything found wrong.
        made: the objects made so far; tokens count from 0.
        project_files: files and folders of the project that the data names.
        to_check: the places whose objects have a `check` of their own, inner ones first.
    """

    def __init__(
        self,
        registry: Registry,
        defaults: Defaults,
        references: References,
        problems: list[Diagnostic],
        *,
        root: FilePath,
        dag_id: str,
    ) -> None:
        self.problems = problems
        self._findings = Findings(problems, root)
        self.made: list[Any] = []
        self.project_files: list[FilePath] = []
        self.to_check: list[Merged] = []
        self._registry = registry
        self._shapes = registry.shapes
        self._defaults = defaults
        self._references = references
        self._root = root
        self._dag_id = dag_id
        self._siblings: list[list[Sibling]] = []
        self._depth = 0

    def bind(self, shape: Shape, said: list[Said], path: Path, anchor: Anchor, key: str | None = None) -> Result:
        """Bind one place; `key` is the mapping key or field name that names an operator there."""
        node = said[-1][1]
        if len(said) > 1 or holds_reference(node):
            said = self._resolved(shape, said, path)
            if not said:
                return INVALID, anchor if isinstance(anchor, Node) else anchor[0]
        kind = type(shape)
        if kind is LeafShape:
            if len(said) > 1:
                # Mappings merge deeply, those that no class describes too.
                return self._map(_ANYTHING_BY_NAME, said, path, anchor)
            return self._leaf(shape, said[-1][1], path)  # type: ignore[arg-type]  # narrowed by kind
        if kind is ClassShape:
            return self._class(shape, said, path, anchor, key)  # type: ignore[arg-type]  # narrowed by kind
        if kind is SlotShape:
            return self._slot(shape, said, path, anchor, key)  # type: ignore[arg-type]  # narrowed by kind
        if kind is ListShape:
            return self._list(shape, said, path, anchor)  # type: ignore[arg-type]  # narrowed by kind
        if kind is MapShape:
            return self._map(shape, said, path, anchor)  # type: ignore[arg-type]  # narrowed by kind
        return self._union(shape, said, path, anchor, key)  # type: ignore[arg-type]  # the last kind

    def _resolved(self, shape: Shape, said: list[Said], path: Path) -> list[Said]:
        """Replace strings that hold references, of the words that count; an unresolvable one drops the place."""
        merges = type(shape) is ClassShape or type(shape) is SlotShape
        resolved: list[Said] = []
        for rank, node in reversed(said):
            value: Node | None = node
            if holds_reference(node):
                value = self._references.resolve(node, path)  # type: ignore[arg-type]  # a scalar holds it
            if value is None:
                return []
            resolved.append((rank, value))
            if not isinstance(value, MappingNode) and (not merges or is_null(value)):
                # It replaces everything weaker.
                break
        return resolved[::-1]

    def _leaf(self, shape: LeafShape, node: Node, path: Path) -> Result:
        if not isinstance(node, ScalarNode):
            return self._free_data(node, path)
        value = node.value
        if shape.text is not None and isinstance(value, str):
            match shape.text:
                case "duration":
                    value = duration(value)
                case "moment":
                    value = moment(value)
                case "file" | "folder":
                    return self._project_path(value, node, path, folder=shape.text == "folder")
        return value, node

    def _project_path(self, text: str, node: Node, path: Path, *, folder: bool) -> Result:
        found = find_in_project(text, node, self._root, folder=folder)
        if isinstance(found, tuple):
            code, message, help_text = found
            self._findings.error(code, message, node.span, path, help=help_text, related=related_places(node))
            return INVALID, node
        self.project_files.append(found.location)
        self.made.append(found)
        return {TOKEN: len(self.made) - 1}, node

    def _free_data(self, node: Node, path: Path) -> Result:
        """Take a mapping or list that no shape describes as plain data, with references resolved."""
        if isinstance(node, ScalarNode):
            if not holds_reference(node):
                return node.value, node
            resolved = self._references.resolve(node, path)
            if resolved is None:
                return INVALID, node
            return (resolved.value, resolved) if isinstance(resolved, ScalarNode) else self._free_data(resolved, path)
        merged = Merged(node, node, path)
        if isinstance(node, ListNode):
            results = [self._free_data(item, (path, index)) for index, item in enumerate(node.items)]
            merged.items = [leaf for _, leaf in results]
            values = [value for value, _ in results]
            return (INVALID if INVALID in values else values), merged
        assert isinstance(node, MappingNode)  # noqa: S101  the third and last node class
        data: dict[str, Any] = {}
        merged.entries = {}
        valid = True
        for key, entry in node.entries.items():
            if MARK in key:
                self._refuse_key(key, node, path)
            value, leaf = self._free_data(entry.value, (path, key))
            data[key] = value
            merged.entries[key] = (leaf, node)
            valid = valid and value is not INVALID
        return (data if valid else INVALID), merged

    def _refuse_key(self, key: str, mapping: MappingNode, path: Path) -> None:
        message = "a key is written out; references are for values"
        self._findings.error("DW208", message, mapping.key_span(key), path)

    def _list(self, shape: ListShape, said: list[Said], path: Path, anchor: Anchor) -> Result:
        rank, node = said[-1]
        if not isinstance(node, ListNode):
            self._findings.expected("a list", node, path)
            return INVALID, node
        merged = Merged(node, anchor, path)
        merged.items = []
        data: list[Any] = []
        valid = True
        for index, item in enumerate(node.items):
            value, leaf = self.bind(shape.item, [(rank, item)], (path, index), item)
            data.append(value)
            merged.items.append(leaf)
            valid = valid and value is not INVALID
        return (data if valid else INVALID), merged

    def _map(self, shape: MapShape, said: list[Said], path: Path, anchor: Anchor) -> Result:
        node = said[-1][1]
        if not isinstance(node, MappingNode):
            self._findings.expected("a mapping", node, path)
            return INVALID, node
        merged = Merged(node, anchor, path)
        merged.entries = {}
        data: dict[str, Any] = {}
        valid = True
        for key, (values, mapping) in collect(said).items():
            if MARK in key:
                self._refuse_key(key, mapping, path)
            value, leaf = self.bind(shape.value, values, (path, key), (mapping, key), key)
            data[key] = value
            merged.entries[key] = (leaf, mapping)
            valid = valid and value is not INVALID
        return (data if valid else INVALID), merged

    def _union(self, shape: UnionShape, said: list[Said], path: Path, anchor: Anchor, key: str | None) -> Result:
        node = said[-1][1]
        if shape.nullable and isinstance(node, ScalarNode) and node.value is None:
            return None, node
        member, said = choose_member(shape, said)
        if member is None:
            return self._leaf(LeafShape(Any, frozenset()), node, path)
        return self.bind(member, said, path, anchor, key)

    def _slot(self, shape: SlotShape, said: list[Said], path: Path, anchor: Anchor, key: str | None) -> Result:
        filler, said, problem = filler_of_slot(self._registry, shape.base, said, key)
        if filler is not None and problem is not None:
            # A type of a weaker layer, which does not count here and is wrong all the same.
            code, message, at, more = problem
            if at is not None and code != REPORTED:
                self._findings.error(code, message, at.span, (path, "type"), **more)
        if filler is None:
            node = said[-1][1]
            if issubclass(shape.base, OperatorFactory):
                self._hold_place(node, path, anchor, key)
            if problem is None:
                self._findings.expected("a mapping", node, path, label=bare_type(self._registry, shape.base, node))
                return INVALID, node
            code, message, at, more = problem
            if code == REPORTED:
                return INVALID, node
            if at is None:
                self._findings.error(code, message, first_line(span_of_anchor(anchor)), path, **more)
            else:
                self._findings.error(code, message, at.span, (path, "type"), related=related_places(at), **more)
            return INVALID, node
        return self._class(self._shapes.of_class(filler), said, path, anchor, key, in_slot=True)

    def _class(
        self, shape: ClassShape, said: list[Said], path: Path, anchor: Anchor, key: str | None, *, in_slot: bool = False
    ) -> Result:
        said = written_out_shorthand(shape, said)
        node = said[-1][1]
        if not isinstance(node, MappingNode):
            if shape.kind == "operator":
                self._hold_place(node, path, anchor, key)
            self._findings.expected("a mapping", node, path)
            return INVALID, node
        own_defaults = self._defaults.of_class(shape.cls)
        if own_defaults:
            said = sorted([*own_defaults, *said], key=lambda each: each[0])
        draft = Draft(shape, Merged(node, anchor, path, shape))
        if self._depth > _DEEPEST:
            self._findings.endless(shape, draft.merged)
            return INVALID, draft.merged
        self._depth += 1
        if shape.owns_place:
            self._siblings.append([])
        self._said_fields(draft, said, in_slot=in_slot)
        for name in shape.default_slots:
            if name not in draft.data and name not in draft.invalid:
                # The default filler holds by itself, and with it what layers say about it.
                nothing = MappingNode(node.source, node.start, node.start, {})
                result = self.bind(shape.fields[name].shape, [(0, nothing)], (path, name), anchor, name)
                draft.put(name, result, nothing)
        self._depth -= 1
        if shape.owns_place:
            check_siblings(self._siblings.pop(), self.problems)
        if shape.kind == "operator":
            self._take_place(shape, draft.data, draft.merged, key)
        elif shape.kind == "dag" and draft.data.get("dag_id") is None and "dag_id" in shape.fields:
            draft.data["dag_id"] = self._dag_id
        self._find_missing(draft)
        return self._make(draft), draft.merged

    def _find_missing(self, draft: Draft) -> None:
        for name in draft.shape.required:
            if name not in draft.data and name not in draft.invalid:
                if name not in draft.misspelt:
                    self._findings.missing_field(draft.shape, name, draft.merged.anchor, draft.merged.path)
                draft.invalid.add(name)

    def _said_fields(self, draft: Draft, said: list[Said], *, in_slot: bool) -> None:
        """Bind every field that a layer gives, and find the keys that are no fields."""
        if len(said) > 1:
            for name, (values, where) in collect(said).items():
                self._said_field(draft, name, values, where, in_slot=in_slot)
            return
        [(rank, mapping)] = said
        assert isinstance(mapping, MappingNode)  # noqa: S101  a class is read from a mapping
        rank |= 1
        fields, entries, data = draft.shape.fields, draft.entries, draft.data
        for name, entry in mapping.entries.items():
            node, field = entry.value, fields.get(name)
            if (
                field is not None
                and field.takes_as_is
                and type(node) is ScalarNode
                and not (type(node.value) is str and MARK in node.value)
            ):
                # Most of all there is: a text or a number, which pydantic alone judges.
                entries[name] = (node, mapping)
                data[name] = node.value
            else:
                self._said_field(draft, name, [(rank, node)], mapping, in_slot=in_slot)

    def _said_field(self, draft: Draft, name: str, values: list[Said], mapping: MappingNode, *, in_slot: bool) -> None:
        path, anchor, field = draft.merged.path, draft.merged.anchor, draft.shape.fields.get(name)
        if field is None:
            if not (in_slot and name == "type"):
                draft.misspelt.add(self._findings.unknown_field(draft.shape, mapping, name, path))
                draft.invalid.add("")
        elif isinstance(mapping, WrittenOut):
            draft.put(name, self.bind(field.shape, values, path, anchor, name), mapping)
        else:
            draft.put(name, self.bind(field.shape, values, (path, name), (mapping, name), name), mapping)

    def _take_place(self, shape: ClassShape, data: dict[str, Any], merged: Merged, key: str | None) -> None:
        """Give an operator its name and enter it among its siblings."""
        id_field = shape.id_field
        given = data.get(id_field) if id_field is not None else None
        if not isinstance(given, str) or not given:
            given = None
        is_component = shape.is_component
        if key is not None and id_field is not None:
            if given is None and id_field not in (merged.entries or {}):
                data[id_field] = given = key
            elif given is not None and given != key and is_component:
                leaf, _ = (merged.entries or {})[id_field]
                node = leaf.node if isinstance(leaf, Merged) else leaf
                message = f"name '{given}' contradicts the key '{key}', which names the task"
                self._findings.error(
                    "DW209", message, node.span, (merged.path, id_field), help="drop the name or rename the key"
                )
                given = key
        name = given or key
        # A name that is no string is reported by itself.
        named = is_component and not (name is None and self._says_something(merged, id_field))
        name_from = shape.options.name_from
        if name is None and name_from is not None:
            source = data.get(name_from)
            name = (slug(source) or None) if isinstance(source, str) else None
            # A missing or wrong value is reported by itself.
            named = named and (isinstance(source, str) or not shape.fields[name_from].required)
        elif name is None and id_field in shape.required:
            named = False
        if self._siblings:
            # A plain class that has an id is held to it as well, as far as it is said.
            self._siblings[-1].append(Sibling(name, merged, named or given is not None, wired=is_component))

    @staticmethod
    def _says_something(merged: Merged, field: str | None) -> bool:
        entry = (merged.entries or {}).get(field or "")
        return entry is not None and not (isinstance(entry[0], ScalarNode) and entry[0].value in (None, ""))

    def _hold_place(self, node: Node, path: Path, anchor: Anchor, key: str | None) -> None:
        """Keep the name of a task that cannot be read, so that others may depend on it without a further error."""
        said = node.get("name") if isinstance(node, MappingNode) else None
        name = key if key is not None or not isinstance(said, ScalarNode) else str(said.value)
        if name is not None and self._siblings:
            self._siblings[-1].append(Sibling(name, Merged(node, anchor, path), named=True))

    def _make(self, draft: Draft) -> Any:
        """Make the object, or find what else is wrong where something already is."""
        shape, data, merged, invalid = draft.shape, draft.data, draft.merged, draft.invalid
        is_component = shape.is_component
        if invalid and is_component:
            # An unknown key keeps the class's own validators from running on half an object.
            data[""] = None
        if not is_component and not invalid and merged.path is not None:
            return data
        try:
            validator = build(shape.cls) if is_component else TypeAdapter(shape.cls)
            made = validator.validate_json(json_of(data), strict=True, context=self.made)
        except ValidationError as error:
            self.problems.extend(diagnostics_of(error, merged))
            return INVALID
        except PydanticUserError as error:
            self._findings.unusable_class(shape, str(error), merged)
            return INVALID
        except (Exception, SystemExit) as error:  # noqa: BLE001  a class's validators are a stranger's code
            self._findings.broken_validator(shape, error, merged)
            return INVALID
        if invalid:
            return INVALID
        merged.made = made
        if is_component and shape.cls.check is not Component.check:  # type: ignore[attr-defined]  # a component
            self.to_check.append(merged)
        self.made.append(made)
        return {TOKEN: len(self.made) - 1}
