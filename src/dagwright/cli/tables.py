"""Rows as columns where the screen is wide enough, else as one block per row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dagwright.diagnostics.cells import cell_width, show, wrap

__all__ = ["format_table"]

_GAP = "  "
_LEAST_ROOM = 24
_Paint = Callable[[int, str], str]


def _unpainted(_: int, cell: str) -> str:
    return cell


def format_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None, *, paint: _Paint = _unpainted
) -> str:
    """Write rows as text; ends with a line feed.

    Args:
        heads: the names of the columns; the first one identifies a row.
        rows: the texts of the cells.
        width: the cells of a line; None never breaks one.
        paint: adds colour to a padded cell of a column.
    """
    shown = [[show(cell) for cell in row] for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(heads, *shown, strict=True)]
    if width is not None and sum(widths) + len(_GAP) * (len(heads) - 1) > width:
        # The last column is prose where there is any, and prose may be broken.
        room = width - sum(widths[:-1]) - len(_GAP) * (len(heads) - 1)
        longest_word = max((cell_width(word) for row in shown for word in wrap(row[-1], 1)), default=0)
        if room < max(_LEAST_ROOM, longest_word):
            return _blocks(heads, shown, width, paint)
        widths[-1] = room
    return "".join(_lines(row, widths, paint) for row in (heads, *shown))


def _lines(row: Sequence[str], widths: Sequence[int], paint: _Paint) -> str:
    *cells, last = row
    first = _GAP.join(
        paint(column, _padded(cell, size)) for column, (cell, size) in enumerate(zip(cells, widths, strict=False))
    )
    indent = sum(widths[:-1]) + len(_GAP) * len(cells)
    lines = wrap(last, max(widths[-1], 1)) if last else [""]
    return f"{first}{_GAP}{lines[0]}".rstrip() + "\n" + "".join(f"{' ' * indent}{line}\n" for line in lines[1:])


def _blocks(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, paint: _Paint) -> str:
    label = max(map(cell_width, heads[1:]), default=0)
    text = ""
    for first, *cells in rows:
        text += f"{first}\n"
        for column, (head, cell) in enumerate(zip(heads[1:], cells, strict=True), start=1):
            if cell:
                start = f"{_GAP}{_padded(head, label)}{_GAP}"
                lines = wrap(cell, max(20, width - len(start)))
                text += (
                    start
                    + paint(column, lines[0])
                    + "\n"
                    + "".join(f"{' ' * len(start)}{line}\n" for line in lines[1:])
                )
    return text


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - cell_width(text))
