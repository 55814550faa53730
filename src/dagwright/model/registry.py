"""Which classes fill which slots, and under which names.

A registry is made by scanning packages: no class registers itself. A factory package arrives by the project
file (`factories = ["acme.factories"]`) or, from an installed distribution, by the entry point group
`dagwright.factories`. Whatever is wrong with one of them costs one diagnostic and that package alone.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

from dagwright.diagnostics import Diagnostic, Severity
from dagwright.model.bases import Component
from dagwright.model.dag_factory import DagFactory
from dagwright.model.functions import adapt_plain
from dagwright.model.naming import snake_case, without_suffix
from dagwright.model.options import options_of
from dagwright.model.shapes import Shapes, kind_of_class

__all__ = ["ENTRY_POINT_GROUP", "Filler", "Registry", "build_registry"]

ENTRY_POINT_GROUP = "dagwright.factories"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Filler:
    """A registered class: what `type` may choose.

    Attributes:
        cls: the class that the binder makes.
        written: the class or function that its author wrote; `cls` itself but for plain ones.
        names: its full name and its aliases.
        package: the top-level package, which settles a clash (`acme:sftp`).
        origin: the package or entry point that brought it.
    """

    cls: type
    written: Any
    names: tuple[str, ...]
    package: str
    origin: str


class Registry:
    """Fillers by slot and name, and the shapes of all classes."""

    def __init__(self) -> None:
        self.shapes = Shapes()
        self.fillers: dict[type, Filler] = {}
        self._by_slot: dict[type, dict[str, list[Filler]]] = {}

    def add(self, filler: Filler) -> None:
        """Register a class; names may clash, which `clashes` reports."""
        if filler.cls not in self.fillers:
            self.fillers[filler.cls] = filler
            self._by_slot.clear()

    def slot_names(self, slot: type) -> dict[str, list[Filler]]:
        """Return every name that chooses a filler of a slot, with the classes that answer to it."""
        names = self._by_slot.get(slot)
        if names is None:
            names = {}
            suffix = snake_case(slot.__name__)
            for filler in self.fillers.values():
                if not issubclass(filler.cls, slot) and not (slot is DagFactory and kind_of_class(filler.cls) == "dag"):
                    continue
                for name in filler.names:
                    for variant in dict.fromkeys((without_suffix(name, suffix), name)):
                        names.setdefault(variant, []).append(filler)
            self._by_slot[slot] = names
        return names

    def type_names(self, slot: type) -> list[str]:
        """Return the shortest name of every filler of a slot, sorted; clashing names with their package."""
        shortest: dict[Filler, str] = {}
        for name, fillers in self.slot_names(slot).items():
            for filler in fillers:
                shown = name if len(fillers) == 1 else f"{filler.package}:{name}"
                if name not in options_of(filler.cls).aliases and len(shown) < len(shortest.get(filler, shown + " ")):
                    shortest[filler] = shown
        return sorted(shortest.values())

    def find(self, slot: type, name: str) -> list[Filler]:
        """Return the fillers of a slot that answer to a name, or to `package:name`."""
        names = self.slot_names(slot)
        if ":" not in name:
            return names.get(name, [])
        package, _, bare = name.rpartition(":")
        return [filler for filler in names.get(bare, []) if filler.package == package]

    def find_anywhere(self, name: str) -> list[Filler]:
        """Return all fillers that answer to a name in any slot, for defaults and for `describe`."""
        found: dict[type, Filler] = {}
        for slot in self.slots():
            for filler in self.find(slot, name):
                found[filler.cls] = filler
        exact = [filler for filler in found.values() if name.rpartition(":")[2] in filler.names]
        return exact or list(found.values())

    def slots(self) -> list[type]:
        """Return every abstract class above a registered one, in a fixed order."""
        slots = {
            base
            for cls in self.fillers
            for base in cls.__mro__
            if base is not Component and issubclass(base, Component) and options_of(base).abstract
        }
        return sorted(slots, key=lambda slot: (options_of(slot).type_name, slot.__module__))

    def names_anywhere(self) -> list[str]:
        """Return every name of every filler and slot, for suggestions."""
        return sorted({name for slot in self.slots() for name in (*self.slot_names(slot), options_of(slot).type_name)})

    def clashes(self) -> Iterator[Diagnostic]:
        """Yield a warning for each name that means two classes of one slot."""
        reported: set[tuple[type, ...]] = set()
        for slot in self.slots():
            for name, fillers in sorted(self.slot_names(slot).items()):
                classes = tuple(filler.cls for filler in fillers)
                if len(fillers) > 1 and classes not in reported:
                    reported.add(classes)
                    written = " and ".join(_where(filler.written) for filler in fillers)
                    choices = " or ".join(f"'type: {filler.package}:{name}'" for filler in fillers)
                    yield Diagnostic(
                        code="DW404",
                        severity=Severity.WARNING,
                        message=f"type name '{name}' means both {written}",
                        help=f"write {choices}, or give one of the classes another type_name",
                    )


def build_registry(
    packages: Iterable[str], *, search_path: Iterable[str] = (), plugins: bool = True
) -> tuple[Registry, list[Diagnostic]]:
    """Scan installed plugins and a project's packages.

    Args:
        packages: importable names, each with everything below it.
        search_path: folders to put before `sys.path`, so that a project's own packages are found.
        plugins: whether to read the entry point group `dagwright.factories`.
    """
    registry = Registry()
    problems: list[Diagnostic] = []
    for folder in reversed(list(search_path)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    if plugins:
        for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (entry.name, entry.value)):
            distribution = entry.dist.name if entry.dist is not None else entry.value
            _scan(registry, problems, entry.module, f"{distribution} (entry point '{entry.name}')", "DW403")
    for package in packages:
        _scan(registry, problems, package, package, "DW402")
    problems.extend(registry.clashes())
    return registry, problems


def _scan(registry: Registry, problems: list[Diagnostic], package: str, origin: str, code: str) -> None:
    """Register the factories of a package and of everything below it."""
    try:
        modules = list(_modules(package))
    except (Exception, SystemExit) as error:  # noqa: BLE001  importing runs a stranger's code: anything may come
        problems.append(_import_problem(package, origin, code, error))
        return
    for module in modules:
        for written in list(vars(module).values()):
            if not _is_factory(written, module.__name__):
                continue
            filler = _filler(written, origin)
            try:
                registry.shapes.of_class(filler.cls)
            except (TypeError, NameError, AttributeError, SyntaxError) as error:
                problems.append(
                    Diagnostic(code="DW410", message=f"factory class {_where(written)} cannot be read: {error}")
                )
                continue
            registry.add(filler)


def _modules(package: str) -> Iterator[ModuleType]:
    module = importlib.import_module(package)
    yield module
    if hasattr(module, "__path__"):
        for info in sorted(pkgutil.iter_modules(module.__path__), key=lambda info: info.name):
            yield from _modules(f"{package}.{info.name}")


def _is_factory(value: Any, module: str) -> bool:
    """Say whether a module's value is a concrete class, written there, that can fill a slot or make a DAG."""
    if not isinstance(value, type) or value.__module__ != module or options_of(value).abstract:
        return False
    if issubclass(value, Component):
        return True
    makes = any(hasattr(value, method) for method in ("make_operator", "make_operators", "make_dag"))
    return makes and dataclasses.is_dataclass(value)


def _filler(written: type, origin: str) -> Filler:
    options = options_of(written)
    is_plain_operator = not issubclass(written, Component) and kind_of_class(written) == "operator"
    return Filler(
        cls=adapt_plain(written) if is_plain_operator else written,
        written=getattr(written, "__wrapped_factory__", written),
        names=(options.type_name, *options.aliases),
        package=written.__module__.partition(".")[0],
        origin=origin,
    )


def _where(written: Any) -> str:
    return f"{written.__module__}.{written.__qualname__}"


def _import_problem(package: str, origin: str, code: str, error: BaseException) -> Diagnostic:
    """Say what went wrong and on which line of the user's own code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<frozen")]
    last = frames[-1] if frames else None
    place = f"{last.filename}:{last.lineno}" if last is not None and "importlib" not in last.filename else ""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}:{error.lineno}"
    missing = isinstance(error, ModuleNotFoundError) and error.name is not None and package.startswith(error.name)
    what = "factory package" if code == "DW402" else "plugin"
    return Diagnostic(
        code=code,
        message=f"{what} '{origin}' does not import: {type(error).__name__}: {error}",
        notes=(f"raised at {place}",) if place else (),
        help=(
            "name a package that can be imported from the project's folder"
            if missing
            else "mend or remove it; everything else is loaded"
        ),
    )
