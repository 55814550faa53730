"""DAG arguments from data, what a DAG says of its file, and what must not become a DAG."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, AssetAll, TaskGroup
from airflow.sdk.definitions._internal.contextmanager import DagContext

from dagwright.model import AssetCondition, DagFactory, OperatorFactory, Schedule
from dagwright.model.fields import ProjectFolder
from dagwright.render import RenderError, compat, render_dag
from tests.integration.render.loaded_files import from_file


class One(OperatorFactory):
    def make_operator(self) -> Any:
        return EmptyOperator(task_id=self.task_id)


class Dag(DagFactory):
    """A DAG of one task."""

    tasks: dict[str, OperatorFactory] = {"a": One()}


def stored(factory: Any) -> dict[str, Any]:
    return compat.serialized(factory.make_dag())


def refused(factory: Any) -> Any:
    with pytest.raises(RenderError) as error:
        render_dag(factory)
    (found,) = error.value.diagnostics
    return found


# -- arguments ----------------------------------------------------------------------------------------


def test_what_the_data_does_not_say_is_left_to_airflow():
    with DAG("plain", schedule=None) as plain:
        EmptyOperator(task_id="a")

    expected = compat.serialized(plain)
    assert stored(Dag(dag_id="plain")) == expected


def test_every_argument_reaches_airflow():
    factory = Dag(
        dag_id="all",
        description="One line",
        owner="us",
        schedule="@daily",
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        end_date=datetime(2030, 1, 1, tzinfo=UTC),
        catchup=True,
        task_args={"retries": 2, "owner": "them"},
        tags=["b", "a"],
        params={"n": {"default": 3, "type": "integer"}, "day": "today"},
        doc_md="# Doc",
        dag_display_name="All",
        template_searchpath=[ProjectFolder("/templates")],
        render_template_as_native_obj=True,
        jinja_environment_kwargs={"keep_trailing_newline": True},
        max_active_tasks=3,
        max_active_runs=2,
        max_consecutive_failed_dag_runs=4,
        dagrun_timeout=timedelta(hours=1),
        fail_fast=True,
        is_paused_upon_creation=False,
        auto_register=False,
        owner_links={"us": "https://example.com"},
        disable_bundle_versioning=True,
    )
    dag = factory.make_dag()

    assert (dag.description, dag.doc_md, dag.dag_display_name) == ("One line", "# Doc", "All")
    assert dag.default_args == {"retries": 2, "owner": "them"}
    assert (dag.start_date, dag.end_date, dag.catchup) == (factory.start_date, factory.end_date, True)
    assert dag.tags == {"a", "b"}
    assert dag.params.dump() == {"n": 3, "day": "today"}
    assert list(dag.template_searchpath or ()) == ["/templates"]
    assert dag.render_template_as_native_obj is True
    assert dag.jinja_environment_kwargs == {"keep_trailing_newline": True}
    assert (dag.max_active_tasks, dag.max_active_runs, dag.max_consecutive_failed_dag_runs) == (3, 2, 4)
    assert (dag.dagrun_timeout, dag.fail_fast, dag.is_paused_upon_creation) == (timedelta(hours=1), True, False)
    assert (dag.auto_register, dag.owner_links) == (False, {"us": "https://example.com"})
    assert dag.disable_bundle_versioning is True


@pytest.mark.skipif("allowed_run_types" not in compat.dag_arguments(), reason="Airflow has it from 3.2 on")
def test_the_kinds_of_runs_reach_airflow():
    dag: Any = Dag(dag_id="l", allowed_run_types=["manual", "scheduled"]).make_dag()

    assert sorted(each.value for each in dag.allowed_run_types) == ["manual", "scheduled"]


@pytest.mark.skipif("rerun_with_latest_version" not in compat.dag_arguments(), reason="Airflow has it from 3.3 on")
def test_the_version_of_reruns_reaches_airflow():
    dag: Any = Dag(dag_id="l", rerun_with_latest_version=True).make_dag()

    assert dag.rerun_with_latest_version is True


def test_the_owner_is_the_owner_of_every_task():
    assert Dag(dag_id="owner", owner="us").make_dag().get_task("a").owner == "us"


def timetable(schedule: Any, **arguments: Any) -> Any:
    return stored(Dag(dag_id="s", schedule=schedule, **arguments))["timetable"]


def plain_timetable(schedule: Any, **arguments: Any) -> Any:
    with DAG("s", schedule=schedule, **arguments) as dag:
        EmptyOperator(task_id="a")
    return compat.serialized(dag)["timetable"]


def test_schedules_are_those_of_plain_airflow():
    berlin = datetime(2024, 1, 1, tzinfo=__import__("pendulum").timezone("Europe/Berlin"))
    one, two = Asset("s3://lake/one"), Asset("s3://lake/two")

    assert timetable("@daily") == plain_timetable("@daily")
    assert timetable("@once") == plain_timetable("@once")
    assert timetable(Schedule(cron="5 4 * * *")) == plain_timetable("5 4 * * *")
    assert timetable(Schedule(cron="5 4 * * *", timezone="Europe/Berlin")) == plain_timetable(
        "5 4 * * *", start_date=berlin
    )
    assert timetable(Schedule(every=timedelta(minutes=30))) == plain_timetable(timedelta(minutes=30))
    assert timetable(Schedule(assets=["s3://lake/one", "s3://lake/two"])) == plain_timetable([one, two])
    assert timetable(Schedule(assets=AssetCondition(any=["s3://lake/one", "s3://lake/two"]))) == plain_timetable(
        one | two
    )
    assert timetable(
        Schedule(assets=AssetCondition(any=["s3://lake/one", AssetCondition(all=["s3://lake/two"])]))
    ) == plain_timetable(one | AssetAll(two))


def test_assets_and_time_run_in_the_dag_s_time_zone():
    found = timetable(Schedule(cron="5 4 * * *", timezone="Europe/Berlin", assets=["s3://lake/one"]))

    assert found["__type"].endswith("AssetOrTimeSchedule")
    assert found["__var"]["timetable"] == timetable(Schedule(cron="5 4 * * *", timezone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("every morning", "'every morning' is no cron expression or preset"),
        ("@dayly", "'@dayly' is no cron expression or preset"),
        ("61 * * * *", "'61 * * * *' is no cron expression or preset"),
        (Schedule(cron="61 * * * *"), "'61 * * * *' is no cron expression or preset"),
        (Schedule(cron="@daily", timezone="Europe/Berlni"), "there is no time zone 'Europe/Berlni'"),
        (Schedule(cron="@daily", timezone="../x"), "there is no time zone '../x'"),
    ],
)
def test_a_schedule_that_airflow_refuses(schedule, message):
    found = refused(Dag(dag_id="s", schedule=schedule))

    assert found.code == "DW506"
    assert message in found.message


def test_arguments_that_airflow_refuses():
    found = refused(Dag(dag_id="x", owner_links={"us": "not a link"}))

    assert found.code == "DW506"
    assert "owner" in found.message


def test_an_argument_that_this_airflow_lacks(monkeypatch):
    monkeypatch.setattr(compat, "dag_arguments", lambda: frozenset({"dag_id"}))

    found = refused(Dag(dag_id="x", catchup=False))

    assert found.code == "DW506"
    assert found.message == f"Airflow {compat.airflow_version()} has no DAG argument 'catchup'"


def test_a_dag_of_python_code_needs_an_id():
    assert refused(Dag()).code == "DW506"


# -- the file behind a DAG ----------------------------------------------------------------------------


def test_a_dag_from_a_file_knows_it(tmp_path):
    dag = render_dag(from_file(Dag(description="Rates of the day."), root=tmp_path))

    assert dag.dag_id == "rates"
    assert dag.fileloc == str(tmp_path / "dags" / "rates.dag.yaml")
    assert dag.relative_fileloc is None
    assert dag.doc_md == "Rates of the day.\n\n*dagwright digest 0123456789abcdef*"
    assert list(dag.template_searchpath or ()) == [str(tmp_path / "dags"), str(tmp_path)]


def test_the_place_of_the_project_is_not_stored(tmp_path):
    def storable(folder: str) -> dict[str, Any]:
        found = compat.serialized(render_dag(from_file(Dag(), root=tmp_path / folder)))
        del found["fileloc"]  # Airflow leaves it out of the version hash, too
        return found

    assert storable("one") == storable("two")


def test_a_dag_of_python_code_is_found_in_its_file():
    assert Dag(dag_id="here").make_dag().fileloc == __file__


# -- what must not become a DAG -----------------------------------------------------------------------


class Empty(DagFactory):
    """No task."""


def test_a_dag_without_a_task_is_an_error():
    found = refused(Empty(dag_id="empty"))

    assert (found.code, found.message) == ("DW502", "empty makes no task")


class Circle(DagFactory):
    tasks: list[OperatorFactory]

    def make_tasks(self) -> None:
        first, second, third = (each.make_operator() for each in self.tasks)
        first >> second >> third >> first


def test_a_circle_of_tasks_is_shown():
    tasks: list[OperatorFactory] = [One(name="b"), One(name="a"), One(name="c")]
    found = refused(from_file(Circle(tasks=tasks), places={"tasks.a": (tasks[1], "a")}))

    assert found.code == "DW303"
    assert found.message == "tasks wait for each other in a circle: a → c → b → a"
    assert (str(found.span), found.path) == ("dags/rates.dag.yaml:1:2", "tasks.a")


class GroupCircle(DagFactory):
    def make_tasks(self) -> None:
        with TaskGroup("outer"):
            with TaskGroup("g"):
                a, c = EmptyOperator(task_id="a"), EmptyOperator(task_id="c")
            with TaskGroup("h"):
                b = EmptyOperator(task_id="b")
        a >> b >> c


def test_a_circle_of_groups_is_shown():
    found = refused(GroupCircle(dag_id="groups"))

    assert found.code == "DW507"
    assert found.message == "TaskGroups wait for each other in a circle: outer.g → outer.h → outer.g"


class AcrossGroups(DagFactory):
    def make_tasks(self) -> None:
        with TaskGroup("g"):
            a = EmptyOperator(task_id="a")
        with TaskGroup("h"):
            b = EmptyOperator(task_id="b")
        a >> b >> a


def test_a_circle_of_tasks_in_groups_is_one_of_tasks():
    found = refused(AcrossGroups(dag_id="across"))

    assert (found.code, found.message) == ("DW303", "tasks wait for each other in a circle: g.a → h.b → g.a")


class Diamond(DagFactory):
    def make_tasks(self) -> None:
        with TaskGroup("g") as g:
            a = EmptyOperator(task_id="a")
            a >> [EmptyOperator(task_id="b"), EmptyOperator(task_id="c")] >> EmptyOperator(task_id="d")
        g >> EmptyOperator(task_id="e")


def test_a_diamond_is_no_circle():
    assert len(Diamond(dag_id="diamond").make_dag().tasks) == 5


class Half(DagFactory):
    fails: bool

    def make_tasks(self) -> None:
        EmptyOperator(task_id="half")
        if self.fails:
            raise ValueError("no more")


@pytest.mark.parametrize("fails", [False, True])
def test_only_a_whole_dag_is_registered(monkeypatch, fails):
    monkeypatch.setattr(DagContext, "autoregistered_dags", set())
    monkeypatch.setattr(DagContext, "current_autoregister_module_name", __name__)
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("types").ModuleType(__name__))

    try:
        Half(dag_id="half", fails=fails).make_dag()
    except RenderError:
        assert fails

    assert [dag.dag_id for dag, _ in DagContext.autoregistered_dags] == ([] if fails else ["half"])
    assert DagContext.get_current() is None


def test_a_circle_is_not_registered(monkeypatch):
    monkeypatch.setattr(DagContext, "autoregistered_dags", set())
    monkeypatch.setattr(DagContext, "current_autoregister_module_name", "sys")

    refused(AcrossGroups(dag_id="across"))

    assert not DagContext.autoregistered_dags


# -- classes that make their DAG themselves -----------------------------------------------------------


@dataclasses.dataclass
class PlainTask:
    name: str

    def make_operator(self) -> Any:
        return EmptyOperator(task_id=self.name)


@dataclasses.dataclass
class PlainDag:
    tasks: list[Any]
    result: str = "dag"

    def make_dag(self) -> Any:
        with DAG("plain", schedule=None, doc_md="Mine") as dag:
            for each in self.tasks:
                each.make_operator()
        return dag if self.result == "dag" else None


def test_a_plain_root_makes_its_dag_and_knows_its_file(tmp_path):
    dag = render_dag(from_file(PlainDag([PlainTask("a"), One(name="b")]), root=tmp_path))

    assert list(dag.task_dict) == ["a", "b"]
    assert dag.doc_md == "Mine\n\n*dagwright digest 0123456789abcdef*"
    assert dag.fileloc == str(tmp_path / "dags" / "rates.dag.yaml")
    assert list(dag.template_searchpath or ()) == [str(tmp_path / "dags"), str(tmp_path)]


def test_a_plain_root_that_makes_no_dag_is_an_error():
    found = refused(PlainDag([PlainTask("a")], result="nothing"))

    assert (found.code, found.message) == ("DW502", "make_dag of plain_dag returns nothing, not a DAG")


class Tagged(Dag):
    def make_dag(self) -> Any:
        dag = super().make_dag()
        dag.tags.add("mine")
        return dag


def test_a_dag_factory_may_change_what_its_base_makes():
    assert render_dag(Tagged(dag_id="tagged")).tags == {"mine"}
    assert Tagged(dag_id="tagged").make_dag().tags == {"mine"}
