"""Which operator factories an owner holds directly, and under which names.

The renderer makes and wires an owner's children by what stands here; the binder checks `depends_on` by it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from dagwright.model.bases import Component, OperatorFactory, own_task_id
from dagwright.model.computed import per_class
from dagwright.model.options import options_of

__all__ = ["Child", "can_hold_factories", "children_of", "is_operator_factory"]

Path = tuple[str | int, ...]


class Child(NamedTuple):
    """An operator factory that an owner holds.

    Attributes:
        name: its task id within the owner; None: it has none.
        path: the way to it from the owner.
        holds: whether it may hold factories itself.
    """

    factory: Any
    name: str | None
    path: Path
    holds: bool


class Holder(NamedTuple):
    """What objects of one class can hold: nothing, items, values by key, or fields; or they are factories."""

    kind: Literal["leaf", "list", "set", "mapping", "fields", "operator"]
    fields: tuple[str, ...] = ()


_LEAF = Holder("leaf")


def is_operator_factory(cls: type) -> bool:
    """Say whether objects of a class own a place in the graph, plain dataclasses included."""
    if issubclass(cls, OperatorFactory):
        return True
    makes = hasattr(cls, "make_operator") or hasattr(cls, "make_operators")
    return makes and dataclasses.is_dataclass(cls) and not issubclass(cls, Component)


def can_hold_factories(cls: type) -> bool:
    """Say whether objects of a class may hold operator factories at all."""
    return bool(_holder(cls).fields)


def children_of(owner: object) -> list[Child]:
    """Return the operator factories that an owner holds, in the order of its fields.

    They stand in fields, lists, sets, mappings, components and plain dataclasses of the owner, down to the
    first factory on each way: what that one holds is its own. A factory in two places is one child, at the
    first. Names are the mapping's key; in a field of its own the factory's `task_id` or `name`, which the
    binder fills in from the key or the field, else the field's name; in a list `task_id`, `name` or the slug
    of the class's `name_from` field.

    Args:
        owner: a DAG factory, an operator factory or a plain dataclass.
    """
    fields = _holder(type(owner)).fields
    if not fields:
        return []
    found: dict[int, Child] = {}
    for child in _in_fields(owner, fields, (), ()):
        found.setdefault(id(child.factory), child)
    return list(found.values())


@per_class
def _holder(cls: type) -> Holder:
    if is_operator_factory(cls):
        return Holder("operator", _field_names(cls))
    if dataclasses.is_dataclass(cls):
        return Holder("fields", _field_names(cls))
    if issubclass(cls, Mapping):
        return Holder("mapping")
    if issubclass(cls, (list, tuple)):
        return Holder("list")
    return Holder("set") if issubclass(cls, AbstractSet) else _LEAF


# They hold texts, numbers and Airflow's arguments, in every factory there is.
_OWN_FIELDS = frozenset({"name", "depends_on", "task_args"})
_SCALARS = frozenset({str, int, float, bool, bytes, type(None), datetime, date, timedelta})


def _field_names(cls: type) -> tuple[str, ...]:
    """Return the fields that can hold a factory; components are known to hold what they declare."""
    names = tuple(field.name for field in dataclasses.fields(cls))
    if not issubclass(cls, Component):
        return names
    own = _OWN_FIELDS if issubclass(cls, OperatorFactory) else frozenset[str]()
    declared: Mapping[str, FieldInfo] = getattr(cls, "__pydantic_fields__", {})
    return tuple(
        name for name in names if name not in own and not (name in declared and _is_scalar(declared[name].annotation))
    )


def _is_scalar(annotation: Any) -> bool:
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return all(isinstance(member, type) and member in _SCALARS for member in members)


def _in_fields(owner: object, fields: tuple[str, ...], path: Path, around: tuple[int, ...]) -> Iterator[Child]:
    for field in fields:
        value = getattr(owner, field, None)
        if type(value) in _SCALARS or (holder := _holder(type(value))) is _LEAF:
            continue
        if holder.kind == "operator":
            yield Child(value, _given_id(value) or field, (*path, field), bool(holder.fields))
        else:
            yield from _inside(value, holder, (*path, field), around)


def _inside(value: Any, holder: Holder, path: Path, around: tuple[int, ...]) -> Iterator[Child]:
    """Yield what stands in a list, set, mapping, component or plain dataclass that holds itself nowhere."""
    if id(value) in around:
        return
    around = (*around, id(value))
    if holder.kind == "fields":
        yield from _in_fields(value, holder.fields, path, around)
        return
    items = value.items() if holder.kind == "mapping" else enumerate(value)
    children: list[Child] = []
    for key, item in items:
        if type(item) in _SCALARS or (item_holder := _holder(type(item))) is _LEAF:
            continue
        if item_holder.kind == "operator":
            name = str(key) if holder.kind == "mapping" else own_task_id(item, options_of(type(item)))
            children.append(Child(item, name, (*path, key), bool(item_holder.fields)))
        else:
            children.extend(_inside(item, item_holder, (*path, key), around))
    # Sets have no order of their own, and the same data has to give the same DAG in every process.
    yield from sorted(children, key=lambda child: child.name or "") if holder.kind == "set" else children


def _given_id(factory: Any) -> str | None:
    """Return the id that the data gives a factory, without falling back to a slug."""
    fields = type(factory).__dataclass_fields__
    for attribute in ("task_id", "name"):
        value = getattr(factory, attribute) if attribute in fields else None
        if isinstance(value, str) and value:
            return value
    return None
