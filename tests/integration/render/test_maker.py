"""Each factory is made once, by whoever touches it first, and nothing is left out."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TaskGroup, chain

from dagwright.diagnostics import DagwrightError
from dagwright.model import Component, DagFactory, OperatorFactory, operator_factory
from dagwright.render import RenderError, compat, maker_of_current_dag


class Job(OperatorFactory):
    """Run a command.

    With details.
    """

    command: str = "true"

    def make_operator(self) -> Any:
        return BashOperator(task_id=self.task_id, bash_command=self.command)


class Pair(OperatorFactory):
    """Two jobs that look like one.

    See README.md"""

    first: Job
    others: list[Job] = []

    def make_operators(self) -> None:
        self.first >> Job(name="last")
        for other in self.others:
            other.make_operator()


class Undocumented(OperatorFactory):
    def make_operators(self) -> None:
        EmptyOperator(task_id="only")


class Tasks(DagFactory):
    tasks: dict[str, OperatorFactory] = {}
    more: list[OperatorFactory] = []


class Wired(Tasks):
    """Touches nothing."""

    def make_tasks(self) -> None:
        pass


def diagnostic(error: pytest.ExceptionInfo[RenderError]) -> Any:
    (found,) = error.value.diagnostics
    return found


def ids(dag: DAG) -> list[str]:
    return list(dag.task_dict)


def test_calling_the_other_method_by_hand_gives_the_same():
    with DAG("hand", schedule=None) as dag:
        pair = Pair(name="pair", first=Job())
        assert pair.make_operator() is dag.task_group.get_task_group_dict()["pair"]
        job = Job(name="job")
        job.make_operators()

    assert ids(dag) == ["pair.first", "pair.last", "job"]


# -- making once --------------------------------------------------------------------------------------


def test_two_factories_become_a_dag():
    dag = Tasks(dag_id="two", tasks={"a": Job(), "b": Job(depends_on=["a"])}).make_dag()

    assert ids(dag) == ["a", "b"]
    assert dag.get_task("b").upstream_task_ids == {"a"}


def test_several_operators_become_a_group_with_the_docstring():
    dag = Tasks(dag_id="group", tasks={"p": Pair(first=Job(), others=[Job(name="x")])}).make_dag()

    assert ids(dag) == ["p.first", "p.last", "p.x"]
    group = dag.task_group.get_task_group_dict()["p"]
    assert group.tooltip == "Two jobs that look like one."
    if "doc_md" in compat.group_arguments():  # from Airflow 3.2 on
        assert group.doc_md == "Two jobs that look like one.\n\nSee README.md\n"


class Explained(OperatorFactory):
    """Two jobs
    that look like one.

    Args:
        first: runs first.

            It does.

    They never fail.

    Attributes:
        first: runs first.
    Example:
        ```yaml
        type: explained
        ```

    Attributes: are no section where a text follows.
    """

    def make_operators(self) -> None:
        Job(name="only").make_operator()


class Terse(OperatorFactory):
    """
    Attributes:
        name: all that there is to say.
    """

    def make_operators(self) -> None:
        Job(name="only").make_operator()


@pytest.mark.parametrize(
    ("factory", "tooltip", "doc"),
    [
        (
            Explained(),
            "Two jobs that look like one.",
            "Two jobs\nthat look like one.\n\nThey never fail.\n\nAttributes: are no section where a text follows.",
        ),
        (Terse(), "", None),
    ],
    ids=["explained", "terse"],
)
def test_sections_for_authors_of_data_are_not_shown_in_the_graph(factory, tooltip, doc):
    group = Tasks(dag_id="group", tasks={"p": factory}).make_dag().task_group.get_task_group_dict()["p"]

    assert group.tooltip == tooltip
    if "doc_md" in compat.group_arguments():
        assert group.doc_md == doc


def test_a_class_without_a_docstring_has_no_tooltip():
    dag = Tasks(dag_id="group", tasks={"p": Undocumented()}).make_dag()

    group = dag.task_group.get_task_group_dict()["p"]
    assert (group.tooltip, getattr(group, "doc_md", None)) == ("", None)


class Often(DagFactory):
    job: Job

    def make_tasks(self) -> None:
        made = self.job.make_operator()
        assert self.job.make_operator() is made
        self.job >> EmptyOperator(task_id="after")
        assert self.job.leaves == [made]


def test_however_often_a_factory_is_called_or_wired_it_is_made_once():
    assert ids(Often(dag_id="often", job=Job()).make_dag()) == ["job", "after"]


def test_a_factory_is_made_anew_in_another_dag():
    factory = Tasks(dag_id="again", tasks={"a": Job()})

    first, second = factory.make_dag(), factory.make_dag()

    assert first is not second
    assert ids(first) == ids(second) == ["a"]
    assert first.get_task("a") is not second.get_task("a")


class Backwards(DagFactory):
    pair: Pair

    def make_tasks(self) -> None:
        before = EmptyOperator(task_id="before")
        before >> self.pair.others[0]


def test_the_owner_of_a_touched_factory_is_made_first():
    dag = Backwards(dag_id="backwards", pair=Pair(first=Job(), others=[Job(name="x")])).make_dag()

    assert ids(dag) == ["before", "pair.first", "pair.last", "pair.x"]
    assert dag.get_task("pair.x").upstream_task_ids == {"before"}


class Louder(Job):
    def make_operator(self) -> Any:
        made = super().make_operator()
        made.doc_md = "loud"
        return made


def test_a_subclass_calls_the_making_function_of_its_base():
    dag = Tasks(dag_id="louder", tasks={"a": Louder()}).make_dag()

    assert dag.get_task("a").doc_md == "loud"


class Both(OperatorFactory):
    def make_operators(self) -> None:
        EmptyOperator(task_id="inner")

    def make_operator(self) -> Any:
        with TaskGroup("mine") as group:
            self.make_operators()
        return group


def test_a_class_with_both_methods_calls_one_from_the_other():
    assert ids(Tasks(dag_id="both", tasks={"a": Both()}).make_dag()) == ["mine.inner"]


class Selfish(OperatorFactory):
    def make_operator(self) -> Any:
        return self.make_operator()


class Circular(OperatorFactory):
    def make_operators(self) -> None:
        EmptyOperator(task_id="x") >> self


@pytest.mark.parametrize("factory", [Selfish(), Circular()])
def test_a_factory_that_waits_for_itself_is_an_error(factory):
    with pytest.raises(RenderError) as error:
        Tasks(dag_id="selfish", tasks={"a": factory}).make_dag()

    assert diagnostic(error).code == "DW501"
    assert "makes itself" in diagnostic(error).message


@operator_factory
def say(name: str, text: str = "hello"):
    return BashOperator(task_id=name, bash_command=f"echo {text}")


def test_function_factories_are_made():
    later = say(name="b", text="bye", depends_on=["a"])  # type: ignore[call-arg]  # fields of the function
    dag = Tasks(dag_id="say", tasks={"a": say(name="a")}, more=[later]).make_dag()

    assert ids(dag) == ["a", "b"]
    assert dag.get_task("b").bash_command == "echo bye"
    assert dag.get_task("b").upstream_task_ids == {"a"}


# -- depends_on ---------------------------------------------------------------------------------------


def test_dependencies_are_wired_whatever_the_order_of_the_data():
    tasks = {"c": Job(depends_on=["b", "a"]), "b": Pair(first=Job(), depends_on=["a"]), "a": Job()}
    dag = Tasks(dag_id="order", tasks=tasks).make_dag()

    assert ids(dag) == ["c", "b.first", "b.last", "a"]
    assert dag.get_task("c").upstream_task_ids == {"b.last", "a"}
    assert dag.get_task("b.first").upstream_task_ids == {"a"}


class Staged(DagFactory):
    jobs: list[Job]
    after: Job

    def make_tasks(self) -> None:
        with TaskGroup("jobs") as group:
            for job in self.jobs:
                job.make_operator()
        group >> self.after


def test_dependencies_are_there_when_a_group_of_them_is_wired():
    dag = Staged(dag_id="staged", jobs=[Job(name="a"), Job(name="b", depends_on=["a"])], after=Job()).make_dag()

    assert dag.get_task("after").upstream_task_ids == {"jobs.b"}


def test_a_dependency_on_nothing_is_an_error():
    with pytest.raises(RenderError) as error:
        Tasks(dag_id="nothing", tasks={"a": Job(), "b": Job(depends_on=["c"])}).make_dag()

    assert diagnostic(error).code == "DW301"
    assert diagnostic(error).path == "tasks.b"


# -- nothing vanishes ---------------------------------------------------------------------------------


def test_what_make_tasks_leaves_out_is_an_error():
    with pytest.raises(RenderError) as error:
        Wired(dag_id="left", tasks={"a": Job()}).make_dag()

    assert diagnostic(error).code == "DW503"
    assert diagnostic(error).message == "job 'tasks.a' is never made by wired"


class Forgetful(OperatorFactory):
    stage: Job

    def make_operators(self) -> None:
        EmptyOperator(task_id="x")


def test_what_make_operators_leaves_out_is_an_error():
    with pytest.raises(RenderError) as error:
        Tasks(dag_id="left", tasks={"a": Forgetful(stage=Job())}).make_dag()

    assert diagnostic(error).message == "job 'tasks.a.stage' is never made by forgetful"
    assert diagnostic(error).path == "tasks.a.stage"


def test_a_factory_in_a_list_without_a_name_is_an_error():
    with pytest.raises(RenderError) as error:
        Tasks(dag_id="nameless", more=[Job()]).make_dag()

    assert (diagnostic(error).code, diagnostic(error).path) == ("DW307", "more[0]")


# -- task_args ----------------------------------------------------------------------------------------


class Retrying(OperatorFactory):
    def make_operators(self) -> None:
        Job(name="inherits")
        BashOperator(task_id="says", bash_command="true", retries=7)
        Job(name="plain").make_operator()
        Job(name="own", task_args={"retries": 5}).make_operator()


def test_task_args_are_weaker_than_what_a_factory_says():
    tasks = {
        "a": Job(task_args={"retries": 3, "pool": "inner"}),
        "b": Job(),
        "c": Retrying(task_args={"retries": 4}),
    }
    dag = Tasks(dag_id="args", owner="us", task_args={"retries": 2, "pool": "outer"}, tasks=tasks).make_dag()

    found = {task.task_id: (task.retries, task.pool, task.owner) for task in dag.tasks}
    assert found == {
        "a": (3, "inner", "us"),
        "b": (2, "outer", "us"),
        "c.says": (7, "outer", "us"),
        "c.plain": (4, "outer", "us"),
        "c.own": (5, "outer", "us"),
    }
    assert dag.task_group.default_args == {}


def test_params_for_tasks_may_carry_their_schema():
    params = {"n": {"default": 3, "type": "integer", "minimum": 1}, "plain": {"a": 1}}
    dag = Tasks(dag_id="params", tasks={"a": Job(task_args={"params": params})}).make_dag()

    task = dag.get_task("a")
    assert task.params.dump() == {"n": 3, "plain": {"a": 1}}
    assert task.params.get_param("n").schema == {"type": "integer", "minimum": 1}


def test_exponential_backoff_is_a_switch_or_a_factor():
    tasks: dict[str, OperatorFactory] = {
        "a": Job(task_args={"retry_exponential_backoff": True}),
        "b": Job(task_args={"retry_exponential_backoff": 3}),
    }
    dag = Tasks(dag_id="backoff", tasks=tasks).make_dag()

    is_factor = compat.operator_argument("retry_exponential_backoff", 3) == 3.0  # from Airflow 3.2 on
    assert [task.retry_exponential_backoff for task in dag.tasks] == ([2.0, 3.0] if is_factor else [True, True])


def test_an_argument_that_this_airflow_lacks_is_an_error(monkeypatch):
    monkeypatch.setattr(compat, "operator_arguments", lambda: frozenset({"retries"}))

    with pytest.raises(RenderError) as error:
        Tasks(dag_id="args", tasks={"a": Job(task_args={"retries": 1, "pool": "x"})}).make_dag()

    assert (diagnostic(error).code, diagnostic(error).path) == ("DW505", "tasks.a")
    assert diagnostic(error).message == f"Airflow {compat.airflow_version()} knows no task argument 'pool'"


# -- plain dataclasses --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class PlainJob:
    task_id: str
    command: str = "true"

    def make_operator(self) -> Any:
        return BashOperator(task_id=self.task_id, bash_command=self.command)


class Holding(DagFactory):
    plain: Any
    after: list[Any] = []

    def make_tasks(self) -> None:
        made = self.plain.make_operator()
        assert self.plain.make_operator() is made
        for each in self.after:
            each.make_operator()


def test_plain_factories_called_by_hand_are_made_once():
    plain = PlainJob("a")
    after = PlainJob("b")

    assert ids(Holding(dag_id="plain", plain=plain, after=[after]).make_dag()) == ["a", "b"]
    assert vars(plain) == {"task_id": "a", "command": "true"}


class Joining(DagFactory):
    plain: Any
    job: Job

    def make_tasks(self) -> None:
        self.job >> self.plain


def test_plain_factories_stand_beside_others():
    dag = Joining(dag_id="plain", plain=PlainJob("a"), job=Job()).make_dag()

    assert dag.get_task("a").upstream_task_ids == {"job"}


# -- hand-written DAGs --------------------------------------------------------------------------------


def test_factories_serve_hand_written_dags_piecemeal():
    with DAG("hand", schedule=None) as dag:
        download = Job(name="download")
        pair = Pair(name="pair", first=Job())
        chain(EmptyOperator(task_id="start"), download, pair)  # type: ignore[arg-type]  # Airflow sees what is made
        assert download.make_operator() is dag.get_task("download")

    assert ids(dag) == ["start", "download", "pair.first", "pair.last"]
    assert dag.get_task("pair.first").upstream_task_ids == {"download"}


def test_two_hand_written_dags_share_a_factory():
    job = Job(name="a")
    with DAG("one", schedule=None) as one:
        job.make_operator()
    with DAG("one", schedule=None) as other:
        job >> EmptyOperator(task_id="b")

    assert (ids(one), ids(other)) == (["a"], ["b", "a"])


def test_a_rendered_dag_is_continued_by_hand():
    job = Job()
    dag = Tasks(dag_id="continued", tasks={"a": job}).make_dag()
    with dag:
        job >> EmptyOperator(task_id="b")

    assert ids(dag) == ["a", "b"]
    assert dag.get_task("b").upstream_task_ids == {"a"}


def test_outside_of_a_dag_the_error_says_so():
    with pytest.raises(DagwrightError, match="outside of a DAG"):
        Job(name="a").make_operator()


def test_depends_on_in_a_hand_written_dag_is_an_error_at_once():
    with DAG("hand", schedule=None), pytest.raises(RenderError) as error:
        Job(name="b", depends_on=["a"]).make_operator()

    assert diagnostic(error).code == "DW504"
    assert "a >> b" in diagnostic(error).help


def test_an_exception_in_a_hand_written_dag_stays_what_it_is():
    class Raises(OperatorFactory):
        def make_operator(self) -> Any:
            raise OSError("no")

    with DAG("hand", schedule=None), pytest.raises(OSError, match="no"):
        Raises(name="a").make_operator()


class Plain(OperatorFactory):
    def make_operator(self) -> Any:
        return EmptyOperator(task_id=self.task_id)


def test_the_maker_leaves_no_trace_in_copies_pickles_and_storage():
    with DAG("hand", schedule=None) as dag:
        Plain(name="a").make_operator()
        maker = maker_of_current_dag()
        assert maker_of_current_dag() is maker
        copied, unpickled = copy.deepcopy(dag), pickle.loads(pickle.dumps(dag))
    with DAG("hand", schedule=None) as plain:
        EmptyOperator(task_id="a")

    for each in (copied, unpickled):
        assert ids(each) == ["a"]
        with each:
            assert maker_of_current_dag() is not maker
    assert compat.serialized(dag) == compat.serialized(plain)


class Credentials(Component):
    name: str

    def operator(self, task_id: str) -> Any:
        return EmptyOperator(task_id=task_id)


class WithCredentials(OperatorFactory):
    credentials: Credentials

    def make_operators(self) -> None:
        assert self.settings.workspace == "file:///base"
        self.credentials.operator("login")


def test_components_make_operators_for_those_who_hold_them():
    factory = Tasks(
        dag_id="c", workspace="file:///base", tasks={"a": WithCredentials(credentials=Credentials(name="x"))}
    )

    assert ids(factory.make_dag()) == ["a.login"]
