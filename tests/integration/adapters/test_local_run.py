"""What runs, in which order, and what the result says about it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dagwright.adapters.local import Home, LocalRunError, TaskEvent, prepare_home, run_dag
from tests.integration.adapters.conftest import Run

if TYPE_CHECKING:
    from airflow.sdk import DAG


def test_tasks_run_in_order_and_hand_on_values(run: Run) -> None:
    seen: list[Any] = []

    def make() -> DAG:
        from airflow.sdk import DAG, task, task_group

        with DAG("values", schedule=None) as dag:

            @task
            def last(values: Any) -> None:
                seen.append(sorted(values))

            @task
            def first() -> list[int]:
                return [1, 2, 3]

            @task_group
            def inside(value: int) -> Any:
                @task
                def double(value: int) -> int:
                    return value * 2

                return double(value)

            last(inside.expand(value=first()))
        return dag

    ran = run(make)
    assert ran.result.state == "success"
    assert seen == [[2, 4, 6]]
    doubles = [f"inside.double@{index}" for index in range(3)]
    assert list(ran.states) == ["first", *doubles, "last"]
    assert ran.told("inside.double@1") == ["running", "success"]
    assert [event.task_id for event in ran.events if event.state == "running"] == [
        "first",
        *["inside.double"] * 3,
        "last",
    ]
    assert {task.log_path.name for task in ran.result.tasks if task.log_path} == {f"{name}.log" for name in ran.states}


def test_a_failure_keeps_what_depends_on_it_from_running(run: Run) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("failure", schedule=None) as dag:

            @task
            def bad() -> None:
                raise RuntimeError("the disk is full")

            @task
            def after() -> None: ...

            @task(trigger_rule="all_done")
            def always() -> None: ...

            bad() >> [after(), always()]
        return dag

    ran = run(make)
    assert ran.states == {"bad": "failed", "after": "upstream_failed", "always": "success"}
    assert ran.result.state == "failed"
    assert [task.task_id for task in ran.result.failed_tasks] == ["bad"]
    assert ran.told("after") == ["upstream_failed"]
    after = ran.task("after")
    assert (after.tries, after.seconds, after.log_path, after.log_tail) == (0, None, None, ())
    assert ran.task("bad").log_tail[-1] == "RuntimeError: the disk is full"


def test_a_failed_task_whose_successors_pass_is_a_success_with_failed_tasks(run: Run) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("cleaned_up", schedule=None) as dag:

            @task
            def bad() -> None:
                raise RuntimeError

            @task(trigger_rule="all_done")
            def clean_up() -> None: ...

            bad() >> clean_up()
        return dag

    result = run(make).result
    assert result.state == "success"
    assert [task.task_id for task in result.failed_tasks] == ["bad"]


def test_a_retry_waits_and_passes(run: Run) -> None:
    starts: list[float] = []

    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("retry", schedule=None) as dag:

            @task(retries=1, retry_delay=timedelta(seconds=1.2))
            def flaky() -> None:
                starts.append(time.monotonic())
                if len(starts) == 1:
                    raise RuntimeError("not yet")

            flaky()
        return dag

    ran = run(make)
    assert ran.result.state == "success"
    assert ran.told("flaky") == ["running", "up_for_retry", "running", "success"]
    assert [event.try_number for event in ran.events] == [1, 1, 2, 2]
    wait = ran.events[1].wait
    assert wait is not None
    assert 0 < wait <= 1.2
    assert 1.2 <= starts[1] - starts[0] < 10
    flaky = ran.task("flaky")
    assert flaky.tries == 2
    assert flaky.seconds is not None
    assert flaky.seconds < starts[1] - starts[0] + 1
    assert "RuntimeError: not yet" in ran.log("flaky")


def test_skips_setup_and_teardown(run: Run) -> None:
    def make() -> DAG:
        from airflow.providers.standard.operators.bash import BashOperator
        from airflow.sdk import DAG, setup, task, teardown

        with DAG("skips", schedule=None) as dag:

            @setup
            def start() -> None: ...

            @teardown
            def stop() -> None: ...

            @task
            def after() -> None: ...

            @task.short_circuit
            def gate() -> bool:
                return False

            @task
            def behind() -> None: ...

            begin, end = start(), stop()
            begin >> BashOperator(task_id="skipped", bash_command="exit 99") >> after() >> end
            begin >> gate() >> behind() >> end
            begin >> end
        return dag

    ran = run(make)
    assert ran.states == {
        "start": "success",
        "skipped": "skipped",
        "after": "skipped",
        "gate": "success",
        "behind": "skipped",
        "stop": "success",
    }
    assert ran.result.state == "success"
    assert ran.told("skipped") == ["running", "skipped"]
    assert ran.told("behind") == ["skipped"]


def test_a_sensor_that_gives_its_slot_back(run: Run) -> None:
    pokes: list[float] = []

    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("sensor", schedule=None) as dag:

            @task.sensor(mode="reschedule", poke_interval=1, timeout=60)
            def ready() -> bool:
                pokes.append(time.monotonic())
                return len(pokes) == 2

            @task
            def after() -> None: ...

            ready() >> after()
        return dag

    ran = run(make)
    assert ran.states == {"ready": "success", "after": "success"}
    assert ran.told("ready") == ["running", "up_for_reschedule", "running", "success"]
    assert pokes[1] - pokes[0] >= 1
    assert ran.task("ready").tries == 1


def test_a_deferred_task_is_resumed_with_the_event(run: Run) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, BaseOperator

        class Deferring(BaseOperator):
            def execute(self, context: Any) -> Any:
                self.defer(trigger=Trigger(), method_name="resume")

            def resume(self, context: Any, event: Any) -> Any:
                print(f"resumed with {event}")

        with DAG("deferred", schedule=None) as dag:
            Deferring(task_id="deferring")
        return dag

    ran = run(make)
    assert ran.states == {"deferring": "success"}
    assert "resumed with ready" in ran.log("deferring")


class Trigger:
    """Made a trigger on first use, for this module is imported without Airflow."""

    def __new__(cls) -> Any:
        from airflow.triggers.base import BaseTrigger, TriggerEvent

        class AtOnce(BaseTrigger):
            def serialize(self) -> tuple[str, dict[str, Any]]:
                return "tests.integration.adapters.test_local_run.Trigger", {}

            async def run(self) -> AsyncIterator[TriggerEvent]:
                yield TriggerEvent("ready")

        return AtOnce()


def test_an_execution_timeout_fails_the_task(run: Run) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("timeout", schedule=None) as dag:

            @task(execution_timeout=timedelta(seconds=1))
            def slow() -> None:
                time.sleep(30)

            slow()
        return dag

    ran = run(make)
    assert ran.states == {"slow": "failed"}
    assert ran.result.seconds < 15
    assert "AirflowTaskTimeout" in ran.log("slow")


@pytest.mark.parametrize(
    "arguments",
    [
        {"schedule": "@daily", "start_date": datetime(2099, 1, 1, tzinfo=UTC)},
        {"schedule": "@hourly", "start_date": datetime(2020, 1, 1, tzinfo=UTC), "catchup": True},
        {"start_date": datetime(2020, 1, 1, tzinfo=UTC), "end_date": datetime(2020, 1, 2, tzinfo=UTC)},
        {"is_paused_upon_creation": True},
        {"default_args": {"depends_on_past": True, "wait_for_downstream": True}},
    ],
    ids=["future", "catchup", "past", "paused", "depends_on_past"],
)
def test_a_dag_runs_once_whatever_its_schedule_says(
    run: Run, arguments: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG(f"once_{request.node.callspec.id}", **arguments) as dag:  # noqa: AIR002  # it is in the arguments

            @task
            def only() -> None: ...

            only()
        return dag

    ran = run(make)
    assert ran.states == {"only": "success"}
    assert ran.told("only") == ["running", "success"]


def test_a_task_that_can_never_start_ends_the_run(run: Run) -> None:
    outcomes = iter([RuntimeError("the first time"), None])

    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("stuck", schedule=None) as dag:

            @task(depends_on_past=True)
            def chained() -> None:
                if error := next(outcomes):
                    raise error

            chained()
        return dag

    assert run(make).states == {"chained": "failed"}
    second = run(make)
    assert (second.result.state, second.result.deadlocked) == ("failed", True)
    assert second.states == {"chained": "no_status"}
    assert second.events == []


def test_date_id_and_conf_of_the_run(run: Run) -> None:
    seen: list[Any] = []

    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("options", schedule=None, params={"colour": "red"}) as dag:

            @task
            def show(ds: Any = None, run_id: Any = None, params: Any = None) -> None:
                seen.append((ds, run_id, params["colour"]))

            show()
        return dag

    options = {"logical_date": datetime(2024, 2, 29), "run_id": "by_hand", "conf": {"colour": "blue"}}  # noqa: DTZ001
    # The second run of the same date and id replaces the first.
    results = [run(make, **options).result for _ in range(2)]
    assert [(result.state, result.run_id) for result in results] == [("success", "by_hand")] * 2
    assert seen == [("2024-02-29", "by_hand", "blue")] * 2


def test_a_dag_that_airflow_refuses(run: Run) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("cyclic", schedule=None) as dag:

            @task
            def one() -> None: ...

            @task
            def two() -> None: ...

            first, second = one(), two()
            first >> second >> first
        return dag

    with pytest.raises(LocalRunError, match=r"airflow refuses to run the DAG 'cyclic': .*[Cc]ycle") as caught:
        run(make)
    assert caught.value.log_path is not None
    assert "Traceback" in caught.value.log_path.read_text()


def test_what_making_the_dag_raises_passes_through(run: Run) -> None:
    def make() -> DAG:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        run(make)


def test_the_source_file_may_be_no_python(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "rates.dag.yaml"
    source.write_text("tasks: {}\n")

    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("from_yaml", schedule=None) as dag:

            @task
            def only() -> None: ...

            only()
        dag.fileloc, dag.relative_fileloc = str(source), source.name
        return dag

    assert run(make).result.state == "success"


def test_a_second_home_in_one_process_is_refused(airflow_home: Home) -> None:
    import airflow.sdk  # noqa: F401

    with pytest.raises(LocalRunError, match="before airflow is imported"):
        prepare_home(airflow_home.options)


def test_no_tasks(airflow_home: Home) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG

        return DAG("empty", schedule=None)

    events: list[TaskEvent] = []
    result = run_dag(make, airflow_home, on_event=events.append)
    assert (result.state, result.tasks, result.deadlocked) == ("success", (), False)
    assert events == []
