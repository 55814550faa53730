"""The resolved data of a DAG file: what every layer says together, with the place of every value.

Values from the process environment are hidden here, before any format sees them.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from dagwright.binding import BoundDag
from dagwright.binding.merged import Leaf, Merged, ResolvedNode
from dagwright.binding.references import MARK
from dagwright.cli.yaml_text import Branch, Commented, Value
from dagwright.model.dag_factory import DagFactory
from dagwright.model.registry import Registry
from dagwright.model.shapes import ClassShape, FieldShape, ListShape, MapShape, Shape, SlotShape, UnionShape
from dagwright.source import ListNode, MappingNode, Node, ScalarNode

__all__ = ["HIDDEN", "as_written", "origins", "plain", "resolved"]

HIDDEN = "***"


def resolved(bound: BoundDag, registry: Registry, *, defaults: bool = False) -> Value:
    """Return the data of a DAG file, each value with its origin as a comment.

    Args:
        bound: a file that was bound.
        registry: knows the short names of types.
        defaults: whether to add what is not said and has a default in code.
    """
    assert bound.merged is not None  # noqa: S101  callers stop at files that could not be read
    return _Resolver(registry, defaults=defaults).value(bound.merged, SlotShape(DagFactory))


def plain(value: Value) -> Any:
    """Return the data alone."""
    if isinstance(value, Commented):
        return value.value
    if isinstance(value.value, dict):
        return {key: plain(below) for key, below in value.value.items()}
    return [plain(item) for item in value.value]


def as_written(value: Value) -> Value:
    """Return the data as a DAG file writes it: what looks like a reference and is none is escaped."""
    if isinstance(value, Branch):
        if isinstance(value.value, dict):
            return Branch({key: as_written(below) for key, below in value.value.items()})
        return Branch([as_written(item) for item in value.value])
    if isinstance(value.value, str) and MARK in value.value:
        return Commented(value.value.replace(MARK, f"${MARK}"), value.comment)
    return value


def origins(value: Value, pointer: str = "") -> dict[str, str]:
    """Return the origin of every value by JSON pointer."""
    if isinstance(value, Commented):
        return {pointer: value.comment}
    if isinstance(value.value, dict):
        below = [(key.replace("~", "~0").replace("/", "~1"), each) for key, each in value.value.items()]
    else:
        below = [(str(index), each) for index, each in enumerate(value.value)]
    return {place: said for key, each in below for place, said in origins(each, f"{pointer}/{key}").items()}


class _Resolver:
    def __init__(self, registry: Registry, *, defaults: bool) -> None:
        self._registry = registry
        self._defaults = defaults

    def value(self, leaf: Leaf, shape: Shape | None) -> Value:
        if isinstance(leaf, Node):
            return _node(leaf)
        if leaf.items is not None:
            item = shape.item if isinstance(shape, ListShape) else None
            return _branch([self.value(each, item) for each in leaf.items], leaf.node)
        if leaf.shape is None:
            below = shape.value if isinstance(shape, MapShape) else None
            return _branch({key: self.value(each, below) for key, (each, _) in (leaf.entries or {}).items()}, leaf.node)
        return self._object(leaf, leaf.shape, shape)

    def _object(self, merged: Merged, cls: ClassShape, shape: Shape | None) -> Value:
        data: dict[str, Value] = {}
        entries = merged.entries or {}
        slot = _slot_of(shape, cls)
        bare = cls.options.shorthand
        if bare is not None and isinstance(cls.fields[bare].shape, (MapShape, SlotShape)) and list(entries) == [bare]:
            # Such a class reads every mapping as that one field, so that its other fields have no place in a file.
            return self.value(entries[bare][0], cls.fields[bare].shape)
        if slot is not None:
            data["type"] = self._type(merged, slot, cls)
        for name, (leaf, _) in entries.items():
            if not self._defaults and _is_unsaid(leaf):
                continue
            field = cls.fields.get(name)
            data[name] = self.value(leaf, field.shape if field is not None else None)
        if self._defaults:
            for name, field in cls.fields.items():
                if name not in data and not field.required:
                    data[name] = _default(field, cls)
        return _branch(data, merged.node)

    def _type(self, merged: Merged, slot: type, cls: ClassShape) -> Value:
        """Return the name that chooses a class, and where it is said, if it is."""
        node = merged.node.get("type") if isinstance(merged.node, MappingNode) else None
        names = (
            name
            for name in self._registry.type_names(slot)
            if any(each.cls is cls.cls for each in self._registry.find(slot, name))
        )
        name = min(names, default=cls.options.type_name)
        return Commented(name, _place(node) if node is not None else "")


def _slot_of(shape: Shape | None, cls: ClassShape) -> type | None:
    """Return the slot that a class fills at a place, None where the place takes the class alone."""
    if isinstance(shape, UnionShape):
        return next((slot for member in shape.members if (slot := _slot_of(member, cls)) is not None), None)
    if isinstance(shape, SlotShape) and (issubclass(cls.cls, shape.base) or shape.base is DagFactory):
        return shape.base
    return None


def _is_unsaid(leaf: Leaf) -> bool:
    """Say whether a place holds the default filler of its slot and nobody said anything about it."""
    return (
        isinstance(leaf, Merged)
        and leaf.shape is not None
        and leaf.node.start == leaf.node.end
        and all(_is_unsaid(each) for each, _ in (leaf.entries or {}).values())
    )


def _branch(value: dict[str, Value] | list[Value], node: Node) -> Value:
    return Branch(value) if value else Commented(value, _place(node))


def _node(node: Node) -> Value:
    if isinstance(node, MappingNode):
        return _branch({key: _node(entry.value) for key, entry in node.entries.items()}, node)
    if isinstance(node, ListNode):
        return _branch([_node(item) for item in node.items], node)
    if isinstance(node, ResolvedNode):
        value = HIDDEN if node.secret else node.value
        return Commented(value, " from ".join(_place(each) for each in (node, *node.variables)))
    return Commented(node.value if isinstance(node, ScalarNode) else node.plain(), _place(node))


def _default(field: FieldShape, cls: ClassShape) -> Value:
    """Return a default of the code; what is no plain data is shown by its name."""
    value = field.default
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    return _said_by_code(value, f"default of {cls.options.type_name}")


def _said_by_code(value: Any, comment: str) -> Value:
    if isinstance(value, dict) and value:
        return Branch({str(key): _said_by_code(each, comment) for key, each in value.items()})
    if isinstance(value, (list, tuple, set, frozenset)):
        items = list(value) if isinstance(value, (list, tuple)) else sorted(value, key=str)
        return Branch([_said_by_code(each, comment) for each in items]) if items else Commented([], comment)
    if value is None or isinstance(value, (str, bool, int, float, dict)):
        return Commented(value, comment)
    return Commented(str(getattr(value, "value", value)), comment)


def _place(node: Node) -> str:
    return f"{node.source.name}:{node.span.start.line}"
