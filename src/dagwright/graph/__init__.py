"""A rendered DAG as Airflow-free data, its comparison, and its pictures as text, Mermaid, SVG and PNG."""

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
