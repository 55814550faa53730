"""What a factory that came from a file remembers of it.

The binder attaches it to the root of what it made; the renderer asks it for places and the digest. A factory
that Python code made has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from dagwright.diagnostics import Diagnostic, Span
from dagwright.model.settings import RenderSettings

__all__ = ["Loaded", "PlaceInData", "attach_loaded", "loaded_of"]

_LOADED = "__dagwright_loaded__"


class PlaceInData(NamedTuple):
    """Where an object stands in its DAG file: the place, the path as its author would say it, the JSON pointer."""

    span: Span
    path: str
    pointer: str


class Loaded(Protocol):
    """The file behind a DAG factory."""

    @property
    def settings(self) -> RenderSettings:
        """What the DAG file and the project say to factories."""

    @property
    def file(self) -> Path:
        """The DAG file on this machine."""

    @property
    def dag_id(self) -> str:
        """The DAG id: what the data says, else the file's name up to its first dot."""

    def without_secrets(self, found: Diagnostic) -> Diagnostic:
        """Return a finding without the values of the process environment that the file refers to."""

    def digest(self) -> str:
        """Return the hex SHA-256 of the resolved data and the versions of the factories that read it."""

    def place_of(self, made: object, field: Sequence[str | int] = (), *, at_key: bool = False) -> PlaceInData | None:
        """Return where an object that was made from the file stands in it, or a field of it, or what is below."""

    def said(self, made: object = None, field: str = "") -> list[PlaceInData]:
        """Return where each value of an object, or of a field of it, is said; of the whole file where None."""


def attach_loaded(root: object, loaded: Loaded) -> None:
    """Remember the file behind a factory; frozen classes included."""
    object.__setattr__(root, _LOADED, loaded)


def loaded_of(root: object) -> Loaded | None:
    """Return the file behind a factory, None for one that Python code made."""
    return cast("Loaded | None", getattr(root, _LOADED, None))
