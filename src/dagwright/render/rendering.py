"""A DAG factory becomes an Airflow DAG."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import Any

from airflow.sdk import DAG

from dagwright.diagnostics import Diagnostic, sort_diagnostics
from dagwright.model.dag_factory import DagFactory
from dagwright.model.settings import RenderSettings
from dagwright.render.checks import dag_problems
from dagwright.render.current import remember
from dagwright.render.dag_arguments import dag_arguments, doc_with_digest, refused_schedule, search_path
from dagwright.render.errors import RenderError, Reporter, type_name
from dagwright.render.macros import add_macros
from dagwright.render.maker import DagMaker
from dagwright.render.ownership import Ownership
from dagwright.render.schedules import ScheduleError, check_cron

__all__ = ["render_dag"]

# The factory whose own `make_dag` runs: when that calls the base's, it means Dagwright's way.
_MAKING_ITSELF: ContextVar[object] = ContextVar("dagwright_making_itself", default=None)


def render_dag(factory: Any) -> DAG:
    """Return the DAG of a DAG factory, or of a plain dataclass that has `make_dag`.

    Raises:
        RenderError: the DAG cannot be made, with everything that is wrong; nothing half-made is registered with
            Airflow.
    """
    ownership = Ownership()
    reporter = Reporter(factory, ownership)
    own_make_dag = type(factory).make_dag is not DagFactory.make_dag
    if own_make_dag and _MAKING_ITSELF.get() is not factory:
        return _made_by_itself(factory, reporter)
    ownership.add(factory)
    problems: list[Diagnostic] = []
    try:
        dag = _without_tasks(factory, reporter)
    except RenderError as error:
        # What is wrong with the tasks shows in any DAG.
        problems.extend(error.diagnostics)
        dag = DAG("unmade", schedule=None)
    settings = _settings(factory, reporter)
    maker = DagMaker(dag, reporter, settings, ownership)
    registers = dag.auto_register
    dag.auto_register = False
    with dag:
        maker.run(factory, type(factory).make_tasks)
    problems.extend(maker.problems)
    if dag.task_dict or not problems:
        problems.extend(dag_problems(dag, factory, reporter, maker.factory_of))
    if problems:
        # Outside of every `except`: what was raised may hold secrets in its text, and tracebacks show the whole chain.
        raise RenderError(sort_diagnostics(problems) if reporter.loaded is not None else problems)
    add_macros(dag, settings)
    maker.collects = False
    remember(dag, maker, reporter.loaded)
    dag.fileloc = _file_of(reporter)
    dag.auto_register = registers
    if registers:
        # Leaving a block registers a DAG, so the first one, in which anything may fail, was told not to.
        with dag:
            pass
    return dag


def _without_tasks(factory: DagFactory, reporter: Reporter) -> DAG:
    """Return the DAG with its arguments alone."""
    arguments = dag_arguments(factory, reporter)
    try:
        dag = DAG(**arguments)  # noqa: AIR002  the arguments hold the schedule
    except Exception as error:  # noqa: BLE001  timetables, params and Airflow's own checks raise many classes
        raise reporter.error("DW506", f"Airflow refuses the DAG's arguments: {error}", factory) from None
    schedule = arguments.get("schedule")
    if isinstance(schedule, str):
        try:
            check_cron(schedule, dag.timetable)
        except ScheduleError as problem:
            raise refused_schedule(problem, factory, reporter) from None
    return dag


def _made_by_itself(factory: Any, reporter: Reporter) -> DAG:
    """Call a class's own `make_dag`, and let the DAG know its file and its digest."""
    token = _MAKING_ITSELF.set(factory)
    try:
        dag = factory.make_dag()
    except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code may raise anything
        # Its text may hold secrets.
        raise reporter.raised(factory, error) from None
    finally:
        _MAKING_ITSELF.reset(token)
    if not isinstance(dag, DAG):
        what = "nothing" if dag is None else f"a value of type {type(dag).__name__}"
        raise reporter.error("DW502", f"make_dag of {type_name(factory)} returns {what}, not a DAG", factory)
    if problems := dag_problems(dag, factory, reporter, lambda _: None):
        raise RenderError(problems)
    add_macros(dag, _settings(factory, reporter))
    remember(dag, loaded=reporter.loaded)
    if reporter.loaded is not None and reporter.loaded.digest()[:16] not in (dag.doc_md or ""):
        dag.doc_md = doc_with_digest(dag.doc_md, reporter)
        dag.fileloc = str(reporter.loaded.file)
        if dag.template_searchpath is None:
            dag.template_searchpath = search_path(factory, reporter)
    return dag


def _settings(factory: Any, reporter: Reporter) -> RenderSettings:
    """Return what the DAG file and the project say, or the factory alone."""
    if reporter.loaded is not None:
        return reporter.loaded.settings
    return RenderSettings(workspace=getattr(factory, "workspace", None))


def _file_of(reporter: Reporter) -> str:
    """Return the DAG file, or the Python file in whose code the DAG is made."""
    if reporter.loaded is not None:
        return str(reporter.loaded.file)
    frame: Any = sys._getframe()  # noqa: SLF001  Airflow finds the file of a DAG in the same way
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("dagwright."):
        frame = frame.f_back
    return str(frame.f_code.co_filename)
