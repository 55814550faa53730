"""One line of a source text with its marked part, cut to the room that a window has."""

from __future__ import annotations

from typing import NamedTuple

from dagwright.diagnostics.cells import cell_width, piece
from dagwright.diagnostics.places import Span

__all__ = ["Excerpt", "excerpt_of", "mark_line"]

_LEAST_ROOM = 16


class Excerpt(NamedTuple):
    """A line as it is shown, and the cells under it that carry the carets."""

    text: str
    indent: int
    carets: int


def excerpt_of(span: Span, room: int) -> Excerpt:
    """Return the first line of a span; a span over several lines is marked to the end of its first one."""
    start, end = span.start, span.end
    line = span.source.line(start.line)
    last = end.column - 1 if end.line == start.line else len(line.rstrip())
    return mark_line(line, start.column - 1, last, room)


def mark_line(line: str, start: int, end: int, room: int) -> Excerpt:
    """Cut a line around the characters from `start` to `end`, so that it takes at most `room` cells."""
    room = max(room, _LEAST_ROOM)
    start = min(start, len(line))
    while 0 < start < len(line) and not cell_width(piece(line[start])):
        start -= 1  # a combining mark stands in the cell of the character before it
    # No more characters than could be shown are measured: a line may be a megabyte long.
    first, last = max(0, start - 2 * room), min(len(line), start + 2 * room)
    pieces = [piece(character) for character in line[first:last]]
    edges = [0]
    for shown in pieces:
        edges.append(edges[-1] + cell_width(shown))
    begin = edges[start - first]
    finish = max(begin + 1, edges[max(start, min(end, last)) - first])
    needed = max(edges[-1], begin + 1)  # a caret behind the last character needs a cell as well
    if first == 0 and last == len(line) and needed <= room:
        return Excerpt("".join(pieces), begin, finish - begin)

    low = _window_start(begin, finish, room)
    if first > 0:
        low = max(low, 0)
    if last == len(line):
        low = min(low, max(0, needed - room))
    high = low + room
    cut_left, cut_right = first > 0 or low > 0, last < len(line) or edges[-1] > high
    low, high = low + cut_left, high - cut_right
    kept = [i for i in range(len(pieces)) if edges[i] >= low and edges[i + 1] <= high]
    left = edges[kept[0]] if kept else begin
    right = max(edges[kept[-1] + 1] if kept else begin, begin + 1)
    text = "…" * cut_left + "".join(pieces[i] for i in kept) + "…" * cut_right
    return Excerpt(text, begin - left + cut_left, max(1, min(finish, right) - begin))


def _window_start(begin: int, finish: int, room: int) -> int:
    """Choose the first cell: the line's own start where that shows the whole span, else some context before it."""
    if finish < room:
        return 0
    context = max((room - (finish - begin)) // 2, room // 4)
    return max(0, begin - context)
