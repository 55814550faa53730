"""The shape tree: what a class accepts as data, read once and shared by everybody who asks.

The binder walks data along shapes; the JSON Schema, the catalogue, `describe` and the editor read the same
ones. Leaves stay pydantic's: a shape only says where slots, components, mappings, lists and paths are.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType, is_typeddict

from dagwright.model.bases import Component, OperatorFactory
from dagwright.model.dag_factory import DagFactory
from dagwright.model.fields import ProjectFile, ProjectFolder
from dagwright.model.options import ClassOptions, options_of

__all__ = [
    "ClassShape",
    "FieldShape",
    "LeafShape",
    "ListShape",
    "MapShape",
    "Shape",
    "ShapeError",
    "Shapes",
    "SlotShape",
    "UnionShape",
    "kind_of_class",
]

ClassKind = Literal["component", "operator", "dag", "data"]


class ShapeError(TypeError):
    """A factory class cannot be read: an annotation does not resolve, or an option names no field."""


class Shape:
    """What stands at one place of the data."""

    __slots__ = ()


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class LeafShape(Shape):
    """A value that pydantic alone judges.

    Attributes:
        annotation: its type.
        kinds: the JSON kinds it accepts, as far as known: string, integer, number, boolean, null, array, object.
        text: how a string is rewritten first: a duration, a moment, or a path of the project.
    """

    annotation: Any
    kinds: frozenset[str]
    text: Literal["duration", "moment", "file", "folder"] | None = None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class ListShape(Shape):
    """A list (set, tuple) of items of one shape."""

    item: Shape


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class MapShape(Shape):
    """A mapping from names to values of one shape."""

    value: Shape


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class SlotShape(Shape):
    """A place for any registered subclass of an abstract class."""

    base: type


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class UnionShape(Shape):
    """A choice between shapes; at most one null among the leaves."""

    members: tuple[Shape, ...]
    nullable: bool


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class FieldShape:
    """One field of a class.

    Attributes:
        name: the key in data; a pydantic alias where the attribute has one (`class` for `class_`).
        shape: what stands there.
        required: whether data has to give it.
        default: its default, None for a required one.
        annotation: its type as written.
        description: from the class's docstring (`Attributes:`) or pydantic's `Field(description=…)`.
        attribute: the name in Python.
        takes_as_is: whether a text, number, boolean or null goes to pydantic as it is written.
    """

    name: str
    shape: Shape
    required: bool
    default: Any
    annotation: Any
    description: str = ""
    attribute: str = ""
    takes_as_is: bool = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        as_is = isinstance(self.shape, LeafShape) and self.shape.text is None
        object.__setattr__(self, "takes_as_is", as_is)


@dataclasses.dataclass(slots=True, eq=False)
class ClassShape(Shape):
    """A mapping whose keys are the fields of a class.

    The attributes after `fields` follow from them; they are kept because the binder asks for every object.

    Attributes:
        required: the fields that data has to give.
        default_slots: required fields whose slot has a default filler, which holds where data says nothing.
        id_field: the field that holds the id of an operator: `task_id` where a plain class has it, else `name`.
        is_component: whether the binder makes the object; of a plain class pydantic does, in its owner.
        owns_place: whether it owns a place in the graph, or the whole of it.
    """

    cls: type
    kind: ClassKind
    options: ClassOptions
    fields: dict[str, FieldShape] = dataclasses.field(default_factory=dict, repr=False)
    required: tuple[str, ...] = ()
    default_slots: tuple[str, ...] = ()
    id_field: str | None = None
    is_component: bool = False
    owns_place: bool = False

    def complete(self, fields: Mapping[str, FieldShape]) -> None:
        """Set the fields and what follows from them."""
        self.fields.update(fields)
        slots = {
            name
            for name, field in fields.items()
            if field.required
            and isinstance(field.shape, SlotShape)
            and options_of(field.shape.base).default_type is not None
        }
        self.default_slots = tuple(name for name in fields if name in slots)
        self.required = tuple(name for name, field in fields.items() if field.required and name not in slots)
        self.id_field = next((name for name in ("task_id", "name") if name in fields), None)
        self.is_component = issubclass(self.cls, Component)
        self.owns_place = self.kind in ("operator", "dag")


def kind_of_class(cls: type) -> ClassKind:
    """Say what a class stands for in the graph."""
    if issubclass(cls, DagFactory) or (not issubclass(cls, Component) and hasattr(cls, "make_dag")):
        return "dag"
    if issubclass(cls, OperatorFactory) or hasattr(cls, "make_operator") or hasattr(cls, "make_operators"):
        return "operator"
    return "component" if issubclass(cls, Component) else "data"


_SCALARS: dict[Any, tuple[str, ...]] = {
    str: ("string",),
    int: ("integer",),
    float: ("integer", "number"),
    bool: ("boolean",),
    type(None): ("null",),
    Decimal: ("integer", "number", "string"),
    bytes: ("string",),
    date: ("string",),
    datetime: ("string",),
    time: ("string",),
    timedelta: ("string", "integer", "number"),
    Path: ("string",),
}
# Methods of the bases; a field of such a name would take their place.
_RESERVED = frozenset({
    "check", "make_dag", "make_operator", "make_operators", "make_tasks", "set_downstream", "set_upstream",
    "update_relative", "worker_packages",
})  # fmt: skip
_ANYTHING = frozenset({"string", "integer", "number", "boolean", "null", "array", "object"})
_LISTS = (list, set, frozenset, tuple, Sequence, MutableSequence, AbstractSet)
_MAPS = (dict, Mapping, MutableMapping)


# A class does not change, so that this is memory, not state; what is in it is complete.
_READ: dict[type, ClassShape] = {}


class Shapes:
    """Reads shapes and remembers them; one per registry."""

    def __init__(self) -> None:
        self._classes: dict[type, ClassShape] = {}
        self._under_way: list[type] = []

    def of_class(self, cls: type) -> ClassShape:
        """Return the shape of a class.

        Raises:
            ShapeError: the class cannot be read.
        """
        known = self._classes.get(cls) or _READ.get(cls)
        if known is None:
            known = self._classes[cls] = ClassShape(cls, kind_of_class(cls), options_of(cls))
            outermost = not self._under_way
            self._under_way.append(cls)
            try:
                known.complete(self._fields(cls))
                self._check_options(known)
            except BaseException:
                del self._classes[cls]
                # Those inside of it may know it half read.
                self._under_way.clear()
                raise
            if outermost:
                _READ.update((each, self._classes[each]) for each in self._under_way)
                self._under_way.clear()
        return known

    def of(self, annotation: Any) -> Shape:  # noqa: PLR0911  one line per kind of annotation
        """Return the shape of an annotation."""
        origin = get_origin(annotation)
        if origin is typing.Annotated:
            return self.of(get_args(annotation)[0])
        if origin in (typing.Required, typing.NotRequired, typing.Final):
            return self.of(get_args(annotation)[0])
        if isinstance(annotation, TypeAliasType):
            return self.of(annotation.__value__)
        if isinstance(annotation, typing.NewType):
            return self.of(annotation.__supertype__)
        if origin in (typing.Union, types.UnionType):
            return self._union(get_args(annotation))
        if origin is Literal:
            return LeafShape(annotation, frozenset(_json_kind(value) for value in get_args(annotation)))
        if origin in _LISTS or annotation in _LISTS:
            return self._list(annotation)
        if origin in _MAPS or annotation in _MAPS:
            arguments = get_args(annotation)
            return MapShape(self.of(arguments[1])) if arguments else LeafShape(annotation, frozenset({"object"}))
        if isinstance(annotation, type):
            return self._of_type(annotation)
        return LeafShape(annotation, _ANYTHING)

    def _of_type(self, cls: type) -> Shape:
        if issubclass(cls, ProjectFile):
            return LeafShape(cls, frozenset({"string"}), "file")
        if issubclass(cls, ProjectFolder):
            return LeafShape(cls, frozenset({"string"}), "folder")
        if issubclass(cls, Component):
            return SlotShape(cls) if options_of(cls).abstract else self.of_class(cls)
        if dataclasses.is_dataclass(cls) or is_typeddict(cls):
            return self.of_class(cls)
        if issubclass(cls, Enum):
            return LeafShape(cls, frozenset(_json_kind(member.value) for member in cls))
        kinds = _SCALARS.get(cls)
        text: Literal["duration", "moment"] | None = None
        if cls is timedelta:
            text = "duration"
        elif cls is datetime:
            text = "moment"
        return LeafShape(cls, frozenset(kinds) if kinds else _ANYTHING, text)

    def _list(self, annotation: Any) -> Shape:
        arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
        if len(arguments) != 1:
            return LeafShape(annotation, frozenset({"array"}))
        return ListShape(self.of(arguments[0]))

    def _union(self, arguments: tuple[Any, ...]) -> Shape:
        nullable = type(None) in arguments
        members = tuple(self.of(argument) for argument in arguments if argument is not type(None))
        if all(isinstance(member, LeafShape) and member.text is None for member in members):
            kinds = frozenset[str]().union(*(member.kinds for member in members if isinstance(member, LeafShape)))
            return LeafShape(typing.Union[arguments], kinds | {"null"} if nullable else kinds)  # noqa: UP007  dynamic
        return UnionShape(members, nullable)

    def _fields(self, cls: type) -> dict[str, FieldShape]:
        hints = self._hints(cls)
        if is_typeddict(cls):
            required: frozenset[str] = cls.__required_keys__  # type: ignore[attr-defined]  # TypedDict's own
            return {name: FieldShape(name, self.of(hint), name in required, None, hint) for name, hint in hints.items()}
        descriptions = _described_attributes(cls)
        fields: dict[str, FieldShape] = {}
        for field in dataclasses.fields(cls):
            if not field.init:
                continue
            is_required, default = _default_of(field)
            hint = hints[field.name]
            infos = [info for info in (field.default, *get_args(hint)[1:]) if isinstance(info, FieldInfo)]
            alias = next((info.alias for info in infos if info.alias is not None), field.name)
            described = next((info.description for info in infos if info.description), "")
            fields[alias] = FieldShape(
                alias,
                self.of(hint),
                is_required,
                default,
                hint,
                described or descriptions.get(field.name, ""),
                field.name,
            )
        return fields

    def _hints(self, cls: type) -> dict[str, Any]:
        try:
            return typing.get_type_hints(cls, localns={cls.__name__: cls}, include_extras=True)
        except (NameError, TypeError, AttributeError) as error:
            raise ShapeError(f"an annotation does not resolve: {error}") from error

    def _check_options(self, shape: ClassShape) -> None:
        reserved = _RESERVED.intersection(field.attribute for field in shape.fields.values())
        if reserved and shape.kind != "data":
            raise ShapeError(f"{shape.cls.__qualname__} has a field '{min(reserved)}', which is the name of a method")
        for option, name in (("shorthand", shape.options.shorthand), ("name_from", shape.options.name_from)):
            if name is not None and name not in shape.fields:
                raise ShapeError(f"{option}='{name}' names no field of it")


def _default_of(field: dataclasses.Field[Any]) -> tuple[bool, Any]:
    """Return whether a field has to be given, and its default."""
    if isinstance(field.default, FieldInfo):
        info = field.default
        return info.is_required(), None if info.is_required() else info.get_default(call_default_factory=True)
    if field.default_factory is not dataclasses.MISSING:
        return False, field.default_factory()
    if field.default is dataclasses.MISSING:
        return True, None
    return False, field.default


def _described_attributes(cls: type) -> dict[str, str]:
    """Read the `Attributes:` section of the docstrings along the class's bases, nearest first."""
    described: dict[str, str] = {}
    for base in cls.__mro__:
        doc = inspect.cleandoc(base.__dict__.get("__doc__") or "")
        _, _, section = doc.partition("\nAttributes:\n")
        name = ""
        for line in section.splitlines():
            if not line.startswith("    "):
                if line.strip():
                    break
                continue
            if line.startswith("        ") and name:
                described[name] += " " + line.strip()
                continue
            head, colon, text = line.strip().partition(":")
            name = head if colon and head.isidentifier() and head not in described else ""
            if name:
                described[name] = text.strip()
    return described


def _json_kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case None:
            return "null"
        case _:
            return "string"
