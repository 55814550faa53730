"""A DAG factory becomes an Airflow DAG."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG

from dagwright.model.dag_factory import DagFactory
from dagwright.model.loaded import loaded_of
from dagwright.model.places import HolderKinds
from dagwright.model.settings import RenderSettings
from dagwright.render import compat
from dagwright.render.dag_arguments import dag_arguments
from dagwright.render.errors import Reporter, no_dag_error
from dagwright.render.maker import DagMaker
from dagwright.render.ownership import Ownership

__all__ = ["maker_of_current_dag", "render_dag"]

_MAKER = "_dagwright_maker"


def render_dag(factory: Any) -> DAG:
    """Return the DAG of a DAG factory.

    Raises:
        RenderError: the DAG cannot be made; nothing half-made is registered with Airflow.
    """
    ownership = Ownership(HolderKinds())
    reporter = Reporter(factory, ownership)
    loaded = reporter.loaded
    ownership.add(factory)
    dag = DAG(**dag_arguments(factory, reporter))
    settings = loaded.settings if loaded is not None else RenderSettings(workspace=factory.workspace)
    maker = DagMaker(dag, reporter, settings, ownership)
    registers = dag.auto_register
    dag.auto_register = False
    with dag:
        maker.run(factory, type(factory).make_tasks)
    dag.auto_register = registers
    if registers:
        # A second block: the first registers nothing, so that no half-made DAG is ever found.
        with dag:
            pass
    return dag


def maker_of_current_dag() -> DagMaker:
    """Return the maker of the surrounding hand-written `with DAG(...)` block."""
    dag = compat.current_dag()
    if dag is None:
        raise no_dag_error("a factory is made or wired")
    maker = dag.__dict__.get(_MAKER)
    if maker is None:
        ownership = Ownership(HolderKinds())
        maker = DagMaker(dag, Reporter(None, ownership), RenderSettings(), ownership)
        dag.__dict__[_MAKER] = maker
    return maker
