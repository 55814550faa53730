"""A DAG as a tree of text for terminals and reviews, no wider than 80 columns.

Groups are branches; what stands side by side is in topological order. A line says after whom it comes, and what
is said of a group holds for everything in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dagwright.diagnostics.cells import cell_width, show
from dagwright.graph.dag_graph import DagGraph
from dagwright.graph.edges import drawn_edges
from dagwright.graph.letters import fit_cells

__all__ = ["format_tree"]

_WIDTH = 80
_WIDEST_NAME = 40
_WIDEST_OPERATOR, _NARROWEST_OPERATOR = 24, 12
_NARROWEST_AFTER = 30
_GAP = "  "


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    branch: str
    label: str
    operator: str
    after: tuple[str, ...]


def format_tree(graph: DagGraph) -> str:
    """Return the DAG as a text tree; every line ends with a line feed."""
    after: dict[str, list[str]] = {}
    for edge in drawn_edges(graph):
        name = _name(graph, edge.upstream, edge.downstream)
        after.setdefault(edge.downstream, []).append(f"{name} ({_one_line(edge.label)})" if edge.label else name)
    rows = list(_rows(graph, None, "", after))
    longest = [max(map(cell_width, column), default=0) for column in zip(*(_cells(row) for row in rows), strict=True)]
    name_cells, operator_cells = _widths(*longest) if longest else (0, 0)
    lines = [fit_cells(_one_line(graph.dag_id), _WIDTH)]
    for row in rows:
        name = row.branch + fit_cells(row.label, max(6, name_cells - cell_width(row.branch)))
        line = _padded(name, name_cells)
        if operator_cells:
            line += _GAP + _padded(fit_cells(row.operator, operator_cells), operator_cells)
        if row.after:
            line += _GAP + _after(row.after, _WIDTH - cell_width(line) - len(_GAP))
        lines.append(line.rstrip())
    return "".join(f"{line}\n" for line in lines)


def _cells(row: _Row) -> tuple[str, str, str]:
    return row.branch + row.label, row.operator, _after(row.after, _WIDTH)


def _widths(name: int, operator: int, after: int) -> tuple[int, int]:
    """Return the cells for names and for operators; names give way last."""
    after_cells = min(after, _NARROWEST_AFTER) + len(_GAP) if after else 0
    if not operator:
        return min(name, max(_WIDEST_NAME, _WIDTH - after_cells)), 0
    room = _WIDTH - after_cells - len(_GAP)
    name = min(name, max(_WIDEST_NAME, room - min(operator, _WIDEST_OPERATOR)))
    return name, min(operator, _WIDEST_OPERATOR, max(_NARROWEST_OPERATOR, room - name))


def _rows(graph: DagGraph, group_id: str | None, branch: str, after: Mapping[str, Sequence[str]]) -> Iterator[_Row]:
    children = _in_order(graph, group_id)
    for child in children:
        is_last = child == children[-1]
        task = graph.task_by_id.get(child)
        label, operator = graph.group_by_id[child].label if task is None else task.label, ""
        if task is not None:
            label = f"{label} [ ]" if task.mapped else label
            operator = task.operator
        yield _Row(
            branch=branch + ("└── " if is_last else "├── "),
            label=_one_line(label),
            operator=_one_line(operator),
            after=tuple(after.get(child, ())),
        )
        if task is None:
            yield from _rows(graph, child, branch + ("    " if is_last else "│   "), after)


def _in_order(graph: DagGraph, group_id: str | None) -> list[str]:
    """Return a group's children in topological order, and otherwise, circles included, as they were made."""
    children = graph.children_of(group_id)
    owner = {child: child for child in children}
    for full_id in (*graph.task_by_id, *graph.group_by_id):
        for around in graph.groups_around(full_id):
            if around in owner and full_id not in owner:
                owner[full_id] = around
    waiting: dict[str, set[str]] = {child: set() for child in children}
    for task in graph.tasks:
        if task.task_id in owner:
            here = owner[task.task_id]
            waiting[here].update(owner[each] for each in task.upstream if owner.get(each, here) != here)
    order: list[str] = []
    left = dict.fromkeys(children)
    while left:
        following = next((child for child in left if waiting[child].isdisjoint(left)), next(iter(left)))
        del left[following]
        order.append(following)
    return order


def _name(graph: DagGraph, full_id: str, seen_from: str) -> str:
    """Return the shortest name that says who is meant: a neighbour's without the groups around both."""
    around = set(graph.groups_around(seen_from))
    shared = next((group_id for group_id in graph.groups_around(full_id) if group_id in around), None)
    return _one_line(full_id if shared is None else full_id.removeprefix(f"{shared}."))


def _after(names: Sequence[str], cells: int) -> str:
    """Name as many as fit, and count the others."""
    if not names:
        return ""
    for shown in range(len(names), 0, -1):
        more = f", +{len(names) - shown} more" if shown < len(names) else ""
        text = f"after: {', '.join(names[:shown])}{more}"
        if cell_width(text) <= cells:
            return text
    if len(names) > 1:
        return fit_cells(f"after: {len(names)} others", cells)
    return fit_cells(f"after: {names[0]}", cells)


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - cell_width(text))


def _one_line(text: str) -> str:
    return show(" ".join(text.split()))
