"""The loop of a local run: ask Airflow what may start, run it, tell the caller; until nothing is left."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dagwright.adapters.local.capture import Capture
from dagwright.adapters.local.engine import Engine, Key, check_secrets, hide, mask, start_airflow
from dagwright.adapters.local.home import Home
from dagwright.adapters.local.interrupt import Interrupt
from dagwright.adapters.local.logs import logging_to
from dagwright.adapters.local.outcome import LocalRunError, RunResult, TaskEvent
from dagwright.adapters.local.record import Record, topological_order
from dagwright.adapters.local.sink import Sink
from dagwright.diagnostics import DagwrightError

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance
    from airflow.sdk import DAG

__all__ = ["run_dag"]

_LONGEST_NAP = 1.0
_SHORTEST_NAP = 0.05
_IDLE_ROUNDS = 20

_log = logging.getLogger(__name__)


def run_dag(
    make_dag: Callable[[], DAG], home: Home, *, on_event: Callable[[TaskEvent], None], secrets: Iterable[str] = ()
) -> RunResult:
    """Run a DAG once, task by task, whatever its schedule, start date or paused state say.

    Standard output and error are captured meanwhile, file descriptors included. They are the caller's while
    `on_event` runs; a display that writes at other times needs a duplicate of the descriptor made before.
    A task instance that is never executed has one event only, its last state.

    Args:
        make_dag: called once, when Airflow is ready; what it raises passes through.
        home: from `prepare_home`; may be used for several runs, one after the other.
        on_event: called in this thread when a task starts, ends or begins to wait.
        secrets: what no log may show, beside the secrets that Airflow comes to know itself.

    Returns:
        The result; its state is `interrupted` after Ctrl-C or SIGTERM, when child processes are gone too.

    Raises:
        LocalRunError: Airflow did not start, refused the DAG or broke off.
        KeyboardInterrupt: the same signals before the first task could start.
    """
    folder = _new_folder(home.log_dir)
    run_log = folder / "run.log"
    sink = Sink(run_log)
    with ExitStack() as stack:
        stack.callback(sink.close)
        capture = stack.enter_context(Capture(sink))
        sink.catch_up = capture.catch_up
        interrupt = stack.enter_context(Interrupt(home.close))
        stack.enter_context(_local_run_marked())
        with _airflow("airflow did not start", run_log):
            check_secrets(home.options)
            start_airflow()
        hide(secrets)
        sink.mask = mask
        stack.enter_context(logging_to(sink))
        dag = make_dag()
        with _airflow(f"airflow refuses to run the DAG '{dag.dag_id}'", run_log):
            engine = Engine(dag, home.options)
        stack.callback(engine.close)

        def announce(event: TaskEvent) -> None:
            with capture.paused():
                on_event(event)

        record = Record(order=topological_order(dag), folder=folder, announce=announce)
        loop = _Loop(engine=engine, record=record, sink=sink, capture=capture, interrupt=interrupt, run_log=run_log)
        return loop.run(dag.dag_id)


@dataclass(kw_only=True)
class _Loop:
    engine: Engine
    record: Record
    sink: Sink
    capture: Capture
    interrupt: Interrupt
    run_log: Path
    running: tuple[Key, float] | None = None

    def run(self, dag_id: str) -> RunResult:
        started = time.monotonic()
        stuck = False
        try:
            stuck = self._loop()
        except KeyboardInterrupt:
            self.interrupt.wanted = True
        interrupted = self.interrupt.wanted
        if interrupted:
            self.interrupt.kill_children()
            self._finish()
        with self._airflow():
            if interrupted or stuck:
                self.engine.give_up()
            states = self.engine.states()
            succeeded = self.engine.state == "success"
        self.record.notice(states)
        tasks = self.record.outcomes(states)
        # Airflow also fails a run whose tasks wait for each other, though no task of it failed.
        unexplained = not succeeded and not any(task.state in ("failed", "upstream_failed") for task in tasks)
        return RunResult(
            state="interrupted" if interrupted else "success" if succeeded else "failed",
            dag_id=dag_id,
            run_id=self.engine.run_id,
            tasks=tasks,
            seconds=time.monotonic() - started,
            deadlocked=not interrupted and (stuck or unexplained),
            log_dir=self.run_log.parent,
        )

    def _loop(self) -> bool:
        """Run tasks until Airflow ends the run; true if it never will."""
        before: object = None
        idle = 0
        while True:
            with self._airflow():
                ready = self.record.sort(self.engine.ready())
                states = self.engine.states()
                ended = self.engine.state != "running"
            self.record.notice(states)
            if ended:
                return False
            for instance in ready:
                self._execute(instance)
                if self.interrupt.wanted:
                    return False
            if ready:
                idle = 0
                continue
            wait = min((state.wait for state in states.values() if state.wait), default=0.0)
            now = {key: (state.state, state.tries) for key, state in states.items()}
            # Airflow may need several rounds to draw its conclusions, but not many without any change.
            idle = 0 if wait or now != before else idle + 1
            if idle > _IDLE_ROUNDS:
                return True
            before = now
            time.sleep(min(max(wait, _SHORTEST_NAP), _LONGEST_NAP))

    def _execute(self, instance: TaskInstance) -> None:
        key = (instance.task_id, instance.map_index)
        self.sink.open_task(self.record.start(key, instance.try_number))
        self.running = (key, time.monotonic())
        try:
            self.engine.execute(instance)
        except Exception:  # noqa: BLE001
            # Airflow itself takes this for the end of the task, not of the run.
            _log.exception("the task could not be run")
        self._finish()

    def _finish(self) -> None:
        if self.running is None:
            return
        key, started = self.running
        self.running = None
        seconds = time.monotonic() - started
        self.capture.drain()
        self.sink.close_task()
        with self._airflow():
            state = self.engine.states()[key]
            if self.interrupt.wanted and state.state not in ("success", "skipped"):
                self.engine.give_up(key)
                state = self.engine.states()[key]
        self.record.end(key, state, seconds)

    @contextmanager
    def _airflow(self) -> Iterator[None]:
        with _airflow("airflow broke off", self.run_log):
            yield


@contextmanager
def _local_run_marked() -> Iterator[None]:
    """Tell factories and jobs that no real Airflow is around them."""
    before = os.environ.get("DAGWRIGHT_LOCAL_RUN")
    os.environ["DAGWRIGHT_LOCAL_RUN"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["DAGWRIGHT_LOCAL_RUN"]


@contextmanager
def _airflow(what: str, run_log: Path) -> Iterator[None]:
    """Turn an exception of Airflow's own into an error that says what was going on."""
    try:
        yield
    except DagwrightError:
        raise
    except Exception as error:
        _log.exception("%s", what)
        message = str(error).strip() or type(error).__name__
        raise LocalRunError(f"{what}: {message}", log_path=run_log) from error


def _new_folder(log_dir: Path) -> Path:
    """Make a folder for one run, so that runs at the same time may share a log folder."""
    name = datetime.now().astimezone().strftime("%Y%m%dT%H%M%S")
    number = 1
    while True:
        folder = log_dir / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder
