"""Coordinates for arranged columns: straight lines where there is room, and never two boxes on one spot.

Each column is placed as near to where its neighbours want it as order and distances allow: an isotonic
regression (pool adjacent violators), swept over the columns until it settles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from dagwright.graph.layers import Kind, Link, Node

__all__ = ["Extent", "place"]

_ROW_GAP = 18.0
_LINE_GAP = 12.0
_COLUMN_GAP = 52.0
_WIDEST_COLUMN_GAP = 130.0
_BORDER_GAP = 32.0
_SWEEPS = 16
_POLISHES = 4
_KINK = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """How far something reaches along one axis."""

    start: float
    end: float


def place(columns: Sequence[Sequence[Node]]) -> list[Extent]:
    """Set x and y of every node, from 0 on, and return how far each column reaches from left to right."""
    for column in columns:
        top = 0.0
        for above, node in zip([None, *column], column, strict=False):
            top += _distance(above, node) if above is not None else 0.0
            node.y = top
    for sweep in range(_SWEEPS):
        for column in columns[1:]:
            _settle(column, [node.before for node in column])
        for column in reversed(columns[:-1]):
            _settle(column, [node.after for node in column])
        if sweep >= _SWEEPS // 2:
            for column in columns:
                _settle(column, [[*node.before, *node.after] for node in column])
    for _ in range(_POLISHES):
        _polish(columns)
    highest = min(node.y for column in columns for node in column)
    for column in columns:
        for node in column:
            node.y = round(node.y - highest, 1)
    return _place_sideways(columns)


def _distance(above: Node, below: Node) -> float:
    both = {above.kind, below.kind}
    return above.height + (_ROW_GAP if both <= {Kind.TASK, Kind.GROUP} else _LINE_GAP)


def _settle(column: Sequence[Node], links: Sequence[Sequence[Link]]) -> None:
    """Move a column's nodes to where their links want them, in their order and with their distances."""
    shift, shifts = 0.0, []
    for above, node in zip([None, *column], column, strict=False):
        shift += _distance(above, node) if above is not None else 0.0
        shifts.append(shift)
    wishes = [_wish(node, node_links, start) for node, node_links, start in zip(column, links, shifts, strict=True)]
    for node, start, value in zip(column, shifts, _isotonic(wishes), strict=True):
        node.y = start + value


def _wish(node: Node, links: Sequence[Link], start: float) -> tuple[float, float]:
    """Return where a node wants to be and how much; long lines want to be straight more than all others."""
    total, weights = 0.0, 0.0
    for link in links:
        other = link.left if link.right is node else link.right
        weight = 1.0 + 3.0 * ((node.kind is Kind.WAYPOINT) + (other.kind is Kind.WAYPOINT))
        total, weights = total + weight * _level_with(node, link), weights + weight
    return (total / weights - start, weights) if weights else (node.y - start, 0.01)


def _polish(columns: Sequence[Sequence[Node]]) -> None:
    """Take out small kinks: lay waypoints level in one go, and every node level with most of its neighbours."""
    for column in columns:
        for node in column:
            if node.kind is Kind.WAYPOINT and node.before[0].left.kind is not Kind.WAYPOINT:
                _level(columns, _chain(node))
    for column in columns:
        for node in column:
            if node.kind is not Kind.WAYPOINT and (node.before or node.after):
                low, high = _room(column, node)
                wishes = sorted(_level_with(node, link) for link in (*node.before, *node.after))
                least, most = wishes[(len(wishes) - 1) // 2], wishes[len(wishes) // 2]
                node.y = min(max(min(max(node.y, least), most), low), high)


def _chain(node: Node) -> list[Node]:
    chain = [node]
    while chain[-1].after[0].right.kind is Kind.WAYPOINT:
        chain.append(chain[-1].after[0].right)
    return chain


def _level(columns: Sequence[Sequence[Node]], chain: Sequence[Node]) -> None:
    rooms = [_room(columns[node.column], node) for node in chain]
    halves = [node.height / 2 for node in chain]
    low = max(room[0] + half for room, half in zip(rooms, halves, strict=True))
    high = min(room[1] + half for room, half in zip(rooms, halves, strict=True))
    if low > high:
        return
    first, last = chain[0].before[0], chain[-1].after[0]
    ends = sorted((first.left.y + first.left_offset, last.right.y + last.right_offset))
    mean = sum(node.y + half for node, half in zip(chain, halves, strict=True)) / len(chain)
    nearest = min(ends, key=lambda end: abs(end - mean))
    level = min(max(nearest if abs(nearest - mean) <= _KINK else mean, low), high)
    for node, half in zip(chain, halves, strict=True):
        node.y = level - half


def _room(column: Sequence[Node], node: Node) -> tuple[float, float]:
    """Return how far up and down a node may move between its neighbours in the column."""
    above = column[node.index - 1] if node.index else None
    below = column[node.index + 1] if node.index + 1 < len(column) else None
    low = -inf if above is None else above.y + _distance(above, node)
    high = inf if below is None else below.y - _distance(node, below)
    return low, max(low, high)


def _level_with(node: Node, link: Link) -> float:
    """Return the y of a node at which a link of its is level."""
    if link.right is node:
        return link.left.y + link.left_offset - link.right_offset
    return link.right.y + link.right_offset - link.left_offset


def _isotonic(wishes: Iterable[tuple[float, float]]) -> list[float]:
    """Return the non-decreasing values that are nearest to the wishes (value, weight)."""
    pools: list[tuple[float, float, int]] = []
    for wish in wishes:
        pool = (*wish, 1)
        while pools and pools[-1][0] >= pool[0]:
            (value, weight, count), (other, other_weight, other_count) = pools.pop(), pool
            both = weight + other_weight
            pool = (value * weight + other * other_weight) / both, both, count + other_count
        pools.append(pool)
    return [value for value, _, count in pools for _ in range(count)]


def _place_sideways(columns: Sequence[Sequence[Node]]) -> list[Extent]:
    extents: list[Extent] = []
    x = 0.0
    for position, column in enumerate(columns):
        widest = max((node.width for node in column if node.kind is Kind.TASK), default=0.0)
        for node in column:
            if node.kind is Kind.TASK:
                node.width = widest
        width = max(node.width for node in column)
        for node in column:
            node.x = round(x + (width - node.width) / 2, 1)
        extents.append(Extent(start=x, end=x + width))
        climbs = (
            abs(link.left.y + link.left_offset - link.right.y - link.right_offset)
            for node in column
            for link in node.after
        )
        ports_only = any(_is_border(each) for each in columns[position : position + 2])
        gap = _BORDER_GAP if ports_only else _COLUMN_GAP
        x = round(x + width + min(_WIDEST_COLUMN_GAP, gap + 0.12 * max(climbs, default=0.0)), 1)
    return extents


def _is_border(column: Sequence[Node]) -> bool:
    return all(node.kind in (Kind.ENTRY, Kind.EXIT) for node in column)
