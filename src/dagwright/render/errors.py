"""Errors of rendering: each one finding, at the place of a factory in its DAG file."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dagwright.diagnostics import Diagnostic, LoadError
from dagwright.model.loaded import Loaded, loaded_of
from dagwright.model.options import options_of
from dagwright.model.problems import FactoryError
from dagwright.render.compat import DuplicateTaskIdFound, refused_id
from dagwright.render.ownership import Ownership
from dagwright.render.packages import how_to_install, wanted_module

__all__ = ["RenderError", "Reporter", "type_name"]

# Frames of these packages lead to a factory's code or away from it; the place to mend is between them.
_NOT_THE_USERS = ("airflow", "attr", "dagwright.model", "dagwright.render", "pydantic")


class RenderError(LoadError):
    """A DAG cannot be made of a factory; `diagnostics` says what is wrong and where."""


class Reporter:
    """Makes the errors of one DAG.

    Attributes:
        root: the DAG factory; None in a hand-written DAG, whose author reads tracebacks.
        loaded: the file behind the root, None for one that Python code made.
    """

    def __init__(self, root: object, ownership: Ownership) -> None:
        self.root = root
        self.loaded: Loaded | None = loaded_of(root)
        self._ownership = ownership

    def diagnostic(
        self,
        code: str,
        message: str,
        factory: object = None,
        *,
        notes: tuple[str, ...] = (),
        help: str = "",  # noqa: A002  as in Diagnostic
        field: Sequence[str | int] = (),
    ) -> Diagnostic:
        """Return a finding at the factory's place in the data, or as near to it as is known."""
        found = Diagnostic(code=code, message=message, notes=notes, help=help)
        return self._placed(found, factory, field)

    def error(
        self,
        code: str,
        message: str,
        factory: object = None,
        *,
        notes: tuple[str, ...] = (),
        help: str = "",  # noqa: A002  as in Diagnostic
        field: Sequence[str | int] = (),
    ) -> RenderError:
        """Return an error with one finding."""
        return RenderError([self.diagnostic(code, message, factory, notes=notes, help=help, field=field)])

    def raised(self, factory: object, error: BaseException) -> RenderError:
        """Return what an exception in a factory's code means.

        A factory that knows better raises a `LoadError` with its own findings. A finding without a place, of a
        factory that code made, gets that of the factory around it.
        """
        if isinstance(error, LoadError):
            found = [self._placed(each, factory) for each in error.diagnostics]
            if not isinstance(error, RenderError):
                return RenderError(found)
            error.diagnostics = tuple(found)
            return error
        if isinstance(error, FactoryError):
            said = Diagnostic(
                code=error.code, message=error.message, label=error.label, notes=error.notes, help=error.help
            )
            return RenderError([self._placed(said, factory, error.field, at_key=error.at_key)])
        name = type_name(factory)
        where = self._place_in_code(error)
        if isinstance(error, DuplicateTaskIdFound):
            message = f"{name} makes a task or TaskGroup whose id is taken: {error}"
            return self.error("DW510", message, factory, notes=where)
        if (wrong_id := refused_id(error)) is not None:
            message = f"{name} uses '{wrong_id}' as an id, which Airflow refuses"
            return self.error("DW306", message, factory, notes=(str(error), *where))
        if isinstance(error, ModuleNotFoundError) and (command := how_to_install(wanted_module(error))):
            message = f"{name} needs the package '{error.name}', which is not installed"
            return self.error("DW509", message, factory, notes=where, help=command)
        first, *more = [line for line in str(error).splitlines() if line.strip()] or [""]
        message = f"{name} raises {type(error).__name__}" + (f": {first}" if first else "")
        return self.error("DW501", message, factory, notes=(*more, *where))

    def _placed(
        self, found: Diagnostic, factory: object, field: Sequence[str | int] = (), *, at_key: bool = False
    ) -> Diagnostic:
        """Return a finding with a place, and without the secrets that an exception's text may hold."""
        if self.loaded is None:
            return found if found.path else replace(found, path=self._ownership.path(factory))
        if found.span is None:
            place = self.loaded.place_of(factory, field, at_key=at_key) if factory is not None else None
            if place is None:
                found = replace(found, file=self.loaded.settings.file or str(self.loaded.file))
            else:
                found = replace(found, file=None, span=place.span, path=place.path, pointer=place.pointer)
        return self.loaded.without_secrets(found)

    def _place_in_code(self, error: BaseException) -> tuple[str, ...]:
        """Return the line of the user's own code that the exception passed last."""
        place: tuple[str, ...] = ()
        for frame, line in traceback.walk_tb(error.__traceback__):
            module = frame.f_globals.get("__name__") or ""
            if module.startswith(_NOT_THE_USERS) and any(
                module == package or module.startswith(f"{package}.") for package in _NOT_THE_USERS
            ):
                continue
            code = frame.f_code
            place = (f"raised at {self._shown(code.co_filename)}:{line} in {code.co_qualname}",)
        return place

    def _shown(self, filename: str) -> str:
        root = self.loaded.settings.project_root if self.loaded is not None else None
        path = Path(filename)
        return path.relative_to(root).as_posix() if root is not None and path.is_relative_to(root) else filename


def type_name(factory: object) -> str:
    """Return how messages call a factory: its name in data."""
    return options_of(type(factory)).type_name
