"""A DAG as a Mermaid flowchart, which many wikis and code hosts draw inside Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dagwright.graph.dag_graph import DagGraph
from dagwright.graph.edges import drawn_edges

__all__ = ["format_mermaid"]

_NO_NAME = re.compile(r"[^0-9A-Za-z_]")
# Letters, digits and what neither Mermaid nor the Markdown inside its labels reads as a sign.
_PLAIN = re.compile(r"[\w .,:/()\[\]+=!?'-]")
_LIST_MARK = re.compile(r"(?:\d+[.)]|[-+])(?:\s|$)")


def format_mermaid(graph: DagGraph) -> str:
    """Return the DAG as the text of a Mermaid flowchart; every line ends with a line feed."""
    names = _names(graph)
    lines = ["flowchart LR", *_nodes(graph, None, names, "  ")]
    for edge in drawn_edges(graph):
        arrow = f'-->|"{_label(edge.label)}"|' if edge.label else "-->"
        lines.append(f"  {names[edge.upstream]} {arrow} {names[edge.downstream]}")
    return "".join(f"{line}\n" for line in lines)


def _names(graph: DagGraph) -> dict[str, str]:
    """Return an id of plain letters for each task and group; the prefix keeps off reserved words such as `end`."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for prefix, full_ids in (("task", graph.task_by_id), ("group", graph.group_by_id)):
        for full_id in full_ids:
            plain = name = f"{prefix}_{_NO_NAME.sub('_', full_id)}"
            count = 1
            while name in taken:
                count += 1
                name = f"{plain}_{count}"
            taken.add(name)
            names[full_id] = name
    return names


def _nodes(graph: DagGraph, group_id: str | None, names: Mapping[str, str], indent: str) -> Iterator[str]:
    for child in graph.children_of(group_id):
        task = graph.task_by_id.get(child)
        if task is None:
            yield f'{indent}subgraph {names[child]}["{_label(graph.group_by_id[child].label)}"]'
            yield from _nodes(graph, child, names, f"{indent}  ")
            yield f"{indent}end"
        else:
            operator = f"<br/><small>{_label(task.operator)}</small>" if task.operator else ""
            start, end = ("[[", "]]") if task.mapped else ("[", "]")
            yield f'{indent}{names[child]}{start}"{_label(task.label)}{operator}"{end}'


def _label(text: str) -> str:
    """Return a text as Mermaid shows it inside quotes, whatever stands in it."""
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))
    mark = _LIST_MARK.match(line)
    sign_at = -1 if mark is None else len(mark[0].rstrip()) - 1
    return "".join(
        letter if _PLAIN.match(letter) and at != sign_at and not _is_emphasis(line, at) else f"#{ord(letter)};"
        for at, letter in enumerate(line)
    )


def _is_emphasis(line: str, at: int) -> bool:
    """Say whether Markdown may read an underscore as emphasis: one that is not inside a word."""
    return line[at] == "_" and not (line[at - 1 : at].isalnum() and line[at + 1 : at + 2].isalnum())
