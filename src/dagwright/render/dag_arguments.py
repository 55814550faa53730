"""The fields of a DAG factory as arguments of Airflow's `DAG`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from dagwright.model.dag_factory import DagFactory
from dagwright.render import compat
from dagwright.render.errors import RenderError, Reporter
from dagwright.render.schedules import ScheduleError, airflow_schedule
from dagwright.render.task_args import TaskArgs, as_params

__all__ = ["dag_arguments", "doc_with_digest", "refused_schedule", "search_path"]

# What is not handed over as it is, or not at all.
_OWN_WAY = frozenset(
    {"dag_id", "doc_md", "owner", "params", "schedule", "task_args", "template_searchpath", "workspace"}
)
_AS_IS = tuple(field.name for field in dataclasses.fields(DagFactory) if field.name not in _OWN_WAY)


def dag_arguments(factory: DagFactory, reporter: Reporter) -> dict[str, Any]:
    """Return the arguments for `DAG`; what the data does not say is left to Airflow.

    Raises:
        RenderError: the installed Airflow lacks an argument or refuses a value.
    """
    dag_id = reporter.loaded.dag_id if reporter.loaded is not None else factory.dag_id
    if dag_id is None:
        raise reporter.error("DW506", "the DAG has no id", factory, help="give 'dag_id'")
    arguments: dict[str, Any] = {"dag_id": dag_id}
    for name in _AS_IS:
        value = getattr(factory, name)
        if value is not None and value != []:
            arguments[name] = value
    try:
        schedule = airflow_schedule(factory.schedule, factory.start_date)
    except ScheduleError as problem:
        raise refused_schedule(problem, factory, reporter) from None
    if schedule is not None:
        arguments["schedule"] = schedule
    if factory.params:
        arguments["params"] = as_params(factory.params)
    if default_args := _default_args(factory, reporter):
        arguments["default_args"] = default_args
    if path := search_path(factory, reporter):
        arguments["template_searchpath"] = path
    if doc := doc_with_digest(factory.doc_md or factory.description, reporter):
        arguments["doc_md"] = doc
    if unknown := sorted(arguments.keys() - compat.dag_arguments()):
        names = ", ".join(f"'{name}'" for name in unknown)
        raise reporter.error("DW506", f"Airflow {compat.airflow_version()} has no DAG argument {names}", factory)
    return arguments


def refused_schedule(problem: ScheduleError, factory: DagFactory, reporter: Reporter) -> RenderError:
    """Return the error for a schedule with which Airflow cannot do anything."""
    message = f"Airflow refuses the schedule: {problem}"
    return reporter.error("DW506", message, factory, field=("schedule",))


def _default_args(factory: DagFactory, reporter: Reporter) -> dict[str, Any]:
    given: Mapping[str, Any] = factory.task_args
    default_args = TaskArgs(reporter).checked(factory, given) if given else {}
    if factory.owner is not None:
        # What stands in `task_args` is nearer to the tasks.
        default_args.setdefault("owner", factory.owner)
    return default_args


def search_path(factory: object, reporter: Reporter) -> list[str]:
    """Return where templates are found: the data's own folders, the DAG file's folder, the project.

    Airflow looks beside `fileloc` as well, but some of its own steps run before that is set.
    """
    own = [str(folder.location) for folder in getattr(factory, "template_searchpath", ())]
    if reporter.loaded is not None:
        own.append(str(reporter.loaded.file.parent))
        if reporter.loaded.settings.project_root is not None:
            own.append(str(reporter.loaded.settings.project_root))
    return list(dict.fromkeys(own))


def doc_with_digest(doc: str | None, reporter: Reporter) -> str | None:
    """Return a DAG's documentation with the digest of its data below.

    Airflow's version hash misses changes such as the order of a list or an argument that is no template; it
    sees this line. A comment in the DAG file changes neither.
    """
    if reporter.loaded is None:
        return doc
    footer = f"*dagwright digest {reporter.loaded.digest()[:16]}*"
    return f"{doc.rstrip()}\n\n{footer}" if doc and doc.strip() else footer
