"""From factories to Airflow's objects, and from those to a `DagGraph`; only adapters know Airflow beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagwright.render.current import Origin, maker_of_current_dag, origin_of
from dagwright.render.errors import RenderError
from dagwright.render.rendering import render_dag

if TYPE_CHECKING:
    from dagwright.render.graphs import dag_graph

__all__ = ["Origin", "RenderError", "dag_graph", "maker_of_current_dag", "origin_of", "render_dag"]


def __getattr__(name: str) -> Any:
    # Airflow's own processes make DAGs and draw none.
    if name != "dag_graph":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dagwright.render.graphs import dag_graph

    return dag_graph
