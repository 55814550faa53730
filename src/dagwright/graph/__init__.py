"""A rendered DAG as Airflow-free data, its comparison, and its pictures as text, Mermaid, SVG and PNG.

The names below are loaded on first use: a worker, which draws and compares nothing, waits for none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagwright.graph.comparison import ABSENT, FieldChange, GraphChange, compare, format_change
    from dagwright.graph.dag_graph import FORMAT_VERSION, DagGraph, GraphEdge, GraphError, GraphGroup, GraphTask
    from dagwright.graph.edges import drawn_edges
    from dagwright.graph.mermaid import format_mermaid
    from dagwright.graph.png import PngError, render_png
    from dagwright.graph.svg import format_svg
    from dagwright.graph.tree import format_tree

__all__ = [
    "ABSENT",
    "FORMAT_VERSION",
    "DagGraph",
    "FieldChange",
    "GraphChange",
    "GraphEdge",
    "GraphError",
    "GraphGroup",
    "GraphTask",
    "PngError",
    "compare",
    "drawn_edges",
    "format_change",
    "format_mermaid",
    "format_svg",
    "format_tree",
    "render_png",
]

_HOMES = {
    "ABSENT": "comparison",
    "FORMAT_VERSION": "dag_graph",
    "DagGraph": "dag_graph",
    "FieldChange": "comparison",
    "GraphChange": "comparison",
    "GraphEdge": "dag_graph",
    "GraphError": "dag_graph",
    "GraphGroup": "dag_graph",
    "GraphTask": "dag_graph",
    "PngError": "png",
    "compare": "comparison",
    "drawn_edges": "edges",
    "format_change": "comparison",
    "format_mermaid": "mermaid",
    "format_svg": "svg",
    "format_tree": "tree",
    "render_png": "png",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dagwright.graph' has no attribute {name!r}")
    value = getattr(import_module(f"dagwright.graph.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
