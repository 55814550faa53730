"""A rendered DAG as a `DagGraph`."""

from __future__ import annotations

from airflow.sdk import DAG

from dagwright.graph import DagGraph

__all__ = ["dag_graph"]


def dag_graph(dag: DAG) -> DagGraph:
    """Return a rendered DAG as plain data."""
    raise NotImplementedError
