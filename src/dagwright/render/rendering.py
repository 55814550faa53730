"""A DAG factory becomes an Airflow DAG."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import Any

from airflow.sdk import DAG

from dagwright.model.dag_factory import DagFactory
from dagwright.model.settings import RenderSettings
from dagwright.render.checks import check_dag
from dagwright.render.current import remember
from dagwright.render.dag_arguments import dag_arguments, doc_with_digest, search_path
from dagwright.render.errors import Reporter, type_name
from dagwright.render.maker import DagMaker
from dagwright.render.ownership import Ownership

__all__ = ["render_dag"]

# The factory whose own `make_dag` runs: when that calls the base's, it means Dagwright's way.
_MAKING_ITSELF: ContextVar[object] = ContextVar("dagwright_making_itself", default=None)


def render_dag(factory: Any) -> DAG:
    """Return the DAG of a DAG factory, or of a plain dataclass that has `make_dag`.

    Raises:
        RenderError: the DAG cannot be made; nothing half-made is registered with Airflow.
    """
    ownership = Ownership()
    reporter = Reporter(factory, ownership)
    own_make_dag = type(factory).make_dag is not DagFactory.make_dag
    if own_make_dag and _MAKING_ITSELF.get() is not factory:
        return _made_by_itself(factory, reporter)
    ownership.add(factory)
    arguments = dag_arguments(factory, reporter)
    try:
        dag = DAG(**arguments)  # noqa: AIR002  the arguments hold the schedule
    except Exception as error:
        # Timetables, params and Airflow's own checks raise many classes.
        raise reporter.error("DW506", f"Airflow refuses the DAG's arguments: {error}", factory) from error
    settings = reporter.loaded.settings if reporter.loaded is not None else RenderSettings(workspace=factory.workspace)
    maker = DagMaker(dag, reporter, settings, ownership)
    registers = dag.auto_register
    dag.auto_register = False
    with dag:
        maker.run(factory, type(factory).make_tasks)
    check_dag(dag, factory, reporter, maker.factory_of)
    remember(dag, maker)
    dag.fileloc = _file_of(reporter)
    dag.auto_register = registers
    if registers:
        # Leaving a block registers a DAG, so the first one, in which anything may fail, was told not to.
        with dag:
            pass
    return dag


def _made_by_itself(factory: Any, reporter: Reporter) -> DAG:
    """Call a class's own `make_dag`, and let the DAG know its file and its digest."""
    token = _MAKING_ITSELF.set(factory)
    try:
        dag = factory.make_dag()
    except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code, which may raise anything
        reporter.reraise(factory, error)
    finally:
        _MAKING_ITSELF.reset(token)
    if not isinstance(dag, DAG):
        what = "nothing" if dag is None else f"a value of type {type(dag).__name__}"
        raise reporter.error("DW502", f"make_dag of {type_name(factory)} returns {what}, not a DAG", factory)
    check_dag(dag, factory, reporter, lambda _: None)
    if reporter.loaded is not None and reporter.loaded.digest()[:16] not in (dag.doc_md or ""):
        dag.doc_md = doc_with_digest(dag.doc_md, reporter)
        dag.fileloc = str(reporter.loaded.file)
        if dag.template_searchpath is None:
            dag.template_searchpath = search_path(factory, reporter)
    return dag


def _file_of(reporter: Reporter) -> str:
    """Return the DAG file, or the Python file in whose code the DAG is made."""
    if reporter.loaded is not None:
        return str(reporter.loaded.file)
    frame: Any = sys._getframe()  # noqa: SLF001  Airflow finds the file of a DAG in the same way
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("dagwright."):
        frame = frame.f_back
    return str(frame.f_code.co_filename)
