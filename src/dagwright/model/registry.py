"""Which classes fill which slots, and under which names.

A registry is made by scanning packages: no class registers itself. A factory package arrives by the project
file (`factories = ["acme.factories"]`) or, from an installed distribution, by the entry point group
`dagwright.factories`. Whatever is wrong with one of them costs one diagnostic and that package alone.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Mapping

from dagwright.diagnostics import Diagnostic, Severity, Span
from dagwright.model.bases import Component
from dagwright.model.dag_factory import DagFactory
from dagwright.model.naming import snake_case, without_suffix
from dagwright.model.options import options_of
from dagwright.model.plugins import installed_plugins
from dagwright.model.scanning import Filler, Package, Scan, dotted_name, scan
from dagwright.model.shapes import Shapes, kind_of_class

__all__ = ["Filler", "Registry", "build_registry"]


class Registry:
    """Fillers by slot and name, and the shapes of all classes.

    Attributes:
        incomplete: whether factories are missing because their code is broken, which is reported by itself.
    """

    def __init__(self, *, incomplete: bool = False) -> None:
        self.incomplete = incomplete
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
        """Return the name of every filler of a slot, sorted: without the slot's words, clashing ones with a package."""
        names = self.slot_names(slot)
        suffix = snake_case(slot.__name__)
        shown = []
        for filler in dict.fromkeys(filler for fillers in names.values() for filler in fillers):
            # Aliases are for old files.
            name = without_suffix(filler.names[0], suffix)
            shown.append(name if len(names[name]) == 1 else f"{filler.package}:{name}")
        return sorted(shown)

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
                    written = " and ".join(dotted_name(filler.written) for filler in fillers)
                    choices = list(dict.fromkeys(f"'type: {filler.package}:{name}'" for filler in fillers))
                    one_package = len(choices) == 1
                    yield Diagnostic(
                        code="DW404",
                        severity=Severity.WARNING,
                        message=f"type name '{name}' means both {written}",
                        help=("" if one_package else f"write {' or '.join(choices)}, or ")
                        + "give one of the classes another type_name",
                    )


def build_registry(
    packages: Iterable[str],
    *,
    search_path: Iterable[str] = (),
    plugins: bool = True,
    listed_at: Mapping[str, Span] | None = None,
) -> tuple[Registry, list[Diagnostic]]:
    """Scan installed plugins and a project's packages.

    Args:
        packages: importable names, each with everything below it.
        search_path: folders to put before `sys.path`, so that a project's own packages are found.
        plugins: whether to read the entry point group `dagwright.factories`.
        listed_at: where the project file names a package.
    """
    folders = tuple(search_path)
    for folder in reversed(folders):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    wanted = [Package(module, origin, "DW403", folders) for module, origin in (installed_plugins() if plugins else ())]
    wanted += [Package(each, f"'{each}'", "DW402", folders, (listed_at or {}).get(each)) for each in packages]
    registry, problems = _assembled(tuple(map(scan, wanted)))
    return registry, list(problems)


@functools.lru_cache(maxsize=8)
def _assembled(scans: tuple[Scan, ...]) -> tuple[Registry, tuple[Diagnostic, ...]]:
    """Put together what packages hold; one that is looked through anew is another scan."""
    registry = Registry(incomplete=any(each.problems for each in scans))
    for each in scans:
        for filler in each.fillers:
            registry.add(filler)
    return registry, (*(problem for each in scans for problem in each.problems), *registry.clashes())
