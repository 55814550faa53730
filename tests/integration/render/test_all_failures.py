"""One run says everything that is wrong with a DAG, and nothing that only follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Label, TaskGroup
from airflow.sdk import chain as airflow_chain
from airflow.sdk.definitions._internal.contextmanager import DagContext

from dagwright.model import DagFactory, OperatorFactory, chain
from dagwright.model.problems import FactoryError
from dagwright.render import RenderError, render_dag
from tests.integration.render.loaded_files import from_file


class Fine(OperatorFactory):
    def make_operator(self) -> Any:
        return EmptyOperator(task_id=self.task_id)


class Fails(OperatorFactory):
    """Cannot be made."""

    def make_operator(self) -> Any:
        raise FactoryError(f"'{self.task_id}' cannot be made")


class FailsHalfWay(OperatorFactory):
    """Makes the first, then stops."""

    first: OperatorFactory
    second: OperatorFactory

    def make_operators(self) -> None:
        self.first.make_operator()
        raise FactoryError(f"'{self.task_id}' cannot be made")


class Both(OperatorFactory):
    """Two factories, the second after the first."""

    first: OperatorFactory
    second: OperatorFactory

    def make_operators(self) -> None:
        self.first >> self.second


class Tasks(DagFactory):
    tasks: dict[str, OperatorFactory] = {}


def problems(factory: Any) -> list[tuple[str, str]]:
    with pytest.raises(RenderError) as error:
        factory.make_dag()
    return [(found.message, found.path) for found in error.value.diagnostics]


def failed(*names: str, before: str = "tasks.") -> list[tuple[str, str]]:
    return [(f"'{name.rpartition('.')[2]}' cannot be made", f"{before}{name}") for name in names]


def test_every_factory_that_fails_is_named():
    tasks = {"a": Fails(), "b": Fine(), "c": Both(first=Fails(), second=Fails()), "d": Fails()}

    assert problems(Tasks(dag_id="all", tasks=tasks)) == failed("a", "c.first", "c.second", "d")


def test_what_a_failed_group_did_not_come_to_is_not_reported():
    tasks = {"a": FailsHalfWay(first=Fails(), second=Fine()), "b": Fine(depends_on=["a"])}

    assert problems(Tasks(dag_id="half", tasks=tasks)) == failed("a.first", "a")


def test_who_waits_for_a_failed_factory_has_no_problem():
    tasks = {"late": Fine(depends_on=["a"]), "a": Fails(depends_on=["first"]), "first": Fine()}

    assert problems(Tasks(dag_id="waits", tasks=tasks)) == failed("a")


def test_unknown_dependencies_are_said_of_each():
    tasks = {"a": Fine(depends_on=["x"]), "b": Fails(depends_on=["y", "z"])}

    found = problems(Tasks(dag_id="nothing", tasks=tasks))

    assert sorted(path for _, path in found) == ["tasks.a", "tasks.b", "tasks.b", "tasks.b"]


class Wired(DagFactory):
    """Every way of wiring against what cannot be made."""

    bad: OperatorFactory
    worse: OperatorFactory
    good: OperatorFactory
    group: OperatorFactory
    way: int

    def make_tasks(self) -> None:
        op = EmptyOperator(task_id="op")
        with TaskGroup("mine") as mine:
            EmptyOperator(task_id="x")
        bad: Any = self.bad
        worse: Any = self.worse
        good, group = self.good, self.group
        ways: list[Any] = [
            lambda: (bad >> worse, worse << good),
            lambda: (op >> bad >> op, op << worse),
            lambda: (mine >> bad >> group, mine << worse),
            lambda: ([op, good] >> bad, bad >> [op, worse]),
            lambda: (op >> Label("x") >> bad, bad >> Label("y") >> worse, mine >> Label("z") >> bad),
            lambda: chain(op, Label("x"), [bad, good], [worse], group),
            lambda: airflow_chain(op, bad, Label("x"), worse, mine),
            lambda: bad.make_operator() >> worse.make_operator(),
        ]
        ways[self.way]()
        chain(bad, worse, good, group)


@pytest.mark.parametrize("way", range(8))
def test_wiring_against_what_is_not_made_does_nothing(way):
    wired = Wired(dag_id="w", bad=Fails(), worse=Fails(), good=Fine(), group=Both(first=Fine(), second=Fine()), way=way)

    assert sorted(problems(wired)) == failed("bad", "worse", before="")


class Looks(DagFactory):
    """Wants to know something of what is made."""

    source: OperatorFactory
    reader: OperatorFactory
    others: list[OperatorFactory] = []

    def make_tasks(self) -> None:
        BashOperator(task_id="x", bash_command=self.source.make_operator().output)
        chain(self.reader, self.others)


def test_who_stumbles_over_what_is_not_made_has_no_problem_and_hides_none():
    looks = Looks(dag_id="looks", source=Fails(), reader=Fails(), others=[Fine(name="a"), Fails(name="b")])

    found = problems(looks)

    assert found == [*failed("source", "reader", before=""), ("'b' cannot be made", "others[1]")]


class Sums(OperatorFactory):
    """Hands what is made to an operator that does not want it."""

    source: OperatorFactory

    def make_operators(self) -> None:
        raise TypeError(f"{self.source.make_operator()} is no text")


def test_an_empty_group_and_an_exception_that_follow_are_not_reported():
    tasks = {"a": Both(first=Fails(), second=Fails()), "b": Sums(source=Fails()), "c": Sums(source=Fine())}

    *first, (last, _) = problems(Tasks(dag_id="follow", tasks=tasks))

    assert first == failed("a.first", "a.second", "b.source")
    assert last.startswith("sums raises TypeError: ")


class Forgets(DagFactory):
    tasks: list[OperatorFactory]

    def make_tasks(self) -> None:
        self.tasks[0].make_operator()


def test_everything_that_is_never_made_is_named():
    found = problems(Forgets(dag_id="forgets", tasks=[Fails(name="a"), Fine(name="b"), Fine(name="c")]))

    assert [message for message, _ in found] == [
        "'a' cannot be made",
        "fine 'tasks[1]' is never made by forgets",
        "fine 'tasks[2]' is never made by forgets",
    ]


def test_what_is_wrong_with_the_dag_hides_no_task():
    found = problems(Tasks(dag_id="bad", schedule="every day", tasks={"a": Fails()}))

    assert [path for _, path in found] == ["", "tasks.a"]
    assert found[0][0].startswith("Airflow refuses the schedule: 'every day'")


class Circular(DagFactory):
    bad: OperatorFactory

    def make_tasks(self) -> None:
        a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        a >> b >> a
        self.bad.make_operator()


def test_a_circle_is_found_beside_them():
    assert problems(Circular(dag_id="circle", bad=Fails())) == [
        *failed("bad", before=""),
        ("tasks wait for each other in a circle: a → b → a", ""),
    ]


def test_they_stand_in_the_order_of_the_data():
    a, b = Fails(), Fails()
    root = from_file(Tasks(tasks={"b": b, "a": a}), places={"tasks.a": (a, "a"), "tasks.b": (b, "b")})

    assert problems(root) == failed("a", "b")


def test_nothing_of_a_dag_with_a_failure_is_registered(monkeypatch):
    monkeypatch.setattr(DagContext, "autoregistered_dags", set())
    monkeypatch.setattr(DagContext, "current_autoregister_module_name", "sys")

    problems(Tasks(dag_id="bad", schedule="every day", tasks={"a": Fails(), "b": Fine()}))

    assert not DagContext.autoregistered_dags
    assert DagContext.get_current() is None


def test_a_hand_written_dag_stops_at_the_first():
    with DAG("hand", schedule=None), pytest.raises(FactoryError, match="'first' cannot be made"):
        Both(name="both", first=Fails(), second=Fails()).make_operators()


def test_a_rendered_dag_that_is_continued_by_hand_stops_at_the_first():
    with Tasks(dag_id="continued", tasks={"a": Fine()}).make_dag(), pytest.raises(FactoryError, match="'b' cannot"):
        Fails(name="b").make_operator()


def test_one_failure_makes_a_second_rendering_no_worse():
    root = Tasks(dag_id="twice", tasks={"a": Fails()})

    assert problems(root) == problems(root)
    assert render_dag(Tasks(dag_id="twice", tasks={"a": Fine()})).task_ids == ["a"]
