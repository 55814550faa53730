"""The record of a run: what was announced about each task instance, how long it ran, where its log is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from dagwright.adapters.local.engine import InstanceState, Key
from dagwright.adapters.local.outcome import TaskEvent, TaskOutcome, TaskState
from dagwright.adapters.local.sink import tail

if TYPE_CHECKING:
    from airflow.sdk import DAG

__all__ = ["Record", "topological_order"]

_TAIL_LINES = 25
_ENDED = ("success", "failed", "skipped", "upstream_failed")
_SHOWN = (*_ENDED, "running", "up_for_retry", "up_for_reschedule")


class _Instance(Protocol):
    task_id: str
    map_index: int


_T = TypeVar("_T", bound=_Instance)


@dataclass
class _Run:
    log_path: Path
    seconds: float = 0.0


class Record:
    """Announces each change once and makes the outcomes.

    Args:
        order: task id → place in topological order.
        folder: gets one log file per task instance.
        announce: told about every start, end and wait.
    """

    def __init__(self, *, order: Mapping[str, int], folder: Path, announce: Callable[[TaskEvent], None]) -> None:
        self._order = order
        self._folder = folder
        self._announce = announce
        self._runs: dict[Key, _Run] = {}
        self._ended: set[Key] = set()

    def sort(self, instances: Iterable[_T]) -> list[_T]:
        """Sort task instances as a reader of the DAG expects them."""
        return sorted(instances, key=lambda instance: (self._order[instance.task_id], instance.map_index))

    def start(self, key: Key, try_number: int) -> Path:
        """Note and announce that a try starts; gives the log file for it."""
        task_id, map_index = key
        # '@' is no character of a task id.
        name = task_id if map_index < 0 else f"{task_id}@{map_index}"
        run = self._runs.setdefault(key, _Run(self._folder / f"{name}.log"))
        self._tell(key, "running", try_number)
        return run.log_path

    def end(self, key: Key, state: InstanceState, seconds: float) -> None:
        """Note and announce how a try ended."""
        self._runs[key].seconds += seconds
        if state.state in _ENDED:
            self._ended.add(key)
        self._tell(key, state.state, state.tries, seconds=seconds, wait=state.wait)

    def notice(self, states: Mapping[Key, InstanceState]) -> None:
        """Announce what Airflow decided about task instances that were not executed."""
        for key, state in self._sorted(states):
            if state.state in _ENDED and key not in self._ended:
                self._ended.add(key)
                self._tell(key, state.state, state.tries)

    def outcomes(self, states: Mapping[Key, InstanceState]) -> tuple[TaskOutcome, ...]:
        """Make the outcomes of all task instances."""
        return tuple(
            self._outcome(key, state)
            for key, state in self._sorted(states)
            # An instance that a later version of the DAG in a kept home, or a mapping over less, has lost.
            if state.state != "removed"
        )

    def _outcome(self, key: Key, state: InstanceState) -> TaskOutcome:
        task_id, map_index = key
        run = self._runs.get(key)
        if run is None:
            return TaskOutcome(task_id=task_id, map_index=map_index, state=_state(state.state), tries=0)
        return TaskOutcome(
            task_id=task_id,
            map_index=map_index,
            state=_state(state.state),
            tries=state.tries,
            seconds=run.seconds,
            log_path=run.log_path,
            log_tail=tail(run.log_path, _TAIL_LINES),
        )

    def _tell(
        self, key: Key, state: str, try_number: int, *, seconds: float | None = None, wait: float | None = None
    ) -> None:
        self._announce(
            TaskEvent(
                task_id=key[0],
                map_index=key[1],
                state=_state(state),
                try_number=try_number,
                seconds=seconds,
                wait=wait,
            )
        )

    def _sorted(self, states: Mapping[Key, InstanceState]) -> list[tuple[Key, InstanceState]]:
        return sorted(states.items(), key=lambda item: (self._order.get(item[0][0], -1), item[0][1]))


def topological_order(dag: DAG) -> dict[str, int]:
    """Number the tasks so that upstream comes first, and otherwise as they were made."""
    order: dict[str, int] = {}
    left = dict(dag.task_dict)
    while left:
        free = next(task_id for task_id, task in left.items() if not task.upstream_task_ids & left.keys())
        order[free] = len(order)
        del left[free]
    return order


def _state(state: str) -> TaskState:
    return cast("TaskState", state) if state in _SHOWN else "no_status"
