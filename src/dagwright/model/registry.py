"""Which classes fill which slots, and under which names.

A registry is made by scanning packages: no class registers itself. A factory package arrives by the project
file (`factories = ["acme.factories"]`) or, from an installed distribution, by the entry point group
`dagwright.factories`. Whatever is wrong with one of them costs one diagnostic and that package alone.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from dagwright.diagnostics import Diagnostic, Related, Severity, Span
from dagwright.model.bases import Component
from dagwright.model.code_places import place_of_error, span_of_line
from dagwright.model.dag_factory import DagFactory
from dagwright.model.functions import adapt_plain
from dagwright.model.naming import snake_case, without_suffix
from dagwright.model.options import options_of
from dagwright.model.plugins import changed_at, installed_plugins
from dagwright.model.shapes import ShapeError, Shapes, kind_of_class

__all__ = ["Filler", "Registry", "build_registry"]


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
    """Fillers by slot and name, and the shapes of all classes.

    Attributes:
        incomplete: whether factories are missing because their code is broken, which is reported by itself.
    """

    def __init__(self) -> None:
        self.incomplete = False
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
                    written = " and ".join(_where(filler.written) for filler in fillers)
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
    wanted = [_Package(module, origin, "DW403", folders) for module, origin in (installed_plugins() if plugins else ())]
    wanted += [_Package(each, f"'{each}'", "DW402", folders, (listed_at or {}).get(each)) for each in packages]
    key = tuple(package.name for package in wanted), folders
    kept = _KEPT.get(key)
    if kept is not None and kept.holds():
        return kept.registry, []
    registry = Registry()
    problems: list[Diagnostic] = []
    modules = [module for package in wanted for module in _scan(registry, problems, package)]
    problems.extend(registry.clashes())
    if not problems:
        _KEPT[key] = _Kept(registry, modules)
    return registry, problems


class _Kept:
    """A sound registry, and what it was made of: a process that loads many stubs would scan the same modules for each.

    Python imports a module once a process, so classes change only where modules or files come and go.
    """

    def __init__(self, registry: Registry, modules: list[ModuleType]) -> None:
        self.registry = registry
        self._modules = modules
        self._folders = [(str(folder), changed_at(str(folder))) for each in modules for folder in _folders_of(each)]

    def holds(self) -> bool:
        """Say whether a scan would find the same modules."""
        return all(sys.modules.get(each.__name__) is each for each in self._modules) and all(
            changed_at(folder) == changed for folder, changed in self._folders
        )


# As `sys.modules`, which it follows, it belongs to the process.
_KEPT: dict[tuple[tuple[str, ...], tuple[str, ...]], _Kept] = {}


def _folders_of(module: ModuleType) -> list[str]:
    return list(getattr(module, "__path__", []))


class _Package(NamedTuple):
    """A package to scan.

    Attributes:
        name: its importable name.
        origin: how messages call it.
        code: the code of the finding where it does not import.
        folders: where the project's own code lies.
        listed_at: where the project file names it.
    """

    name: str
    origin: str
    code: str
    folders: tuple[str, ...]
    listed_at: Span | None = None


def _scan(registry: Registry, problems: list[Diagnostic], package: _Package) -> list[ModuleType]:
    """Register the factories of a package and of everything below it; a module that fails costs only itself.

    Returns:
        The modules that were looked at.
    """
    modules: list[ModuleType] = []
    waiting = [package.name]
    while waiting:
        name = waiting.pop(0)
        try:
            module = importlib.import_module(name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  importing runs a stranger's code: anything may come
            problems.append(_import_problem(package, name, error))
            registry.incomplete = True
            continue
        if name == package.name and (taken := _taken_from(module, package)):
            problems.append(taken)
            registry.incomplete = True
            break
        below = pkgutil.iter_modules(_folders_of(module))
        waiting[:0] = sorted(f"{name}.{info.name}" for info in below)
        _register(registry, problems, package, module)
        modules.append(module)
    return modules


def _taken_from(module: ModuleType, package: _Package) -> Diagnostic | None:
    """Report a name that another project of this process has taken: Python knows one package of a name."""
    top = package.name.partition(".")[0]
    file = getattr(module, "__file__", None)
    for folder in map(Path, package.folders):
        own = [folder / top / "__init__.py", folder / f"{top}.py", folder / top]
        if file is None or not any(place.exists() for place in own):
            continue
        if Path(file).resolve().is_relative_to(folder.resolve()):
            return None
        return Diagnostic(
            code=package.code,
            message=f"'{package.name}' of this project is hidden by another package of the name",
            span=package.listed_at,
            notes=(f"imported from {file}",),
            help="give the packages different names, or load the projects in different processes",
        )
    return None


def _register(registry: Registry, problems: list[Diagnostic], package: _Package, module: ModuleType) -> None:
    for written in list(vars(module).values()):
        if not issubclass(type(written), type):  # asking an object for its class may run its code
            continue
        try:
            if not _is_factory(written, module.__name__):
                continue
            filler = _filler(written, package.origin)
            registry.shapes.of_class(filler.cls)
        except Exception as error:  # noqa: BLE001  annotations and default factories are a stranger's code
            problems.append(_class_problem(written, error, package.folders))
            registry.incomplete = True
            continue
        registry.add(filler)


def _is_factory(value: type, module: str) -> bool:
    """Say whether a class of a module is a concrete one, written there, that can fill a slot or make a DAG."""
    if value.__module__ != module or options_of(value).abstract:
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


def _import_problem(package: _Package, module: str, error: BaseException) -> Diagnostic:
    """Say what went wrong and on which line of the user's own code."""
    span, elsewhere = place_of_error(error, package.folders)
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    missing = name is not None and f"{package.name}.".startswith(f"{name}.")
    what = "factory package" if package.code == "DW402" else "plugin"
    origin = package.origin if module == package.name else f"{package.origin}: module '{module}'"
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    raised = type(error).__name__ + (f": {said}" if said else "")
    related: tuple[Related, ...] = ()
    if package.listed_at is not None and span is not None:
        related = (Related(message="the package is listed here", span=package.listed_at),)
    return Diagnostic(
        code=package.code,
        message=f"{what} {origin} " + ("is not found" if missing else f"does not import: {raised}"),
        span=package.listed_at if span is None else span,
        notes=(f"raised at {elsewhere}",) if elsewhere else (),
        help=(
            "name a package that can be imported from the project's folder"
            if missing
            else "mend or remove it; everything else is loaded"
        ),
        related=related,
    )


def _class_problem(written: Any, error: Exception, folders: tuple[str, ...]) -> Diagnostic:
    """Say why a class cannot be read, at its first line."""
    span = None
    try:
        lines, first = inspect.getsourcelines(written)
        start = next((number for number, line in enumerate(lines) if line.lstrip().startswith(("class ", "def "))), 0)
        span = span_of_line(inspect.getsourcefile(written) or "", first + start, folders)
    except Exception:  # noqa: BLE001, S110  a class that was made without a file, or whose metaclass raises
        pass
    said = str(error) if isinstance(error, ShapeError) else f"{type(error).__name__}: {error}"
    return Diagnostic(code="DW410", message=f"factory class '{_where(written)}' cannot be read: {said}", span=span)
