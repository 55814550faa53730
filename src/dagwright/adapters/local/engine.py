"""The parts of Airflow that its own `DAG.test` is made of; all that is private or moved between versions is here.

Read and run on 3.1.8, 3.2.2, 3.3.2 and 3.4.0b2. `DAG.test` itself is not used: it swallows Ctrl-C, has no hook around a
task, makes its own run id and waits in whole seconds. Names without a public promise, each with what differs:

- `airflow.utils.db.initdb`: makes a new database from the models and migrates an existing one.
- `DagBag`, `sync_bag_to_db`: in `airflow.models.dagbag` up to 3.1, in `airflow.dag_processing.dagbag` since 3.2.
- `DagSerialization`: since 3.2; up to 3.1 the two functions were on `SerializedDAG`.
- `get_or_create_dagrun`, `DagRun.update_state`, `DagRun.generate_run_id`: the same everywhere.
- `DAG.timetable` needs a conversion to the scheduler's own since 3.2 (`coerce_to_core_timetable`).
- `airflow.sdk.execution_time.supervisor.in_process_api_server`: the API that `_run_task` uses; cached since 3.3. It
  is spoken to by httpx up to 3.3 and by httpx2 since 3.4.
- `airflow.sdk.definitions.dag._run_task`: one try of one task including its trigger; the same everywhere.
- `airflow.sdk.log.mask_logs` and `airflow._shared.secrets_masker.redact`: the maskers of tasks and of the server;
  `airflow.sdk.log.mask_secret` feeds the first.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagwright.adapters.local.home import LocalRun
from dagwright.adapters.local.outcome import LocalRunError
from dagwright.collector import never_garbage

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance
    from airflow.sdk import DAG

__all__ = ["Engine", "InstanceState", "Key", "check_secrets", "hide", "mask", "start_airflow"]

_API = "http://in-process.invalid./"

Key = tuple[str, int]
"""Task id and map index (-1 for a task that is not mapped)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceState:
    """What the database says about one task instance.

    Attributes:
        state: Airflow's name of the state, `no_status` where it has none.
        tries: number of the current or last try, 0 before the first.
        wait: seconds until the next try or poke, None if it does not wait for one.
    """

    state: str
    tries: int
    wait: float | None


@cache
def start_airflow() -> None:
    """Import Airflow, which reads the prepared environment, and make database and API ready, once per process."""
    # What Airflow and its libraries deprecate among themselves is no matter of the caller's, who may treat warnings
    # as errors.
    # Importing Airflow makes a million objects and no garbage; looking for some takes a third of the time.
    with never_garbage(), warnings.catch_warnings():
        warnings.simplefilter("default")
        import airflow.sdk  # noqa: F401  # its settings must exist before the database is touched
        from airflow.sdk.api.client import Client
        from airflow.sdk.execution_time import supervisor
        from airflow.utils.db import initdb

        initdb()
        # Up to 3.2 every task builds an API of its own, which takes a second or two.
        if not hasattr(supervisor.in_process_api_server, "cache_info"):
            supervisor.in_process_api_server = cache(supervisor.in_process_api_server)
        # It builds itself for its first request. That takes seconds, which would count as the first task's.
        # Airflow's own client would add headers of a task and try again; its base is that of httpx, or of httpx2.
        make_client: Any = Client.__base__
        with make_client(transport=supervisor.in_process_api_server().transport, base_url=_API) as client:
            client.get("/health")


def check_secrets(options: LocalRun) -> None:
    """Read the files of connections and variables once.

    Airflow itself takes a broken file for one without entries, and a task then misses its connection.
    """
    from airflow.sdk.exceptions import AirflowException
    from airflow.secrets.local_filesystem import load_connections_dict, load_variables

    for what, path, load in (
        ("connections", options.connections, load_connections_dict),
        ("variables", options.variables, load_variables),
    ):
        if path is None:
            continue
        try:
            load(str(path))
        except (AirflowException, ValueError, TypeError, AttributeError, OSError) as error:
            raise LocalRunError(f"{what} file '{path}' is not usable: {error}") from error


def hide(secrets: Iterable[str]) -> None:
    """Let Airflow hide these values wherever it hides secrets; it takes very short ones for none."""
    from airflow.sdk.log import mask_secret

    for secret in secrets:
        mask_secret(secret)


def mask(text: str) -> str:
    """Hide the secrets that a task or the server came to know."""
    from airflow._shared.secrets_masker import redact
    from airflow.sdk.log import mask_logs

    return str(redact(mask_logs(None, "", {"event": text})["event"]))


class Engine:
    """One DAG run: knows which tasks may start, starts them, tells the state of all."""

    def __init__(self, dag: DAG, options: LocalRun) -> None:
        from airflow import settings

        self._dag = dag
        make_session: Any = settings.Session
        self._session = make_session()
        self._scheduler_dag = _serialised(dag)
        # Airflow makes no instance of a task whose own dates exclude the run, silently.
        for task in self._scheduler_dag.tasks:
            task.start_date = task.end_date = None
        _register(dag)
        self._run = self._create_run(options)
        self._tries: dict[Key, int] = {}

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return str(self._run.run_id)

    @property
    def state(self) -> str:
        """The state of the run in the database."""
        from airflow.models.dagrun import DagRun
        from sqlalchemy import select

        return str(self._session.scalar(select(DagRun.state).where(DagRun.id == self._run.id)))

    def ready(self) -> list[TaskInstance]:
        """Give the task instances that may start now, and let Airflow draw all other conclusions."""
        self._session.expire_all()
        schedulable, _ = self._run.update_state(session=self._session)
        for instance in schedulable:
            key = (instance.task_id, instance.map_index)
            if instance.state != "up_for_reschedule":
                # Since 3.4 Airflow counts when a try ends, before when the next one starts.
                instance.try_number = self._tries[key] = self._tries.get(key, 0) + 1
            instance.state = "scheduled"
            instance.scheduled_dttm = datetime.now(UTC)
        self._session.commit()
        return [instance for instance in self._instances() if instance.state == "scheduled"]

    def execute(self, instance: TaskInstance) -> None:
        """Run one try in this process; an exception means that Airflow failed, not the task."""
        from airflow.sdk.definitions.dag import _run_task

        _run_task(ti=instance, task=self._dag.task_dict[instance.task_id], run_triggerer=True)

    def states(self) -> dict[Key, InstanceState]:
        """Give the state of every task instance in the database."""
        return {
            (instance.task_id, instance.map_index): InstanceState(
                state=str(instance.state or "no_status"),
                tries=self._tries.get((instance.task_id, instance.map_index), 0),
                wait=self._wait_seconds(instance),
            )
            for instance in self._instances()
        }

    def give_up(self, key: Key | None = None) -> None:
        """Mark the run, and the task instance that was running, as failed."""
        from airflow.models.dagrun import DagRun

        self._session.rollback()
        for instance in self._instances():
            if (instance.task_id, instance.map_index) == key:
                instance.state = "failed"
        self._session.get_one(DagRun, self._run.id).set_state("failed")
        self._session.commit()

    def close(self) -> None:
        """Give the database session back."""
        self._session.close()

    def _instances(self) -> list[TaskInstance]:
        # A task's own calls to the database close the session, which is one per thread, or change rows behind it.
        self._session.expire_all()
        return list(self._run.get_task_instances(session=self._session))

    def _wait_seconds(self, instance: TaskInstance) -> float | None:
        from airflow.models.taskreschedule import TaskReschedule
        from sqlalchemy import select

        if instance.state == "up_for_retry":
            waiting: Any = instance
            waiting.task = self._scheduler_dag.get_task(instance.task_id)
            until = waiting.next_retry_datetime()
        elif instance.state == "up_for_reschedule":
            until = self._session.scalar(
                select(TaskReschedule.reschedule_date)
                .where(TaskReschedule.ti_id == instance.id)
                .order_by(TaskReschedule.id.desc())
                .limit(1)
            )
        else:
            return None
        return None if until is None else max(0.0, (until - datetime.now(UTC)).total_seconds())

    def _create_run(self, options: LocalRun) -> Any:
        from airflow.models.dagrun import DagRun, get_or_create_dagrun
        from airflow.utils.types import DagRunTriggeredByType, DagRunType
        from sqlalchemy import select

        now = datetime.now(UTC)
        logical_date = options.logical_date or now
        if logical_date.tzinfo is None:
            logical_date = logical_date.replace(tzinfo=UTC)
        run_id = options.run_id or DagRun.generate_run_id(
            run_type=DagRunType.MANUAL, logical_date=logical_date, run_after=now
        )
        same = self._session.scalar(select(DagRun).where(DagRun.dag_id == self._dag.dag_id, DagRun.run_id == run_id))
        if same is not None:
            self._session.delete(same)
            self._session.commit()
        # The serialised DAG has lost its callbacks; the run calls them from there.
        self._scheduler_dag.on_success_callback = self._dag.on_success_callback
        self._scheduler_dag.on_failure_callback = self._dag.on_failure_callback
        return get_or_create_dagrun(
            dag=self._scheduler_dag,
            run_id=run_id,
            logical_date=logical_date,
            data_interval=self._scheduler_dag.timetable.infer_manual_data_interval(run_after=logical_date),
            run_after=now,
            start_date=now,
            conf=dict(options.conf),
            triggered_by=DagRunTriggeredByType.TEST,
            triggering_user_name="dagwright",
            session=self._session,
        )


def _serialised(dag: DAG) -> Any:
    """Give the DAG as the scheduler knows it."""
    module = "airflow.serialization.serialized_objects"
    serialization = _found((module, "DagSerialization"), (module, "SerializedDAG"))
    return serialization.deserialize_dag(serialization.serialize_dag(dag))


def _register(dag: DAG) -> None:
    """Write the DAG into the database, where the API that the tasks talk to looks for it."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.models.dag_version import DagVersion

    modules = ("airflow.dag_processing.dagbag", "airflow.models.dagbag")
    make_bag = _found(*((module, "DagBag") for module in modules))
    sync_bag_to_db = _found(*((module, "sync_bag_to_db") for module in modules))

    if dag.relative_fileloc is None:
        dag.relative_fileloc = Path(dag.fileloc).name
    manager: Any = DagBundlesManager
    manager().sync_bundles_to_db()
    bag = make_bag(collect_dags=False)
    bag.bag_dag(dag)
    sync_bag_to_db(bag, "dags-folder", None)
    if DagVersion.get_latest_version(dag.dag_id) is None:
        raise LocalRunError(f"airflow did not accept the DAG '{dag.dag_id}'")


def _found(*places: tuple[str, str]) -> Any:
    """Give the first that this version of Airflow has."""
    for module, name in places:
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise LocalRunError(f"this version of airflow has no {' or '.join('.'.join(place) for place in places)}")
