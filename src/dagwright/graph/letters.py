"""How wide a text is, without a font: pictures and trees have to fit whatever font is there.

The widths are those of Helvetica's regular cut in thousandths of the size, which common sans-serif fonts
undercut or exceed by less than the margins that boxes keep; wide East Asian characters count as full squares.
"""

from __future__ import annotations

from functools import lru_cache

from dagwright.diagnostics.cells import cell_width

__all__ = ["fit_cells", "fit_width", "text_width"]

_NARROW = {**dict.fromkeys("ijl'|", 230), **dict.fromkeys("ftI.,:;!/\\ []()r-", 300), **dict.fromkeys('"*{}^`°', 360)}
_WIDE = {
    **dict.fromkeys("mMW@%…", 880),
    "w": 722,
    **dict.fromkeys("ABCDEGHKNOPQRSUVXY&", 710),
    **dict.fromkeys("+=<>~", 584),
}
_WIDTHS = _NARROW | _WIDE
_USUAL = 556


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return about how wide a text is in a sans-serif font of this size, in the same unit."""
    return (
        sum(
            _WIDTHS.get(letter, _USUAL) if cell_width(letter) == 1 else 1000 * cell_width(letter) / 2 for letter in text
        )
        * size
        / 1000
    )


def fit_width(text: str, size: float, limit: float) -> str:
    """Shorten a text with an ellipsis in its middle, so that it is no wider than the limit."""
    if text_width(text, size) <= limit:
        return text
    kept = len(text) - 1
    while kept > 1 and text_width(_shortened(text, kept), size) > limit:
        kept -= 1
    return _shortened(text, kept)


def fit_cells(text: str, limit: int) -> str:
    """Shorten a text with an ellipsis in its middle, so that it takes no more cells than the limit."""
    kept = len(text)
    while kept > 1 and cell_width(_shortened(text, kept)) > limit:
        kept -= 1
    return _shortened(text, kept)


def _shortened(text: str, kept: int) -> str:
    """Keep the beginning and, as names differ there too, a third at the end."""
    if kept >= len(text):
        return text
    tail = kept // 3
    return f"{text[: kept - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"
