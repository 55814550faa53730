"""From factories to Airflow's objects, and from those to a `DagGraph`; only adapters know Airflow beside it."""

from dagwright.render.current import Origin, maker_of_current_dag, origin_of
from dagwright.render.errors import RenderError
from dagwright.render.graphs import dag_graph
from dagwright.render.rendering import render_dag

__all__ = ["Origin", "RenderError", "dag_graph", "maker_of_current_dag", "origin_of", "render_dag"]
