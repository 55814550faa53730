"""Which class reads a place: the filler of a slot, the member of a union."""

from __future__ import annotations

from typing import Any

from dagwright.binding.references import MARK
from dagwright.diagnostics.suggest import did_you_mean
from dagwright.model.options import options_of
from dagwright.model.registry import Registry
from dagwright.model.shapes import ClassShape, LeafShape, ListShape, MapShape, Shape, SlotShape, UnionShape
from dagwright.source import ListNode, MappingNode, Node, ScalarNode

__all__ = ["REPORTED", "bare_type", "choose_member", "filler_of_slot"]

REPORTED = ""
"""The code of a problem that another finding has said already."""

# A code, a message, the node to show (None: the place itself) and further fields of the diagnostic.
Problem = tuple[str, str, Node | None, dict[str, Any]]


def filler_of_slot(
    registry: Registry, slot: type, said: list[tuple[int, Node]], key: str | None
) -> tuple[type | None, list[tuple[int, Node]], Problem | None]:
    """Pick the class and drop what weaker layers said about another one.

    The strongest layer that gives a `type` decides; else a key that is a type name; else the slot's default.
    Returns the class, what remains said about it, and what is wrong when there is no class.
    """
    node = said[-1][1]
    default = options_of(slot).default_type
    if not isinstance(node, MappingNode):
        # A bare value can only be shorthand for the default filler.
        found = registry.find(slot, default) if default is not None else []
        if len(found) == 1 and options_of(found[0].cls).shorthand is not None:
            return found[0].cls, [(said[-1][0], node)], None
        return None, said, None
    if len(said) == 1:
        # Most places have one word about them.
        named = node.get("type")
        chosen, problem = _named(registry, slot, named) if named else (_unnamed(registry, slot, key, default), None)
        if chosen is None and problem is None:
            problem = _missing_type(registry, slot, key, default)
        return chosen, said, problem
    mappings = _after_last_replacement(said)
    chosen, problem = None, None
    owners: list[type | None] = []
    for _, mapping in mappings:
        named = mapping.get("type")
        if named is not None:
            chosen, problem = _named(registry, slot, named)
            if problem is not None and mapping is mappings[-1][1]:
                return None, said, problem
        owners.append(chosen)
    if chosen is None:
        chosen = _unnamed(registry, slot, key, default)
        if problem is not None:
            return None, said, problem
        if chosen is None:
            return None, said, _missing_type(registry, slot, key, default)
        return chosen, list(mappings), None
    implied = _unnamed(registry, slot, key, default)
    # Words from before any layer named a type are about the type that held by itself then.
    kept: list[tuple[int, Node]] = [
        each for each, owner in zip(mappings, owners, strict=True) if (owner or implied or chosen) is chosen
    ]
    return chosen, kept, None


def _after_last_replacement(said: list[tuple[int, Node]]) -> list[tuple[int, MappingNode]]:
    mappings: list[tuple[int, MappingNode]] = []
    for rank, node in said:
        if isinstance(node, MappingNode):
            mappings.append((rank, node))
        else:
            mappings.clear()
    return mappings


def _named(registry: Registry, slot: type, named: Node) -> tuple[type | None, Problem | None]:
    if not isinstance(named, ScalarNode) or not isinstance(named.value, str):
        return None, ("DW201", "a type is the name of a factory, a string", named, {})
    if MARK in named.value:
        # The type says how everything else is read, so it stands in the file itself.
        return None, ("DW201", "a type is written out; references are for values", named, {})
    found = registry.find(slot, named.value)
    if len(found) == 1:
        return found[0].cls, None
    slot_name = options_of(slot).type_name
    names = registry.type_names(slot)
    if found:
        choices = " or ".join(f"'{filler.package}:{named.value}'" for filler in found)
        return None, ("DW404", f"type '{named.value}' is ambiguous", named, {"help": f"write {choices}"})
    suggestion = did_you_mean(named.value, names) or _name_in(registry, slot, named.value)
    more: dict[str, Any] = {
        "label": f"did you mean '{suggestion}'?" if suggestion else "",
        "notes": (f"types: {', '.join(names) or 'none is registered'}",),
    }
    if registry.incomplete and not suggestion:
        # It may be one of the factories whose code is broken, and that is reported already.
        return None, (REPORTED, "", named, {})
    elsewhere = [filler for filler in registry.find_anywhere(named.value) if not issubclass(filler.cls, slot)]
    if elsewhere:
        slots = [options_of(base).type_name for base in elsewhere[0].cls.__mro__[1:] if options_of(base).abstract]
        more["notes"] = (f"'{named.value}' is a {slots[0]}", *more["notes"])
    return None, ("DW201", f"unknown type '{named.value}' for slot {slot_name}", named, more)


def _name_in(registry: Registry, slot: type, name: str) -> str | None:
    """Return what a name of another slot is called in this one: `sftp` among all operators is `sftp_publisher`."""
    for filler in registry.find_anywhere(name):
        for full in filler.names:
            if registry.find(slot, full) == [filler]:
                return full
    return None


def bare_type(registry: Registry, slot: type, node: Node) -> str:
    """Return a hint for whoever writes the name of a type where its mapping belongs."""
    if isinstance(node, ScalarNode) and isinstance(node.value, str) and registry.find(slot, node.value):
        return f"write {{type: {node.value}}}"
    return ""


def _unnamed(registry: Registry, slot: type, key: str | None, default: str | None) -> type | None:
    if key is not None:
        found = registry.find(slot, key)
        if len(found) == 1:
            return found[0].cls
    found = registry.find(slot, default) if default is not None else []
    return found[0].cls if len(found) == 1 else None


def _missing_type(registry: Registry, slot: type, key: str | None, default: str | None) -> Problem:
    slot_name = options_of(slot).type_name
    for name in (key, default):
        found = registry.find(slot, name) if name is not None else []
        if len(found) > 1:
            choices = " or ".join(f"'{filler.package}:{name}'" for filler in found)
            return "DW404", f"type '{name}' is ambiguous", None, {"help": f"add a 'type': {choices}"}
    types = registry.type_names(slot)
    # A key may be the type, so a misspelt one is worth a question.
    suggestion = did_you_mean(key, types) if key is not None else None
    label = f"did you mean '{suggestion}'?" if suggestion else ""
    names = ", ".join(types) or "none is registered"
    message = f"'type' is missing: slot {slot_name} has no default"
    if default is not None:
        message = f"'type' is missing: '{default}', the default of slot {slot_name}, is not registered"
    return "DW202", message, None, {"notes": (f"types: {names}",), "label": label}


def choose_member(shape: UnionShape, node: Node) -> Shape | None:
    """Return the member of a union that a value is meant for, None where only pydantic can say."""
    if len(shape.members) == 1:
        return shape.members[0]
    fitting = [member for member in shape.members if _fits(member, node)]
    if len(fitting) == 1:
        return fitting[0]
    if isinstance(node, MappingNode):
        classes = [member for member in shape.members if isinstance(member, ClassShape)]
        if classes:
            return max(classes, key=lambda member: _likeness(member, node))
        structured = [member for member in shape.members if isinstance(member, (SlotShape, MapShape))]
        return structured[0] if structured else None
    leaves = [member for member in fitting if isinstance(member, LeafShape)]
    # Several leaves: the one that rewrites text, such as a duration, else pydantic's own choice.
    return next((leaf for leaf in leaves if leaf.text is not None), None)


def _fits(shape: Shape, node: Node) -> bool:
    match shape:
        case LeafShape():
            return kind_of_node(node) in shape.kinds
        case ListShape():
            return isinstance(node, ListNode)
        case MapShape() | SlotShape():
            return isinstance(node, MappingNode)
        case ClassShape():
            return isinstance(node, MappingNode) or (
                shape.options.shorthand is not None and _fits(shape.fields[shape.options.shorthand].shape, node)
            )
        case UnionShape():
            return any(_fits(member, node) for member in shape.members)
        case _:
            return False


def _likeness(shape: ClassShape, node: MappingNode) -> tuple[int, int]:
    """Say how well a mapping's keys suit a class: fewest unknown keys, then fewest missing fields."""
    unknown = sum(key not in shape.fields for key in node.entries)
    missing = sum(field.required and name not in node.entries for name, field in shape.fields.items())
    return -unknown, -missing


def kind_of_node(node: Node) -> str:
    """Return the JSON kind of a node."""
    if isinstance(node, ListNode):
        return "array"
    if isinstance(node, MappingNode):
        return "object"
    assert isinstance(node, ScalarNode)  # noqa: S101  the third and last node class
    match node.value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case _:
            return "string"
