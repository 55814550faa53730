"""What `ls factories` and `describe` tell of a registry, as plain data that both formats print."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dagwright.cli.words import describe_shape, slots_of
from dagwright.model.bases import OperatorFactory
from dagwright.model.dag_factory import DagFactory
from dagwright.model.options import options_of, summary_of
from dagwright.model.registry import Filler, Registry
from dagwright.model.shapes import (
    ClassShape,
    FieldShape,
    ListShape,
    MapShape,
    Shape,
    UnionShape,
    kind_of_class,
)

__all__ = ["Catalogue", "FactoryRow"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FactoryRow:
    """One name under which a factory fills one slot."""

    slot: str
    type: str
    full_name: str
    summary: str
    package: str
    cls: str


class Catalogue:
    """Answers questions about the factories of one registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def rows(self) -> list[FactoryRow]:
        """Return every factory in every slot that is nearest to it, sorted by slot and name."""
        rows = [
            FactoryRow(
                slot=options_of(slot).type_name,
                type=self._name_in(slot, filler),
                full_name=filler.names[0],
                summary=summary_of(filler.cls),
                package=filler.package,
                cls=_class_name(filler),
            )
            for slot in self._registry.slots()
            for filler in self._fillers(slot)
            if slot in self._nearest_slots(filler)
        ]
        return sorted(rows, key=lambda row: (row.slot, row.type, row.cls))

    def names(self) -> list[str]:
        """Return everything that `describe` knows."""
        return sorted({*self._registry.names_anywhere(), *self._classes()})

    def describe(self, name: str) -> list[dict[str, Any]]:
        """Return what is known under a name: a slot, factories, and classes that stand inside factories."""
        slots = [slot for slot in self._registry.slots() if options_of(slot).type_name == name]
        fillers = self._registry.find_anywhere(name)
        found = [self._slot(slot) for slot in slots]
        found += [self._class(self._registry.shapes.of_class(filler.cls), filler) for filler in fillers]
        if not found and name in self._classes():
            shape = self._classes()[name]
            found.append(self._class(shape, self._registry.fillers.get(shape.cls)))
        return found

    def _slot(self, slot: type) -> dict[str, Any]:
        options = options_of(slot)
        fillers = sorted(
            ((self._name_in(slot, filler), filler) for filler in self._fillers(slot)), key=lambda each: each[0]
        )
        return {
            "kind": "slot",
            "name": options.type_name,
            "class": f"{slot.__module__}.{slot.__qualname__}",
            "summary": summary_of(slot),
            "doc": _doc(slot),
            "default_type": options.default_type,
            "fillers": [{"type": name, "summary": summary_of(filler.cls)} for name, filler in fillers],
        }

    def _class(self, shape: ClassShape, filler: Filler | None) -> dict[str, Any]:
        cls, options = shape.cls, shape.options
        base: type | None = {"dag": DagFactory, "operator": OperatorFactory}.get(shape.kind)
        inherited = set(vars(base)["__annotations__"]) if base is not None and issubclass(cls, base) else set()
        return {
            "kind": shape.kind,
            "name": options.type_name,
            "class": f"{cls.__module__}.{cls.__qualname__}" if filler is None else _class_name(filler),
            "package": cls.__module__.partition(".")[0] if filler is None else filler.package,
            "origin": None if filler is None else filler.origin,
            "summary": summary_of(cls),
            "doc": _doc(cls),
            "version": options.version,
            "shorthand": options.shorthand,
            "fills": [] if filler is None else self._fills(filler),
            "aliases": list(options.aliases),
            "fields": [self._field(field, inherited=field.name in inherited) for field in shape.fields.values()],
        }

    def _fills(self, filler: Filler) -> list[dict[str, Any]]:
        return [
            {
                "slot": options_of(slot).type_name,
                "type": self._name_in(slot, filler),
                "is_default": filler in self._registry.find(slot, options_of(slot).default_type or ""),
            }
            for slot in self._registry.slots()
            if filler in self._fillers(slot)
        ]

    def _field(self, field: FieldShape, *, inherited: bool) -> dict[str, Any]:
        return {
            "name": field.name,
            "type": describe_shape(field.shape),
            "required": field.required,
            "default": None if field.required else _plain_default(field.default),
            "description": field.description,
            "slots": {options_of(slot).type_name: self._registry.type_names(slot) for slot in slots_of(field.shape)},
            "inherited": inherited,
        }

    def _fillers(self, slot: type) -> list[Filler]:
        found = {filler.cls: filler for fillers in self._registry.slot_names(slot).values() for filler in fillers}
        return list(found.values())

    def _nearest_slots(self, filler: Filler) -> list[type]:
        """Return the slots that a class fills, without those that another one of them makes narrower."""
        slots = [slot for slot in self._registry.slots() if filler in self._fillers(slot)]
        return [slot for slot in slots if not any(other is not slot and issubclass(other, slot) for other in slots)]

    def _name_in(self, slot: type, filler: Filler) -> str:
        """Return the shortest name that chooses a class in a slot."""
        names = [name for name in self._registry.type_names(slot) if filler in self._registry.find(slot, name)]
        return min(names, key=lambda name: (len(name), name), default=filler.names[0])

    def _classes(self) -> dict[str, ClassShape]:
        """Return all classes that data can name or fill, by their full names; the first of a name counts."""
        found: dict[str, ClassShape] = {}
        waiting: list[Shape] = [self._registry.shapes.of_class(cls) for cls in self._registry.fillers]
        while waiting:
            match waiting.pop(0):
                case ClassShape() as shape if shape.options.type_name not in found:
                    found[shape.options.type_name] = shape
                    waiting += [field.shape for field in shape.fields.values()]
                case ListShape(item):
                    waiting.append(item)
                case MapShape(value):
                    waiting.append(value)
                case UnionShape(members):
                    waiting += members
                case _:
                    pass
        return found


def _class_name(filler: Filler) -> str:
    return f"{filler.written.__module__}.{filler.written.__qualname__}"


def _plain_default(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(key): _plain_default(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain_default(each) for each in value]
        case timedelta():  # as data writes it
            seconds = int(value.total_seconds())
            return f"{seconds}s" if seconds % 60 else f"{seconds // 60}m"
        case _ if kind_of_class(type(value)) != "data":
            return options_of(type(value)).type_name
        case _:
            return str(value)


def _doc(cls: type) -> str:
    """Return a class's own docstring without the section that the fields repeat."""
    doc = inspect.cleandoc(cls.__dict__.get("__doc__") or "") if summary_of(cls) else ""
    before, _, section = doc.partition("\nAttributes:\n")
    _, blank, after = section.partition("\n\n")
    return "\n\n".join(part.strip("\n") for part in (before, after if blank else "") if part.strip())
