"""A DAG as one self-contained picture: no scripts, fonts, or styles from elsewhere, and a dark variant.

What the picture looks like is here; where everything stands comes from `layout`. Tasks, groups and edges carry
`data-task`, `data-group`, `data-from` and `data-to`, so that a page can find them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from dagwright.graph.dag_graph import DagGraph, GraphEdge, GraphTask
from dagwright.graph.edges import drawn_edges
from dagwright.graph.layout import Box, Layout, Route, Sizes, lay_out
from dagwright.graph.letters import fit_width, text_width

__all__ = ["format_svg"]

_MARGIN = 28.0
_HEADER = 48.0
_TASK_HEIGHT = 46.0
_TASK_MARGIN = 17.0
_NARROWEST, _WIDEST = 104.0, 280.0
_TITLE_HEIGHT = 34.0
_ARROW = 7.0
_LABEL_SIZE, _OPERATOR_SIZE, _TITLE_SIZE, _EDGE_SIZE = 13.0, 11.0, 12.0, 11.0
_ACCENTS = 8

_STYLE = """
.dagwright { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
.dagwright .dw-page { fill: #ffffff }
.dagwright .dw-heading { fill: #0f172a; font-size: 16px; font-weight: 600 }
.dagwright .dw-note { fill: #526077; font-size: 11.5px }
.dagwright .dw-group rect { fill: #64748b; fill-opacity: 0.06; stroke: #b6c2d1; stroke-width: 1 }
.dagwright .dw-group text { fill: #334155; font-size: 12px; font-weight: 600 }
.dagwright .dw-group .dw-empty { fill: #526077; font-size: 11px; font-weight: 400 }
.dagwright .dw-task rect { fill: #ffffff; stroke: #b6c2d1; stroke-width: 1 }
.dagwright .dw-label { fill: #0f172a; font-size: 13px; font-weight: 600 }
.dagwright .dw-operator { fill: #526077; font-size: 11px }
.dagwright .dw-line { fill: none; stroke: #7688a1; stroke-width: 1.5; stroke-linecap: round }
.dagwright .dw-dashed { stroke-dasharray: 5 4 }
.dagwright .dw-arrow { fill: #7688a1 }
.dagwright .dw-edge-label rect { fill: #ffffff; stroke: #d5dde7; stroke-width: 1 }
.dagwright .dw-edge-label text { fill: #334155; font-size: 11px; text-anchor: middle }
.dagwright .dw-accent-0 { fill: #2563eb }
.dagwright .dw-accent-1 { fill: #0d9488 }
.dagwright .dw-accent-2 { fill: #7c3aed }
.dagwright .dw-accent-3 { fill: #d97706 }
.dagwright .dw-accent-4 { fill: #e11d48 }
.dagwright .dw-accent-5 { fill: #65a30d }
.dagwright .dw-accent-6 { fill: #0891b2 }
.dagwright .dw-accent-7 { fill: #c026d3 }
@media (prefers-color-scheme: dark) {
.dagwright .dw-page { fill: #0d1421 }
.dagwright .dw-heading, .dagwright .dw-label { fill: #e8edf4 }
.dagwright .dw-note, .dagwright .dw-operator, .dagwright .dw-group .dw-empty { fill: #9fb0c6 }
.dagwright .dw-group rect { fill: #94a3b8; fill-opacity: 0.08; stroke: #3b4a61 }
.dagwright .dw-group text, .dagwright .dw-edge-label text { fill: #cbd5e1 }
.dagwright .dw-task rect { fill: #1a2436; stroke: #44546d }
.dagwright .dw-line { stroke: #8496b0 }
.dagwright .dw-arrow { fill: #8496b0 }
.dagwright .dw-edge-label rect { fill: #0d1421; stroke: #3b4a61 }
}
"""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def format_svg(graph: DagGraph) -> str:
    """Draw a DAG as SVG; the same graph gives the same text."""
    layout = lay_out(graph, _sizes(graph))
    heading = fit_width(graph.dag_id, 16, 520)
    note = _note(graph)
    width = 2 * _MARGIN + max(layout.width, text_width(heading, 17), text_width(note, 11.5))
    height = 2 * _MARGIN + _HEADER + layout.height
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="dagwright" role="img" aria-label={_attribute(graph.dag_id)} '
        f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}">'
    )
    lines = (
        root,
        f"<title>{_text(graph.dag_id)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="dw-page" width="{_n(width)}" height="{_n(height)}"/>',
        f'<text class="dw-heading" x="{_n(_MARGIN)}" y="{_n(_MARGIN + 14)}">{_text(heading)}</text>',
        f'<text class="dw-note" x="{_n(_MARGIN)}" y="{_n(_MARGIN + 32)}">{_text(note)}</text>',
        f'<g transform="translate({_n(_MARGIN)} {_n(_MARGIN + _HEADER)})">',
        *_groups(graph, layout),
        *_edges(graph, layout),
        *_tasks(graph, layout),
        "</g>",
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def _sizes(graph: DagGraph) -> Sizes:
    tasks: dict[str, tuple[float, float]] = {}
    for task in graph.tasks:
        width = max(text_width(_label(task), _LABEL_SIZE) * 1.06, text_width(_operator(task), _OPERATOR_SIZE))
        tasks[task.task_id] = min(_WIDEST, max(_NARROWEST, round(width + 2 * _TASK_MARGIN))), _TASK_HEIGHT
    titles = {group.group_id: min(320.0, round(text_width(group.label, _TITLE_SIZE) * 1.06)) for group in graph.groups}
    labels: dict[GraphEdge, tuple[float, float]] = {}
    for edge in drawn_edges(graph):
        labels[edge] = round(text_width(fit_width(edge.label, _EDGE_SIZE, 220), _EDGE_SIZE) + 16), 20.0
    return Sizes(tasks=tasks, titles=titles, labels=labels, title_height=_TITLE_HEIGHT, empty_group=(120.0, 62.0))


def _note(graph: DagGraph) -> str:
    count = len(graph.tasks)
    said = [str(graph.attributes[key]) for key in ("schedule", "owner") if isinstance(graph.attributes.get(key), str)]
    return fit_width(" · ".join([*said, "1 task" if count == 1 else f"{count} tasks"]), 11.5, 520)


def _label(task: GraphTask) -> str:
    return f"{task.label} [ ]" if task.mapped else task.label


def _operator(task: GraphTask) -> str:
    role = "setup" if task.is_setup else "teardown" if task.is_teardown else ""
    return " · ".join(word for word in (role, task.operator) if word)


def _groups(graph: DagGraph, layout: Layout) -> Iterator[str]:
    for box in sorted(layout.boxes.values(), key=lambda box: box.depth):
        group = graph.group_by_id.get(box.full_id)
        if group is None:
            continue
        title = "\n".join(line for line in (group.group_id, group.tooltip) if line)
        label = fit_width(group.label, _TITLE_SIZE * 1.06, box.width - 34)
        yield f'<g class="dw-group" data-group={_attribute(group.group_id)}><title>{_text(title)}</title>'
        yield f'<rect {_place(box)} rx="10"/>'
        yield f'<text x="{_n(box.x + 18)}" y="{_n(box.y + 21)}">{_text(label)}</text>'
        if not group.children:
            yield f'<text class="dw-empty" x="{_n(box.x + 18)}" y="{_n(box.y + 44)}">no tasks</text>'
        yield "</g>"


def _tasks(graph: DagGraph, layout: Layout) -> Iterator[str]:
    accents: dict[str, int] = {}
    for task in graph.tasks:
        box = layout.boxes[task.task_id]
        accent = accents.setdefault(task.operator, len(accents) % _ACCENTS)
        label = fit_width(_label(task), _LABEL_SIZE * 1.06, box.width - 2 * _TASK_MARGIN + 6)
        operator = fit_width(_operator(task), _OPERATOR_SIZE, box.width - 2 * _TASK_MARGIN + 6)
        yield f'<g class="dw-task" data-task={_attribute(task.task_id)}><title>{_text(_tooltip(task))}</title>'
        if task.mapped:  # a second card behind the first
            yield f'<rect {_place(box, 4)} rx="7"/>'
        yield f'<rect {_place(box)} rx="7"/>'
        side = f"M{_n(box.x + 5)} {_n(box.y)}a5 5 0 0 0 -5 5v{_n(box.height - 10)}a5 5 0 0 0 5 5z"
        yield f'<path class="dw-accent-{accent}" d="{side}"/>'
        x, y = _n(box.x + _TASK_MARGIN), _n(box.y + (20 if operator else 28))
        yield f'<text class="dw-label" x="{x}" y="{y}">{_text(label)}</text>'
        if operator:
            yield f'<text class="dw-operator" x="{x}" y="{_n(box.y + 36)}">{_text(operator)}</text>'
        yield "</g>"


def _tooltip(task: GraphTask) -> str:
    rule = "" if task.trigger_rule == "all_success" else f"runs when {task.trigger_rule}"
    doc = next((line.strip() for line in task.doc.splitlines() if line.strip()), "")
    return "\n".join(line for line in (task.task_id, _operator(task), rule, doc) if line)


def _edges(graph: DagGraph, layout: Layout) -> Iterator[str]:
    arrows: set[str] = set()
    for route in layout.routes:
        ends = f"data-from={_attribute(route.edge.upstream)} data-to={_attribute(route.edge.downstream)}"
        dashed = " dw-dashed" if _is_scope(route.edge, graph.task_by_id) else ""
        yield f'<path class="dw-line{dashed}" {ends} d="{_line(route)}"/>'
        arrows.add(_arrow(route))
    yield from (f'<path class="dw-arrow" d="{arrow}"/>' for arrow in sorted(arrows))
    for route in layout.routes:
        if route.label_at is not None:
            yield from _edge_label(route.edge.label, *route.label_at)


def _is_scope(edge: GraphEdge, tasks: Mapping[str, GraphTask]) -> bool:
    """Say whether an edge leads from a setup to its teardown, which is a scope more than an order."""
    setup, teardown = tasks.get(edge.upstream), tasks.get(edge.downstream)
    return setup is not None and teardown is not None and setup.is_setup and teardown.is_teardown


def _line(route: Route) -> str:
    first, last = route.runs[0], route.runs[-1]
    start = first.start + (_ARROW - 1 if route.backwards else 0)
    end = last.end - (0 if route.backwards else _ARROW - 1)
    parts = [f"M{_n(start)} {_n(first.y)}"]
    for index, run in enumerate(route.runs):
        if index:
            before = route.runs[index - 1]
            left = start if index == 1 and before.end <= start else before.end
            right = end if run is last and run.start >= end else run.start
            middle = (left + right) / 2
            parts.append(f"C{_n(middle)} {_n(before.y)} {_n(middle)} {_n(run.y)} {_n(right)} {_n(run.y)}")
        stop = end if run is last else run.end
        if stop > run.start:
            parts.append(f"H{_n(stop)}")
    return "".join(parts)


def _arrow(route: Route) -> str:
    run = route.runs[0] if route.backwards else route.runs[-1]
    tip, back = (run.start, _ARROW) if route.backwards else (run.end, -_ARROW)
    return f"M{_n(tip)} {_n(run.y)}l{_n(back)} -4v8z"


def _edge_label(label: str, x: float, y: float) -> Iterator[str]:
    shown = fit_width(label, _EDGE_SIZE, 220)
    width = round(text_width(shown, _EDGE_SIZE) + 16)
    yield f'<g class="dw-edge-label"><title>{_text(label)}</title>'
    yield f'<rect x="{_n(x - width / 2)}" y="{_n(y - 10)}" width="{_n(width)}" height="20" rx="10"/>'
    yield f'<text x="{_n(x)}" y="{_n(y + 4)}">{_text(shown)}</text></g>'


def _place(box: Box, shift: float = 0.0) -> str:
    x, y = box.x + shift, box.y + shift
    return f'x="{_n(x)}" y="{_n(y)}" width="{_n(box.width)}" height="{_n(box.height)}"'


def _n(value: float) -> str:
    """Return a number as short as it can be said to a tenth."""
    shown = f"{value:.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", text))
