"""What a component's `check` gets to see and to say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

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
        self,
        field: str | Sequence[str | int],
        message: str,
        *,
        code: str = "DW210",
        label: str = "",
        help: str = "",  # noqa: A002  the word that the diagnostic uses
        at_key: bool = False,
    ) -> Diagnostic:
        """Return an error at a field of this object, or below it: `("files", 0)`; `""` is the object itself.

        `at_key` underlines the key instead of the value.
        """

    def error_at(
        self,
        span: Span,
        message: str,
        *,
        code: str,
        label: str = "",
        help: str = "",  # noqa: A002  the word that the diagnostic uses
        field: str | Sequence[str | int] = "",
    ) -> Diagnostic:
        """Return an error at a place in another file; `field`, which names that file, is the related place."""
