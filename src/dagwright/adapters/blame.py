"""Which line of data a running task comes from: said when its log opens, and again when it fails.

Everything is found out on the worker, from the DAG file that it has just read. Nothing of it is in the DAG that
Airflow stores and hashes, and whatever goes wrong here costs the words, never the task.

The end of a task is heard by a listener. It is registered only in a process that runs tasks and has read a DAG file:
a listener of a plugin would be there in the DAG processor too, where Airflow refuses deferrable tasks with
`end_from_trigger` as soon as there is any.
"""

from __future__ import annotations

import logging
from typing import Any

from dagwright.model.loaded import Loaded
from dagwright.render import Origin, compat, origin_of
from dagwright.render.errors import type_name

__all__ = ["Listener", "origins_of", "place_of_task", "watch"]

_LOG = logging.getLogger("dagwright")
# What is no argument of the task, or stands in the place that is said first.
_NO_ARGUMENTS = frozenset({"name", "type"})
_MOST_LINES = 40


def watch(dag: Any, task_id: str | None) -> None:
    """Say where a task comes from, and prepare to say it for every task of the DAG that runs in this process.

    Args:
        dag: a DAG that was just read.
        task_id: the task that this process is there for; None where it runs all of them.
    """
    if origin_of(dag) is None:
        return
    if task_id is not None:
        _open(dag, task_id)
    elif any(getattr(task, "end_from_trigger", False) for task in dag.tasks):
        return  # Such a process may read its DAGs again, and Airflow would refuse this one then.
    compat.add_listener(Listener(opened=task_id))


class Listener:
    """Hears what happens to task instances in this process.

    Args:
        opened: the task of which was said already where it comes from.
    """

    def __init__(self, opened: str | None = None) -> None:
        self._opened = opened

    def __eq__(self, other: object) -> bool:
        """Say that one is enough: Airflow registers no listener twice."""
        return isinstance(other, Listener)

    __hash__ = object.__hash__

    @compat.hookimpl
    def on_task_instance_running(self, task_instance: Any) -> None:
        """Open the log."""
        task = task_instance.task
        if task.task_id != self._opened:
            _open(task.dag, task.task_id)

    @compat.hookimpl
    def on_task_instance_failed(self, task_instance: Any) -> None:
        """Repeat the place, with those of the arguments."""
        try:
            task = task_instance.task
            lines = origins_of(task.dag, task.task_id)
        except Exception:  # noqa: BLE001  words in a log are not worth a task
            _LOG.debug("the origin of a task is not known", exc_info=True)
            return
        if lines:
            _LOG.error("%s", "\n".join(lines))


def place_of_task(dag: Any, task_id: str) -> str | None:
    """Return in words which place of which file a task comes from; None where nobody knows."""
    origin = origin_of(dag)
    if origin is None:
        return None
    factory = _factory(origin, task_id)
    place = None if factory is None else origin.loaded.place_of(factory)
    if factory is None or place is None:
        return f"{origin.loaded.settings.file or origin.loaded.file}"
    return (
        f"{place.span} ({place.path}: {type_name(factory)})" if place.path else f"{place.span} ({type_name(factory)})"
    )


def origins_of(dag: Any, task_id: str) -> list[str]:
    """Return the lines about a failed task: its place, and where each of its arguments is said."""
    where = place_of_task(dag, task_id)
    origin = origin_of(dag)
    if where is None or origin is None:
        return []
    factory = _factory(origin, task_id)
    said = [] if factory is None else origin.loaded.said(factory)
    said += origin.loaded.said(field="task_args")
    prefix = "" if factory is None else f"{_path(origin.loaded, factory)}."
    places = {place.path.removeprefix(prefix): str(place.span) for place in said}
    for name in _NO_ARGUMENTS:
        places.pop(name, None)
    width = max(map(len, places), default=0)
    lines = [f"  {name.ljust(width)}  {place}" for name, place in places.items()]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"  and {len(lines) - _MOST_LINES} more"]
    return [f"the failed task comes from {where}{':' if lines else ''}", *lines]


def _path(loaded: Loaded, factory: object) -> str:
    place = loaded.place_of(factory)
    return "" if place is None else place.path


def _open(dag: Any, task_id: str) -> None:
    try:
        where = place_of_task(dag, task_id)
    except Exception:  # noqa: BLE001  words in a log are not worth a task
        _LOG.debug("the origin of a task is not known", exc_info=True)
        return
    if where is not None:
        _LOG.info("this task comes from %s", where)


def _factory(origin: Origin, task_id: str) -> Any:
    return None if origin.maker is None else origin.maker.factory_of(task_id)
