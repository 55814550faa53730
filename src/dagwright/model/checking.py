"""What a component's `check` gets to see and to say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from dagwright.diagnostics import Diagnostic, Span
from dagwright.model.settings import RenderSettings

__all__ = ["CheckContext"]


class CheckContext(Protocol):
    """The place of one object in its DAG file."""

    @property
    def settings(self) -> RenderSettings:
        """What the DAG file and the project say."""

    @property
    def import_path(self) -> Sequence[Path]:
        """Folders in which the project's own packages stand, before `sys.path`."""

    def error(
        self, field: str | Sequence[str | int], message: str, *, code: str = "DW210", label: str = "", help: str = ""
    ) -> Diagnostic:
        """Return an error at a field of this object, or below it: `("files", 0)`; `""` is the object itself."""

    def error_at(
        self, span: Span, message: str, *, code: str, label: str = "", help: str = "", **kwargs: Any
    ) -> Diagnostic:
        """Return an error at a place in another file, with this object as the related place."""
