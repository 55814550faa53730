"""Every way of wiring a factory gives the edges of the same DAG written by hand in plain Airflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Label, TaskGroup, chain, cross_downstream, task

from dagwright.model import DagFactory, OperatorFactory
from dagwright.model import chain as our_chain


class One(OperatorFactory):
    """One operator."""

    def make_operator(self) -> Any:
        return EmptyOperator(task_id=self.task_id)


class Two(OperatorFactory):
    """Two operators."""

    def make_operators(self) -> None:
        One(name="first") >> One(name="second")


class Own(OperatorFactory):
    """A TaskGroup of its own."""

    def make_operator(self) -> Any:
        with TaskGroup(self.task_id) as group:
            EmptyOperator(task_id="first") >> EmptyOperator(task_id="second")
        return group


class Decorated(OperatorFactory):
    """An XComArg."""

    def make_operator(self) -> Any:
        @task(task_id=self.task_id)
        def work() -> int:
            return 1

        return work()


class Kafka(OperatorFactory):
    """Has a field that Airflow would take for the id of a TaskGroup."""

    group_id: str

    def make_operators(self) -> None:
        One(name="first") >> One(name="second")


class Things(NamedTuple):
    """What a way of wiring gets: factories, or the same made by hand."""

    one: Any
    two: Any
    own: Any
    decorated: Any
    other_one: Any
    other_two: Any
    op: Any
    group: Any


def by_factories() -> Things:
    return Things(
        One(name="one"),
        Two(name="two"),
        Own(name="own"),
        Decorated(name="decorated"),
        One(name="other_one"),
        Two(name="other_two"),
        *neighbours(),
    )


def by_hand() -> Things:
    def group(name: str) -> Any:
        with TaskGroup(name) as made:
            EmptyOperator(task_id="first") >> EmptyOperator(task_id="second")
        return made

    @task(task_id="decorated")
    def work() -> int:
        return 1

    return Things(
        EmptyOperator(task_id="one"),
        group("two"),
        group("own"),
        work(),
        EmptyOperator(task_id="other_one"),
        group("other_two"),
        *neighbours(),
    )


def neighbours() -> tuple[Any, Any]:
    with TaskGroup("group") as group:
        EmptyOperator(task_id="a")
        EmptyOperator(task_id="b")
    return EmptyOperator(task_id="op"), group


def edges(dag: DAG) -> dict[str, Any]:
    """Return all that Airflow knows of edges, for what was touched."""
    found: dict[str, Any] = {"labels": dag.edge_info}
    for task_id, each in dag.task_dict.items():
        found[task_id] = (each.upstream_task_ids, each.downstream_task_ids)
    for group_id, group in dag.task_group.get_task_group_dict().items():
        found[f"group {group_id}"] = (
            group.upstream_group_ids,
            group.downstream_group_ids,
            group.upstream_task_ids,
            group.downstream_task_ids,
        )
    return found


def in_dag(make: Callable[[], Things], wire: Callable[[Things], Any]) -> dict[str, Any]:
    with DAG("wiring", schedule=None) as dag:
        things = make()
        wire(things)
        for thing in things:
            our_chain(thing)  # makes what was not touched
    return edges(dag)


WAYS: dict[str, Callable[[Things], Any]] = {
    "factory >> operator": lambda t: t.one >> t.op,
    "operator >> factory": lambda t: t.op >> t.one,
    "factory << operator": lambda t: t.one << t.op,
    "operator << factory": lambda t: t.op << t.one,
    "factory >> factory": lambda t: t.one >> t.other_one,
    "factory of a group >> operator": lambda t: t.two >> t.op,
    "operator >> factory of a group": lambda t: t.op >> t.two,
    "operator << factory of a group": lambda t: t.op << t.two,
    "group >> factory": lambda t: t.group >> t.one,
    "group << factory": lambda t: t.group << t.one,
    "factory >> group": lambda t: t.one >> t.group,
    "group >> factory of a group": lambda t: t.group >> t.two,
    "group << factory of a group": lambda t: t.group << t.two,
    "factory of a group >> group": lambda t: t.two >> t.group,
    "factory of a group << group": lambda t: t.two << t.group,
    "factories of groups": lambda t: t.two >> t.other_two,
    "group >> factory that makes its own group": lambda t: t.group >> t.own,
    "own group << group": lambda t: t.own << t.group,
    "xcom >> operator": lambda t: t.decorated >> t.op,
    "operator >> xcom": lambda t: t.op >> t.decorated,
    "group >> xcom": lambda t: t.group >> t.decorated,
    "xcom >> group": lambda t: t.decorated >> t.group,
    "list >> factory": lambda t: [t.op, t.other_one, t.two] >> t.one,
    "factory >> list": lambda t: t.one >> [t.op, t.other_one, t.two],
    "list << factory": lambda t: [t.op, t.other_one] << t.one,
    "factory << list": lambda t: t.one << [t.op, t.other_one],
    "list of factories >> operator": lambda t: [t.one, t.two] >> t.op,
    "operator >> list of factories": lambda t: t.op >> [t.one, t.two],
    "group >> list of factories": lambda t: t.group >> [t.one, t.two],
    "long line": lambda t: t.one >> t.op >> t.two >> t.group >> t.own >> t.decorated,
    "factory >> label >> operator": lambda t: t.one >> Label("x") >> t.op,
    "operator >> label >> factory": lambda t: t.op >> Label("x") >> t.one,
    "operator << label << factory": lambda t: t.op << Label("x") << t.one,
    "factory >> label >> factory": lambda t: t.one >> Label("x") >> t.other_one,
    "label >> factory of a group": lambda t: t.op >> Label("x") >> t.two,
    "factory of a group >> label >> group": lambda t: t.two >> Label("x") >> t.group,
    "group >> label >> factory of a group": lambda t: t.group >> Label("x") >> t.two,
    "label >> list": lambda t: t.op >> Label("x") >> [t.one, t.other_one],
    "label >> xcom": lambda t: t.op >> Label("x") >> t.decorated,
    "set_upstream": lambda t: t.one.set_upstream([t.op, t.two]),
    "set_downstream": lambda t: t.op.set_downstream([t.one, t.two]),
    "airflow's chain": lambda t: chain(t.op, t.one, [t.two, t.other_one]),
    "airflow's chain of factories": lambda t: chain(t.one, t.two, t.own, t.decorated),
    "airflow's chain of lists": lambda t: chain([t.one, t.two], [t.other_one, t.other_two], t.op),
    "airflow's chain with labels": lambda t: chain(t.op, [Label("x"), Label("y")], [t.one, t.other_one]),
    "airflow's cross_downstream": lambda t: cross_downstream([t.one, t.op], [t.two, t.other_one]),
}


@pytest.mark.parametrize("way", WAYS)
def test_edges_are_those_of_plain_airflow(way):
    def wire(things: Things) -> None:
        WAYS[way](things)

    by_plain_airflow = in_dag(by_hand, wire)
    touched_last = in_dag(by_factories, wire)

    assert any(any(each) for name, each in by_plain_airflow.items() if name != "labels")
    assert touched_last == by_plain_airflow


def test_our_chain_joins_everything_with_everything():
    def ours(things: Things) -> None:
        our_chain([], things.op, None, {"a": things.one, "b": [things.two, []]}, [[], None], [things.other_one])

    def plain(things: Things) -> None:
        things.op >> [things.one, things.two]
        [things.one, things.two] >> things.other_one

    assert in_dag(by_factories, ours) == in_dag(by_hand, plain)


def test_our_chain_takes_labels():
    def ours(things: Things) -> None:
        our_chain(things.op, Label("x"), [things.one, things.other_one], Label("y"), [])

    with DAG("labels", schedule=None) as dag:
        ours(by_factories())

    assert dag.edge_info == {"op": {"one": {"label": "x"}, "other_one": {"label": "x"}}}


def test_our_chain_refuses_a_label_among_others():
    with DAG("labels", schedule=None), pytest.raises(TypeError, match="between two stages"):
        our_chain(One(name="a"), [Label("x"), One(name="b")], One(name="c"))


def test_a_field_called_as_airflow_would_ask_keeps_its_value_and_the_edges():
    with DAG("kafka", schedule=None) as dag:
        _, group = neighbours()
        consume = Kafka(name="consume", group_id="rates-consumers")
        group >> consume

    assert consume.group_id == "rates-consumers"
    assert dag.get_task("consume.first").upstream_task_ids == {"group.a", "group.b"}
    assert dag.task_group.get_task_group_dict()["group"].downstream_group_ids == set()


def test_factories_in_a_group_block_belong_to_it():
    with DAG("inside", schedule=None) as dag:
        one, two = One(name="one"), One(name="two")
        with TaskGroup("stage"):
            one >> two

    assert list(dag.task_dict) == ["stage.one", "stage.two"]


def test_only_airflow_s_wiring_takes_a_factory_for_what_it_makes():
    with DAG("identity", schedule=None) as dag:
        one = One(name="one")

        assert one.__class__ is One
        assert isinstance(one, OperatorFactory)
        assert not isinstance(one, EmptyOperator)
        assert repr(one).startswith("One(")
        assert dag.task_dict == {}


class Stages(DagFactory):
    first: list[OperatorFactory]
    middle: list[OperatorFactory] = []
    last: dict[str, OperatorFactory]

    def make_tasks(self) -> None:
        our_chain(self.first, self.middle, self.last)


def test_an_absent_stage_does_not_cut_the_chain():
    dag = Stages(dag_id="stages", first=[One(name="a"), Two(name="b")], last={"c": One(), "d": Two()}).make_dag()

    assert dag.get_task("c").upstream_task_ids == {"a", "b.second"}
    assert dag.get_task("d.first").upstream_task_ids == {"a", "b.second"}
    assert dag.task_group.get_task_group_dict()["b"].downstream_group_ids == {"d"}
