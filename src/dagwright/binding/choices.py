"""Which class reads a place: the filler of a slot, the member of a union."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dagwright.binding.references import MARK
from dagwright.binding.said import Said, is_null
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


class _Nobody:
    """Owns what a layer says about a type that is not there."""


def filler_of_slot(
    registry: Registry, slot: type, said: list[Said], key: str | None
) -> tuple[type | None, list[Said], Problem | None]:
    """Pick the class and drop what weaker layers said about another one.

    The strongest layer that gives a `type` decides; else a key that is a type name; else the slot's default. A
    bare value is shorthand for the default filler.

    Returns:
        The class, what remains said about it, and what is wrong; with a class, that is a type of a weaker layer.
    """
    default = options_of(slot).default_type
    if len(said) == 1 and isinstance(said[0][1], MappingNode):
        # Most places have one word about them.
        named = said[0][1].get("type")
        chosen, problem = _named(registry, slot, named) if named else (_unnamed(registry, slot, key, default), None)
        if chosen is None and problem is None:
            problem = _missing_type(registry, slot, key, default)
        return chosen, said, problem
    words, problem = _words(registry, slot, said, default)
    if not words:
        return None, said, None
    chosen = words[-1][1]
    implied = _unnamed(registry, slot, key, default)
    if chosen is None:
        # Nobody named a type.
        chosen = implied
        if chosen is None:
            return None, said, _missing_type(registry, slot, key, default)
    if chosen is _Nobody:
        return None, said, problem
    # Words from before any layer named a type are about the type that held by itself then.
    return chosen, [word for word, owner in words if (owner or implied or chosen) is chosen], problem


def _words(
    registry: Registry, slot: type, said: list[Said], default: str | None
) -> tuple[list[tuple[Said, type | None]], Problem | None]:
    """Return what is said since the last value that replaces everything, each with the type that it is about."""
    found = registry.find(slot, default) if default is not None else []
    bare_class = found[0].cls if len(found) == 1 and options_of(found[0].cls).shorthand is not None else None
    words: list[tuple[Said, type | None]] = []
    problem: Problem | None = None
    owner: type | None = None
    for rank, node in said:
        if isinstance(node, MappingNode):
            named = node.get("type")
            if named is not None:
                cls, wrong = _named(registry, slot, named)
                owner, problem = cls or _Nobody, wrong or problem
            words.append(((rank, node), owner))
        elif bare_class is not None and not is_null(node):
            owner = bare_class
            words.append(((rank, node), owner))
        else:
            words.clear()
            owner = None
    return words, problem


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


def choose_member(shape: UnionShape, said: list[Said]) -> tuple[Shape | None, list[Said]]:
    """Return the member of a union that a value is meant for, None where only pydantic can say.

    What weaker layers said about another member is dropped, as it is for another `type`.
    """
    node = said[-1][1]
    if len(shape.members) == 1:
        return shape.members[0], said
    fitting = [member for member in shape.members if _fits(member, node)]
    classes = [member for member in shape.members if isinstance(member, ClassShape)]
    if isinstance(node, MappingNode) and len(classes) > 1:
        chosen = _likeliest(classes, said)
        return chosen, [word for word in said if not _is_about_another(word[1], chosen, classes)]
    if len(fitting) == 1:
        return fitting[0], said
    if isinstance(node, MappingNode):
        if classes:
            return classes[0], said
        structured = [member for member in shape.members if isinstance(member, (SlotShape, MapShape))]
        return (structured[0] if structured else None), said
    leaves = [member for member in fitting if isinstance(member, LeafShape)]
    # Several leaves: the one that rewrites text, such as a duration, else pydantic's own choice.
    return next((leaf for leaf in leaves if leaf.text is not None), None), said


def _likeliest(classes: list[ClassShape], said: list[Said]) -> ClassShape:
    """Return the class that the strongest word suits best, and of several the one that all words suit best."""
    strongest = said[-1][1]
    assert isinstance(strongest, MappingNode)  # noqa: S101  asked for mappings only
    every_key = {key for _, node in said if isinstance(node, MappingNode) for key in node.entries}
    return max(classes, key=lambda member: (_likeness(member, strongest.entries), _likeness(member, every_key)))


def _is_about_another(node: Node, chosen: ClassShape, classes: list[ClassShape]) -> bool:
    if not isinstance(node, MappingNode):
        return False
    unknown = {id(member): sum(key not in member.fields for key in node.entries) for member in classes}
    return unknown[id(chosen)] > 0 and min(unknown.values()) == 0


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


def _likeness(shape: ClassShape, keys: Collection[str]) -> tuple[int, int]:
    """Say how well keys suit a class: fewest unknown ones, then fewest missing fields."""
    unknown = sum(key not in shape.fields for key in keys)
    missing = sum(name not in keys for name in shape.required)
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
