"""Runs the `check` methods of the objects that were made, with the places of their fields at hand."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dagwright.binding.merged import Leaf, Merged, path_text, pointer_text, span_of_anchor
from dagwright.binding.merged import Path as DataPath
from dagwright.binding.repeated import USED_HERE
from dagwright.diagnostics import Diagnostic, Related, Span
from dagwright.model.settings import RenderSettings

__all__ = ["ObjectContext", "run_checks"]


class ObjectContext:
    """The place of one object; `dagwright.model.checking.CheckContext` says what it promises."""

    def __init__(self, merged: Merged, settings: RenderSettings) -> None:
        self._merged = merged
        self._settings = settings

    @property
    def settings(self) -> RenderSettings:
        """What the DAG file and the project say."""
        return self._settings

    @property
    def import_path(self) -> Sequence[Path]:
        """Folders in which the project's own packages stand."""
        return [Path(folder) for folder in self._settings.search_path]

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
        """Return an error at a field, or at the place below it."""
        span, path = self._place(field, at_key=at_key)
        return Diagnostic(
            code=code,
            message=message,
            span=span,
            path=path_text(path),
            pointer=pointer_text(path),
            label=label,
            help=help,
        )

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
        """Return an error in another file, with the field that names it as the related place."""
        here, path = self._place(field)
        return Diagnostic(
            code=code,
            message=message,
            span=span,
            path=path_text(path),
            pointer=pointer_text(path),
            label=label,
            help=help,
            related=(Related(message=USED_HERE, span=here),),
        )

    def _place(self, field: str | Sequence[str | int], *, at_key: bool = False) -> tuple[Span, DataPath]:
        leaf: Leaf = self._merged
        span, path = span_of_anchor(self._merged.anchor), self._merged.path
        parts = [field] if isinstance(field, str) else list(field)
        for part in parts:
            if part == "":
                continue
            if not isinstance(leaf, Merged):
                break
            if isinstance(part, str) and leaf.entries is not None and part in leaf.entries:
                leaf, mapping = leaf.entries[part]
                span = mapping.key_span(part) if at_key or isinstance(leaf, Merged) else leaf.span
            elif isinstance(part, int) and leaf.items is not None and part < len(leaf.items):
                leaf = leaf.items[part]
                span = leaf.span if not isinstance(leaf, Merged) else span_of_anchor(leaf.anchor)
            else:
                break
            path = (path, part)
        return span, path


def run_checks(places: Iterable[Merged], settings: RenderSettings) -> Iterator[Diagnostic]:
    """Yield what the objects at some places find wrong with themselves."""
    for merged in places:
        context = ObjectContext(merged, settings)
        try:
            yield from merged.made.check(context)
        except Exception as error:  # noqa: BLE001  a check is a stranger's code, which may raise anything
            last = traceback.extract_tb(error.__traceback__)[-1]
            yield context.error(
                "",
                f"check of {type(merged.made).__qualname__} raises {type(error).__name__}: {error}",
                code="DW501",
                help=f"see {last.filename}:{last.lineno}",
            )
