"""Where everything in a picture stands: nested boxes, and lines that pass between them.

Every group is laid out by itself, from the inside out, and is one box in what is around it, as in Airflow's own
picture. A line between boxes of different depth crosses the borders of the groups between them; inside each
group it has a place on the border (an entry or exit), so that it passes between the boxes there as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt

from dagwright.graph.columns import Extent, place
from dagwright.graph.dag_graph import DagGraph, GraphEdge
from dagwright.graph.edges import drawn_edges
from dagwright.graph.layers import Kind, Line, Node, arrange, components

__all__ = ["Box", "Layout", "Route", "Run", "Sizes", "lay_out"]

_PADDING = 18.0
_PART_GAP = 26.0
_GRID_GAP = 14.0
_GRID_FROM = 5
_GRID_SHAPE = 1.6

_LineKey = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """What the picture needs to say: the sizes of tasks, of edge labels, of groups' titles and of empty groups."""

    tasks: Mapping[str, tuple[float, float]]
    titles: Mapping[str, float]
    labels: Mapping[GraphEdge, tuple[float, float]]
    title_height: float
    empty_group: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """The place of a task or group; depth is the number of groups around it."""

    full_id: str
    x: float
    y: float
    width: float
    height: float
    depth: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A level stretch of a line; two that follow each other are joined by a curve."""

    start: float
    end: float
    y: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """The way of one edge from left to right; `backwards` says that its arrow is at the left end.

    `label_at` is the centre of its label.
    """

    edge: GraphEdge
    runs: tuple[Run, ...]
    backwards: bool = False
    label_at: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A whole picture without its margins."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]


def lay_out(graph: DagGraph, sizes: Sizes) -> Layout:
    """Find a place for every task, group and edge of a DAG."""
    return _LayingOut(graph, sizes).layout()


@dataclass(slots=True, kw_only=True)
class _Canvas:
    """The inside of one group (or of the DAG): its nodes, the lines in it, and its size once it is laid out."""

    nodes: dict[str, Node]
    ports: dict[tuple[Kind, str], Node]
    lines: dict[_LineKey, Line]
    runs: dict[_LineKey, list[Run]]
    labels: dict[_LineKey, tuple[float, float]]
    width: float = 0.0
    height: float = 0.0


class _LayingOut:
    def __init__(self, graph: DagGraph, sizes: Sizes) -> None:
        self.graph = graph
        self.sizes = sizes
        self.around = {
            full_id: tuple(graph.groups_around(full_id)) for full_id in (*graph.task_by_id, *graph.group_by_id)
        }
        self.pieces: dict[str | None, dict[_LineKey, GraphEdge]] = {
            None: {},
            **{group.group_id: {} for group in graph.groups},
        }
        edges = drawn_edges(graph)
        turned = _turned(graph, {edge: self._siblings(edge)[1:] for edge in edges})
        self.ways = {edge: self._way(edge, backwards=edge in turned) for edge in edges}
        self.backwards = turned
        self.canvases: dict[str | None, _Canvas] = {}

    def layout(self) -> Layout:
        canvas = self._fill(None)
        boxes: dict[str, Box] = {}
        origins: dict[str | None, tuple[float, float]] = {None: (0.0, 0.0)}
        for group_id, box in self._boxes(None, 0.0, 0.0, 0):
            boxes[group_id] = box
            origins[group_id] = (box.x, box.y)
        routes = tuple(self._route(edge, origins) for edge in self.ways)
        return Layout(width=canvas.width, height=canvas.height, boxes=boxes, routes=routes)

    def _siblings(self, edge: GraphEdge) -> tuple[str | None, str, str]:
        """Return the inmost group around both ends, and the two in it that the edge connects."""
        left, right = (edge.upstream, *self.around[edge.upstream]), (edge.downstream, *self.around[edge.downstream])
        shared = next((each for each in left if each in right), None)
        ends = [chain[-1] if shared is None else chain[chain.index(shared) - 1] for chain in (left, right)]
        return shared, ends[0], ends[1]

    def _way(self, edge: GraphEdge, *, backwards: bool) -> list[tuple[str | None, _LineKey]]:
        """Cut an edge at the borders that it crosses; return the pieces from left to right."""
        first, last = (edge.downstream, edge.upstream) if backwards else (edge.upstream, edge.downstream)
        shared = self._siblings(edge)[0]
        out, inwards = [first, *self.around[first]], [last, *self.around[last]]
        out = out[: out.index(shared)] if shared is not None else out
        inwards = inwards[: inwards.index(shared)] if shared is not None else inwards
        way: list[tuple[str | None, _LineKey]] = []
        for inner, outer in pairwise(out):
            way.append((outer, (inner, first, "", first)))
        way.append((shared, (out[-1], first, inwards[-1], last)))
        for inner, outer in reversed(list(pairwise(inwards))):
            way.append((outer, ("", last, inner, last)))
        for group_id, key in way:
            held = self.pieces[group_id].get(key)
            if held is None or (group_id == shared and edge.label):
                self.pieces[group_id][key] = edge
        return way

    def _fill(self, group_id: str | None) -> _Canvas:
        """Lay out the inside of a group, after everything in it."""
        nodes: dict[str, Node] = {}
        for child in self.graph.children_of(group_id):
            if child in self.sizes.tasks:
                width, height = self.sizes.tasks[child]
                nodes[child] = Node(kind=Kind.TASK, name=child, width=width, height=height)
            else:
                inside = self._fill(child)
                nodes[child] = Node(kind=Kind.GROUP, name=child, width=inside.width, height=inside.height)
        canvas = _Canvas(nodes=nodes, ports={}, lines={}, runs={}, labels={})
        self.canvases[group_id] = canvas
        for key, edge in sorted(self.pieces[group_id].items(), key=lambda item: item[0]):
            left, first, right, last = key
            is_shared = bool(left and right)
            canvas.lines[key] = Line(
                left=self._end(canvas, left, Kind.ENTRY, first),
                right=self._end(canvas, right, Kind.EXIT, last),
                left_offset=self._offset(canvas, left, Kind.EXIT, first),
                right_offset=self._offset(canvas, right, Kind.ENTRY, last),
                label_size=self.sizes.labels[edge] if is_shared and edge.label else None,
            )
        self._arrange(group_id, canvas)
        return canvas

    def _end(self, canvas: _Canvas, full_id: str, border: Kind, end: str) -> Node:
        if full_id:
            return canvas.nodes[full_id]
        return canvas.ports.setdefault((border, end), Node(kind=border, name=end))

    def _offset(self, canvas: _Canvas, full_id: str, border: Kind, end: str) -> float:
        """Return where a line touches a node: in the middle, or at its way out of, or into, a group."""
        if not full_id:
            return 0.0
        if full_id == end:
            height = canvas.nodes[full_id].height
            is_group = full_id in self.canvases
            return (height + self.sizes.title_height - _PADDING) / 2 if is_group else height / 2
        return self.canvases[full_id].ports[border, end].y

    def _arrange(self, group_id: str | None, canvas: _Canvas) -> None:
        left = right = 0.0 if group_id is None else _PADDING
        top = 0.0 if group_id is None else self.sizes.title_height
        if not canvas.nodes and group_id is not None:
            canvas.width, canvas.height = self.sizes.empty_group
            canvas.width = max(canvas.width, self.sizes.titles[group_id] + 2 * _PADDING)
            return
        parts = components([*canvas.nodes.values(), *canvas.ports.values()], list(canvas.lines.values()))
        alone = [nodes[0] for nodes, lines in parts if not lines]
        extents: dict[Node, list[Extent]] = {}
        y, width = top, 0.0
        for nodes, lines in parts:
            if not lines:
                continue
            columns = arrange(nodes, lines)
            reach = place(columns)
            has_entries = any(node.kind is Kind.ENTRY for node in columns[0])
            has_exits = any(node.kind is Kind.EXIT for node in columns[-1])
            shift = left
            if has_entries and reach[0].end == 0.0:  # the column holds nothing but entries: its gap is the margin
                shift = 0.0
            height = max(node.y + node.height for column in columns for node in column)
            height = max([height, *(stop.y + stop.height for line in lines for stop in line.stops)])
            for column, extent in zip(columns, reach, strict=True):
                for node in column:
                    node.x, node.y = node.x + shift, node.y + y
                    extents[node] = [Extent(start=extent.start + shift, end=extent.end + shift)]
            end = reach[-1].end + shift
            width = max(width, end if has_exits and reach[-1].end == reach[-1].start else end + right)
            y += height + _PART_GAP
        if alone:
            width = max(width, _grid(alone, left, y) + right)
            y = max(node.y + node.height for node in alone) + _PART_GAP
        title = 0.0 if group_id is None else self.sizes.titles[group_id] + 2 * _PADDING
        canvas.width = round(max(width, title), 1)
        canvas.height = round(y - _PART_GAP + (0.0 if group_id is None else _PADDING), 1)
        for key, line in canvas.lines.items():
            canvas.runs[key] = list(_runs(line, {node: reach[0] for node, reach in extents.items()}, canvas.width))
            for stop in line.stops[1:-1]:
                if stop.width:
                    canvas.labels[key] = (stop.x + stop.width / 2, stop.y + stop.height / 2)

    def _boxes(self, group_id: str | None, x: float, y: float, depth: int) -> Iterator[tuple[str, Box]]:
        for name, node in self.canvases[group_id].nodes.items():
            box = Box(
                full_id=name,
                x=round(x + node.x, 1),
                y=round(y + node.y, 1),
                width=round(node.width, 1),
                height=round(node.height, 1),
                depth=depth,
            )
            yield name, box
            if name in self.canvases:
                yield from self._boxes(name, box.x, box.y, depth + 1)

    def _route(self, edge: GraphEdge, origins: Mapping[str | None, tuple[float, float]]) -> Route:
        runs: list[Run] = []
        label_at = None
        for group_id, key in self.ways[edge]:
            x, y = origins[group_id]
            for run in self.canvases[group_id].runs[key]:
                placed = Run(start=round(x + run.start, 1), end=round(x + run.end, 1), y=round(y + run.y, 1))
                if runs and abs(runs[-1].y - placed.y) < 0.2 and placed.start - runs[-1].end < 0.2:
                    placed = Run(start=runs.pop().start, end=placed.end, y=placed.y)
                runs.append(placed)
            if edge.label and key in self.canvases[group_id].labels:
                label_x, label_y = self.canvases[group_id].labels[key]
                label_at = (round(x + label_x, 1), round(y + label_y, 1))
        return Route(edge=edge, runs=tuple(runs), backwards=edge in self.backwards, label_at=label_at)


def _runs(line: Line, extents: Mapping[Node, Extent], width: float) -> Iterator[Run]:
    for stop in line.stops:
        column = extents[stop]
        match stop.kind:
            case Kind.WAYPOINT:
                yield Run(start=column.start, end=column.end, y=stop.y + stop.height / 2)
            case Kind.ENTRY:
                yield Run(start=0.0, end=column.end, y=stop.y)
            case Kind.EXIT:
                yield Run(start=column.start, end=width, y=stop.y)
            case _ if stop is line.left:
                yield Run(start=stop.x + stop.width, end=column.end, y=stop.y + line.left_offset)
            case _:
                yield Run(start=column.start, end=stop.x, y=stop.y + line.right_offset)


def _grid(nodes: list[Node], x: float, y: float) -> float:
    """Place nodes that nothing connects, in a column or, where they are many, in a block; return its right end."""
    width = (
        max(node.width for node in nodes if node.kind is Kind.TASK)
        if any(node.kind is Kind.TASK for node in nodes)
        else 0.0
    )
    for node in nodes:
        node.width = width if node.kind is Kind.TASK else node.width
    mean_height = sum(node.height for node in nodes) / len(nodes) + _GRID_GAP
    mean_width = sum(node.width for node in nodes) / len(nodes) + _GRID_GAP
    count = 1
    if len(nodes) > _GRID_FROM:
        count = max(1, min(len(nodes), round(sqrt(len(nodes) * mean_height / mean_width * _GRID_SHAPE))))
    rows = ceil(len(nodes) / count)
    right = x
    for start in range(0, len(nodes), rows):
        column, top, left = nodes[start : start + rows], y, right + (_GRID_GAP if start else 0.0)
        for node in column:
            node.x, node.y = round(left, 1), round(top, 1)
            top += node.height + _GRID_GAP
        right = left + max(node.width for node in column)
    return right


def _turned(graph: DagGraph, siblings: Mapping[GraphEdge, tuple[str, str]]) -> frozenset[GraphEdge]:
    """Return the edges to draw from right to left, because groups wait for each other in a circle."""
    after: dict[str, list[str]] = {}
    for left, right in siblings.values():
        after.setdefault(left, []).append(right)
    nodes = (full_id for group_id in (None, *graph.group_by_id) for full_id in graph.children_of(group_id))
    order = {full_id: position for position, full_id in enumerate(nodes)}
    done: set[str] = set()
    turned: set[tuple[str, str]] = set()
    for start in order:
        if start in done:
            continue
        path, waiting = [start], [iter(sorted(set(after.get(start, ())), key=order.__getitem__))]
        done.add(start)
        while waiting:
            target = next(waiting[-1], None)
            if target is None:
                waiting.pop()
                path.pop()
            elif target in path:
                turned.add((path[-1], target))
            elif target not in done:
                done.add(target)
                path.append(target)
                waiting.append(iter(sorted(set(after.get(target, ())), key=order.__getitem__)))
    return frozenset(edge for edge, ends in siblings.items() if ends in turned)
