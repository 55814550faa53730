"""An exception in a factory's code shows the place in that code and the place in the data."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TaskGroup

from dagwright.diagnostics import Diagnostic, LoadError
from dagwright.model import DagFactory, OperatorFactory
from dagwright.render import RenderError, render_dag
from dagwright.render.packages import how_to_install
from tests.integration.render.loaded_files import from_file


class Tasks(DagFactory):
    tasks: dict[str, OperatorFactory] = {}


class Raises(OperatorFactory):
    def make_operator(self) -> Any:
        return self.image()

    def image(self) -> str:
        raise KeyError("image")


class Outer(OperatorFactory):
    inner: OperatorFactory

    def make_operators(self) -> None:
        EmptyOperator(task_id="x") >> self.inner


def refused(factory: Any, word: str = "b", path: str = "tasks.b", at: Any = None) -> Any:
    """Render a DAG whose second task cannot be made."""
    root = Tasks(tasks={"a": Fine(), "b": factory})
    with pytest.raises(RenderError) as error:
        render_dag(from_file(root, places={path: (at or factory, word)}))
    (found,) = error.value.diagnostics
    return found, error.value


class Fine(OperatorFactory):
    def make_operator(self) -> Any:
        return EmptyOperator(task_id=self.task_id)


def test_an_exception_shows_both_places():
    found, error = refused(Raises())

    line = inspect.getsourcelines(Raises.image)[1] + 1
    assert found.code == "DW501"
    assert found.message == "raises raises KeyError: 'image'"
    assert (str(found.span), found.path, found.pointer) == ("dags/rates.dag.yaml:3:3", "tasks.b", "/tasks/b")
    assert found.notes == (f"raised at {__file__}:{line} in Raises.image",)
    # Airflow prints the whole chain of an import error, and what was raised may hold secrets.
    assert (error.__cause__, error.__context__) == (None, None)


def test_the_innermost_factory_is_the_place():
    inner = Raises()
    found, _ = refused(Outer(inner=inner), path="tasks.b.inner", at=inner)

    assert found.path == "tasks.b.inner"
    assert found.message.startswith("raises raises KeyError")


def test_a_factory_without_a_place_of_its_own_has_its_owner_s():
    outer = Outer(inner=Raises())
    found, _ = refused(outer, at=outer)

    assert found.path == "tasks.b"


class Breaks(DagFactory):
    def make_tasks(self) -> None:
        EmptyOperator(task_id="x", retries="many")  # type: ignore[arg-type]  # what is wrong here


def test_an_exception_in_make_tasks_belongs_to_the_dag():
    factory = Breaks()
    with pytest.raises(RenderError) as error:
        render_dag(from_file(factory, places={"": (factory, "tasks")}))

    (found,) = error.value.diagnostics
    assert (found.code, str(found.span)) == ("DW501", "dags/rates.dag.yaml:1:1")
    assert found.notes[-1].startswith(f"raised at {__file__}:")


class MadeInPython(OperatorFactory):
    def make_operators(self) -> None:
        Raises(name="inner").make_operator()


def test_a_factory_that_code_made_has_the_place_of_its_maker():
    found, _ = refused(MadeInPython())

    assert found.path == "tasks.b"
    assert found.message.startswith("raises raises KeyError")


class Long(OperatorFactory):
    def make_operator(self) -> Any:
        raise ValueError("first line\nsecond line\n\nthird line")


def test_a_long_message_is_kept_line_by_line():
    found, _ = refused(Long())

    assert found.message == "long raises ValueError: first line"
    assert found.notes[:2] == ("second line", "third line")


class Exits(OperatorFactory):
    def make_operator(self) -> Any:
        raise SystemExit(3)


def test_a_factory_that_exits_is_an_error():
    found, _ = refused(Exits())

    assert (found.code, found.message) == ("DW501", "exits raises SystemExit: 3")


class Nothing(OperatorFactory):
    def make_operator(self) -> Any:
        EmptyOperator(task_id=self.task_id)


class Text(OperatorFactory):
    def make_operator(self) -> Any:
        return "operator"


class NoOperator(OperatorFactory):
    """Makes nothing."""

    def make_operators(self) -> None:
        pass


class Unwritten(OperatorFactory):
    """Forgot to."""


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (Nothing(), "make_operator of nothing returns nothing"),
        (Text(), "make_operator of text returns a value of type str, not an operator, TaskGroup or XComArg"),
        (NoOperator(), "make_operators of no_operator makes no operator"),
        (Unwritten(), "unwritten has neither make_operator nor make_operators"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, OperatorFactory) else "",
)
def test_making_nothing_is_an_error(factory, message):
    found, _ = refused(factory)

    assert (found.code, found.message, found.path) == ("DW502", message, "tasks.b")


class SameTask(OperatorFactory):
    def make_operator(self) -> Any:
        return EmptyOperator(task_id="a")


class SameGroup(OperatorFactory):
    def make_operator(self) -> Any:
        with TaskGroup("a") as group:
            EmptyOperator(task_id="x")
        return group


class NamedLikeATask(OperatorFactory):
    def make_operators(self) -> None:
        EmptyOperator(task_id="x")


class Listed(DagFactory):
    tasks: list[OperatorFactory]


@pytest.mark.parametrize("factory", [SameTask(name="b"), SameGroup(name="b"), NamedLikeATask(name="a")])
def test_an_id_that_is_taken(factory):
    root = Listed(tasks=[Fine(name="a"), factory])
    with pytest.raises(RenderError) as error:
        render_dag(from_file(root, places={"tasks.b": (factory, "b")}))

    (found,) = error.value.diagnostics
    assert (found.code, found.path) == ("DW510", "tasks.b")
    assert "whose id is taken" in found.message
    assert "'a'" in found.message


class NeedsProvider(OperatorFactory):
    def make_operator(self) -> Any:
        import airflow.providers.apache.kafka.operators.consume  # type: ignore[import-not-found]  # noqa: F401  missing


def test_a_missing_provider_names_the_command():
    found, _ = refused(NeedsProvider())

    assert found.code == "DW509"
    assert found.help == "pip install apache-airflow-providers-apache-kafka"


class NeedsOwnModule(OperatorFactory):
    def make_operator(self) -> Any:
        import nowhere_to_be_found  # type: ignore[import-not-found]  # noqa: F401  missing


def test_another_missing_module_is_the_factory_s_own_matter():
    found, _ = refused(NeedsOwnModule())

    assert (found.code, found.help) == ("DW501", "")


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("airflow.providers.sftp", "pip install apache-airflow-providers-sftp"),
        ("airflow.providers.sftp.operators.sftp", "pip install apache-airflow-providers-sftp"),
        ("airflow.providers.cncf.kubernetes", "pip install 'dagwright[kubernetes]'"),
        ("airflow.providers.docker.operators.docker", "pip install 'dagwright[docker]'"),
        ("airflow.providers.amazon.aws.operators.ecs", "pip install 'dagwright[ecs]'"),
        ("airflow.providers.amazon.aws.operators.s3", "pip install apache-airflow-providers-amazon"),
        ("airflow.providers.dockerish", "pip install apache-airflow-providers-dockerish"),
        ("airflow.providers.common.sql.operators", "pip install apache-airflow-providers-common-sql"),
        ("airflow.providers.common", None),
        ("airflow.models.nothing", None),
        ("great_expectations", "pip install 'dagwright[validation]'"),
        ("numpy", None),
    ],
)
def test_which_command_installs_a_module(module, command):
    assert how_to_install(module) == command


class Knows(OperatorFactory):
    def make_operator(self) -> Any:
        raise LoadError([Diagnostic(code="DW508", message="runtime 'process' is refused", help="choose another")])


def test_a_factory_that_knows_better_says_so():
    found, _ = refused(Knows())

    assert (found.code, found.message, found.help) == ("DW508", "runtime 'process' is refused", "choose another")
    assert found.path == "tasks.b"


class Tells(OperatorFactory):
    def make_operator(self) -> Any:
        raise ValueError("the password 'hunter2' is too short")


class TellsAndKnows(OperatorFactory):
    def make_operator(self) -> Any:
        raise LoadError([Diagnostic(code="DW508", message="the password 'hunter2' is too short")])


@pytest.mark.parametrize("factory", [Tells(), TellsAndKnows()])
def test_secrets_of_the_file_are_not_repeated(factory):
    found, _ = refused(factory)

    assert found.message.endswith("the password '***' is too short")


class Misnamed(OperatorFactory):
    def make_operator(self) -> Any:
        return EmptyOperator(task_id="a b")


class MisnamedGroup(OperatorFactory):
    def make_operators(self) -> None:
        with TaskGroup("a.b"):
            EmptyOperator(task_id="x")


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (Misnamed(), "misnamed uses 'a b' as an id, which Airflow refuses"),
        (MisnamedGroup(), "misnamed_group uses 'a.b' as an id, which Airflow refuses"),
        (Outer(inner=Misnamed()), "misnamed uses 'b.a b' as an id, which Airflow refuses"),
    ],
)
def test_an_id_that_airflow_refuses(factory: Any, message: str):
    found, _ = refused(factory)

    assert (found.code, found.message, found.path) == ("DW306", message, "tasks.b")
    assert "alphanumeric" in found.notes[0]
    assert found.notes[1].startswith(f"raised at {__file__}:")


class WiredAroundARefusedId(DagFactory):
    misnamed: OperatorFactory
    fine: OperatorFactory

    def make_tasks(self) -> None:
        with TaskGroup("group") as group:
            self.misnamed.make_operator()
        self.fine >> group


def test_what_is_wired_to_a_refused_id_is_no_crash():
    factory = WiredAroundARefusedId(misnamed=Misnamed(), fine=Fine())
    with pytest.raises(RenderError) as error:
        render_dag(from_file(factory, places={"misnamed": (factory.misnamed, "a")}))

    assert [found.code for found in error.value.diagnostics] == ["DW306"]
