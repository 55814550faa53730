"""How a factory says that it cannot make its operators, in words for whoever wrote the data."""

from __future__ import annotations

from collections.abc import Sequence

from dagwright.diagnostics import DagwrightError

__all__ = ["FactoryError"]


class FactoryError(DagwrightError):
    """Raised by `make_operator` for a mistake in the data; shown at the field that it names, without a traceback.

    Args:
        message: lower case, present tense, no full stop.
        field: the field that is wrong, or the way to a place below it: `("args", "retries")`.
        code: the diagnostic's code.
        label: said behind the carets.
        notes: lines under the excerpt.
        help: an action.
        at_key: underline the field's key instead of its value.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | Sequence[str | int] = (),
        code: str = "DW501",
        label: str = "",
        notes: Sequence[str] = (),
        help: str = "",  # noqa: A002  the word that the diagnostic uses
        at_key: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field: tuple[str | int, ...] = (field,) if isinstance(field, str) else tuple(field)
        self.code = code
        self.label = label
        self.notes = tuple(notes)
        self.help = help
        self.at_key = at_key
