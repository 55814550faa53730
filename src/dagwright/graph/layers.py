"""One box's contents in columns: who stands in which column, in which order from top to bottom.

The layered method of Sugiyama: longest-path columns, waypoints where a line passes a column, and barycentre
sweeps that keep the order with the fewest crossings. Everything breaks ties by the order in which the nodes
were given, so that the same DAG is the same picture.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

__all__ = ["Kind", "Line", "Node", "arrange", "components"]

_SWEEPS = 12


class Kind(Enum):
    """What a node of a layered graph is."""

    TASK = "task"
    GROUP = "group"
    ENTRY = "entry"  # on the left border, where a line comes in from outside
    EXIT = "exit"  # on the right border, where a line goes out
    WAYPOINT = "waypoint"  # where a line passes a column, perhaps with a label


@dataclass(eq=False, slots=True, kw_only=True)
class Node:
    """Something with a place in a column; `index` is its position from the top."""

    kind: Kind
    name: str = ""
    width: float = 0.0
    height: float = 0.0
    column: int = 0
    index: int = 0
    x: float = 0.0
    y: float = 0.0
    before: list[Link] = field(default_factory=list)
    after: list[Link] = field(default_factory=list)


@dataclass(eq=False, slots=True, kw_only=True)
class Link:
    """A piece of a line between neighbouring columns, with where it touches its nodes (from their tops)."""

    left: Node
    right: Node
    left_offset: float
    right_offset: float


@dataclass(eq=False, slots=True, kw_only=True)
class Line:
    """A line between two nodes; `stops` are the nodes it touches or passes, once it is arranged."""

    left: Node
    right: Node
    left_offset: float
    right_offset: float
    label_size: tuple[float, float] | None = None
    stops: list[Node] = field(default_factory=list)


def components(nodes: Sequence[Node], lines: Sequence[Line]) -> list[tuple[list[Node], list[Line]]]:
    """Split into parts that no line connects, in the order of their first nodes."""
    leader: dict[Node, Node] = {node: node for node in nodes}

    def find(node: Node) -> Node:
        while leader[node] is not node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for line in lines:
        leader[find(line.left)] = find(line.right)
    parts: dict[Node, tuple[list[Node], list[Line]]] = {}
    for node in nodes:
        parts.setdefault(find(node), ([], []))[0].append(node)
    for line in lines:
        parts[find(line.left)][1].append(line)
    return list(parts.values())


def arrange(nodes: Sequence[Node], lines: Sequence[Line]) -> list[list[Node]]:
    """Give every node its column and its index, make the waypoints, and return the columns."""
    _set_columns(nodes, lines)
    columns: list[list[Node]] = [[] for _ in range(max(node.column for node in nodes) + 1)]
    for node in nodes:
        columns[node.column].append(node)
    for line in lines:
        columns_between = range(line.left.column + 1, line.right.column)
        passed = [Node(kind=Kind.WAYPOINT, column=column) for column in columns_between]
        if line.label_size is not None and passed:
            middle = passed[len(passed) // 2]
            middle.width, middle.height = line.label_size
        for node in passed:
            columns[node.column].append(node)
        line.stops = [line.left, *passed, line.right]
        _link(line)
    _set_order(columns)
    return columns


def _set_columns(nodes: Sequence[Node], lines: Sequence[Line]) -> None:
    before: dict[Node, list[Line]] = {node: [] for node in nodes}
    after: dict[Node, list[Line]] = {node: [] for node in nodes}
    for line in lines:
        before[line.right].append(line)
        after[line.left].append(line)
    waiting = {node: len(before[node]) for node in nodes}
    ready = [node for node in nodes if not waiting[node]]
    for node in ready:  # grows while it is walked
        for line in after[node]:
            line.right.column = max(line.right.column, node.column + _length(line))
            waiting[line.right] -= 1
            if not waiting[line.right]:
                ready.append(line.right)
    # What feeds more than it waits for moves towards what it feeds, so that lines are short.
    for node in reversed(ready):
        if len(after[node]) > len(before[node]) and node.kind is not Kind.ENTRY:
            node.column = min(line.right.column - _length(line) for line in after[node])
    last = max(node.column for node in nodes)
    for node in nodes:
        if node.kind is Kind.EXIT:
            node.column = last


def _length(line: Line) -> int:
    return 1 if line.label_size is None else 2


def _link(line: Line) -> None:
    for left, right in pairwise(line.stops):
        link = Link(
            left=left,
            right=right,
            left_offset=line.left_offset if left is line.left else left.height / 2,
            right_offset=line.right_offset if right is line.right else right.height / 2,
        )
        left.after.append(link)
        right.before.append(link)


def _set_order(columns: list[list[Node]]) -> None:
    for column in columns:
        _number(column)
    best, fewest = [list(column) for column in columns], _crossings(columns)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        rightwards = sweep % 2 == 0
        for column in columns if rightwards else reversed(columns):
            places = {node: _barycentre(node, rightwards=rightwards) for node in column}
            column.sort(key=places.__getitem__)
            _number(column)
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    for column, order in zip(columns, best, strict=True):
        column[:] = order
        _number(column)


def _number(column: Iterable[Node]) -> None:
    for index, node in enumerate(column):
        node.index = index


def _barycentre(node: Node, *, rightwards: bool) -> float:
    """Return the mean place of the neighbours; of a node without, its own."""
    places = [_end(link, left=rightwards) for link in (node.before if rightwards else node.after)]
    return sum(places) / len(places) if places else float(node.index)


def _end(link: Link, *, left: bool) -> float:
    """Return where a link ends, as a fraction between two indices, so that ports within a box count."""
    node, offset = (link.left, link.left_offset) if left else (link.right, link.right_offset)
    return node.index + (0.8 * (offset / node.height - 0.5) if node.height else 0.0)


def _crossings(columns: Sequence[Sequence[Node]]) -> int:
    total = 0
    for column in columns:
        ends = sorted((_end(link, left=True), _end(link, left=False)) for node in column for link in node.after)
        seen: list[float] = []
        for _, right in ends:
            total += len(seen) - bisect_right(seen, right)
            insort(seen, right)
    return total
