"""Looks through packages for factories.

Python imports a module once a process, so a sound package is looked through once as well, until modules or files come
and go: a process that opens many projects, or one project for many files, would find the same each time.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from dagwright.diagnostics import Diagnostic, Related, Span
from dagwright.model.bases import Component
from dagwright.model.code_places import place_of_error, span_of_line
from dagwright.model.functions import adapt_plain
from dagwright.model.options import options_of
from dagwright.model.plugins import changed_at
from dagwright.model.shapes import ShapeError, Shapes, kind_of_class

__all__ = ["Filler", "Package", "Scan", "dotted_name", "scan"]


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


class Package(NamedTuple):
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


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What a package and everything below it holds.

    Attributes:
        fillers: its factories.
        problems: what is wrong with its modules and classes.
        modules: those that were looked at, the package itself first.
        folders: where more of them may come, each with the time of its last change.
    """

    fillers: tuple[Filler, ...]
    problems: tuple[Diagnostic, ...]
    modules: tuple[ModuleType, ...]
    folders: tuple[tuple[str, int], ...]

    def holds(self) -> bool:
        """Say whether another look would find the same modules."""
        loaded = sys.modules
        return all(loaded.get(each.__name__) is each for each in self.modules) and self.folders == _dated(self.modules)


# As `sys.modules`, which it follows, it belongs to the process: sound packages by name and origin.
_KEPT: dict[tuple[str, str], Scan] = {}


def scan(package: Package) -> Scan:
    """Look through a package; a module or a class that fails costs only itself."""
    key = package.name, package.origin
    kept = _KEPT.get(key)
    if kept is not None and kept.holds():
        taken = _taken_from(kept.modules[0], package)
        return kept if taken is None else Scan((), (taken,), (), ())
    found = _look_through(package)
    if found.problems:
        _KEPT.pop(key, None)
    else:
        _KEPT[key] = found
    return found


def _look_through(package: Package) -> Scan:
    problems: list[Diagnostic] = []
    modules: list[ModuleType] = []
    fillers: list[Filler] = []
    waiting = [package.name]
    while waiting:
        name = waiting.pop(0)
        try:
            module = importlib.import_module(name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  importing runs a stranger's code: anything may come
            problems.append(_import_problem(package, name, error))
            continue
        if name == package.name and (taken := _taken_from(module, package)):
            problems.append(taken)
            break
        below = pkgutil.iter_modules(_folders_of(module))
        waiting[:0] = sorted(f"{name}.{info.name}" for info in below)
        fillers += _fillers_of(module, package, problems)
        modules.append(module)
    return Scan(tuple(fillers), tuple(problems), tuple(modules), _dated(modules))


def _dated(modules: Iterable[ModuleType]) -> tuple[tuple[str, int], ...]:
    """Return where more modules may come; a package without a file of its own has another folder in each project."""
    return tuple((folder, changed_at(folder)) for module in modules for folder in _folders_of(module))


def _folders_of(module: ModuleType) -> list[str]:
    return list(getattr(module, "__path__", []))


def _taken_from(module: ModuleType, package: Package) -> Diagnostic | None:
    """Report a name that another project of this process has taken: Python knows one package of a name."""
    top = package.name.partition(".")[0]
    file = getattr(module, "__file__", None)
    for folder in package.folders:
        # Strings, as this is asked for every file that is loaded.
        own = [f"{folder}/{top}/__init__.py", f"{folder}/{top}.py", f"{folder}/{top}"]
        if file is None or not any(map(os.path.exists, own)):
            continue
        if Path(file).resolve().is_relative_to(Path(folder).resolve()):
            return None
        return Diagnostic(
            code=package.code,
            message=f"'{package.name}' of this project is hidden by another package of the name",
            span=package.listed_at,
            notes=(f"imported from {file}",),
            help="give the packages different names, or load the projects in different processes",
        )
    return None


def _fillers_of(module: ModuleType, package: Package, problems: list[Diagnostic]) -> list[Filler]:
    fillers: list[Filler] = []
    for written in list(vars(module).values()):
        if not issubclass(type(written), type):  # asking an object for its class may run its code
            continue
        try:
            if not _is_factory(written, module.__name__):
                continue
            filler = _filler(written, package.origin)
            Shapes().of_class(filler.cls)
        except Exception as error:  # noqa: BLE001  annotations and default factories are a stranger's code
            problems.append(_class_problem(written, error, package.folders))
            continue
        fillers.append(filler)
    return fillers


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


def dotted_name(written: Any) -> str:
    """Return the module and name of a class or function, as messages say it."""
    return f"{written.__module__}.{written.__qualname__}"


def _import_problem(package: Package, module: str, error: BaseException) -> Diagnostic:
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
    return Diagnostic(code="DW410", message=f"factory class '{dotted_name(written)}' cannot be read: {said}", span=span)
