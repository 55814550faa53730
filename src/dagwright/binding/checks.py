"""Runs the `check` methods of the objects that were made, with the places of their fields at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dagwright.binding.findings import raised
from dagwright.binding.merged import Merged, place
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
        here = place(self._merged, field, at_key=at_key)
        return Diagnostic(
            code=code,
            message=message,
            span=here.span,
            path=here.path,
            pointer=here.pointer,
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
        here = place(self._merged, field)
        return Diagnostic(
            code=code,
            message=message,
            span=span,
            path=here.path,
            pointer=here.pointer,
            label=label,
            help=help,
            related=(Related(message=USED_HERE, span=here.span),),
        )


def run_checks(places: Iterable[Merged], settings: RenderSettings) -> Iterator[Diagnostic]:
    """Yield what the objects at some places find wrong with themselves."""
    for merged in places:
        context = ObjectContext(merged, settings)
        try:
            for found in merged.made.check(context) or ():
                if not isinstance(found, Diagnostic):
                    raise TypeError(f"a check yields diagnostics, not a {type(found).__name__}")  # noqa: TRY301
                yield found
        except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code, which may raise anything
            what = f"check of {type(merged.made).__qualname__}"
            yield raised(what, error, place(merged), map(str, context.import_path))
