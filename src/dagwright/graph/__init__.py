"""A rendered DAG as Airflow-free data, its comparison, and its pictures as text, Mermaid, SVG and PNG."""

from dagwright.graph.dag_graph import FORMAT_VERSION, DagGraph, GraphEdge, GraphError, GraphGroup, GraphTask
from dagwright.graph.edges import drawn_edges

__all__ = ["FORMAT_VERSION", "DagGraph", "GraphEdge", "GraphError", "GraphGroup", "GraphTask", "drawn_edges"]
