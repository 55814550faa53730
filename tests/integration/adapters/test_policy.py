"""What Airflow's policies do to DAGs from DAG files, and to nobody else's."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

from dagwright import load
from dagwright.adapters import blame, policy
from dagwright.render import compat

SOUND = "tasks:\n  a: {type: operator, class: airflow.providers.standard.operators.empty.EmptyOperator}\n"

shows_fileloc = pytest.mark.skipif(
    find_spec("airflow.sdk.importers") is not None, reason="since Airflow 3.4 importers say what the Code tab shows"
)


@pytest.fixture
def dag(tmp_path: Path) -> DAG:
    """A DAG as Airflow has it after it read the Python file around a DAG file."""
    (tmp_path / "x.dag.yaml").write_text(SOUND)
    dag: DAG = load(tmp_path / "x.dag.yaml").make_dag()
    dag.fileloc, dag.relative_fileloc = str(tmp_path / "x.py"), "x.py"
    return dag


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    listeners: list[object] = []
    monkeypatch.setattr(compat, "add_listener", listeners.append)
    return listeners


def in_context(monkeypatch: pytest.MonkeyPatch, **said: str) -> None:
    for name in ("DAG_ID", "TASK_ID"):
        monkeypatch.delenv(f"_AIRFLOW_PARSING_CONTEXT_{name}", raising=False)
    for name, value in said.items():
        monkeypatch.setenv(f"_AIRFLOW_PARSING_CONTEXT_{name}", value)


def test_airflow_finds_the_policies():
    (found,) = (each for each in entry_points(group="airflow.policy") if each.name == "dagwright")
    assert found.load() is policy


@shows_fileloc
def test_the_processor_shows_the_dag_file(dag: DAG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    in_context(monkeypatch)
    policy.dag_policy(dag)
    assert dag.fileloc == str(tmp_path / "x.dag.yaml")
    assert dag.relative_fileloc == "x.py"
    assert str(tmp_path) in (dag.template_searchpath or ())


@pytest.mark.parametrize("said", [{"DAG_ID": "x"}, {"DAG_ID": "x", "TASK_ID": "a"}])
def test_workers_and_test_commands_find_the_python_file(
    dag: DAG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: dict[str, str]
):
    in_context(monkeypatch, **said)
    policy.dag_policy(dag)
    assert dag.fileloc == str(tmp_path / "x.py")


def test_a_dag_file_that_vanished_is_not_named(dag: DAG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    in_context(monkeypatch)
    (tmp_path / "x.dag.yaml").unlink()
    policy.dag_policy(dag)
    assert dag.fileloc == str(tmp_path / "x.py")


def test_hand_written_dags_are_left_alone(monkeypatch: pytest.MonkeyPatch, listening: list[object]):
    in_context(monkeypatch, DAG_ID="by_hand", TASK_ID="a")
    with DAG("by_hand", schedule=None) as dag:
        a = EmptyOperator(task_id="a")
    before = dag.fileloc
    policy.dag_policy(dag)
    policy.task_policy(a)
    assert dag.fileloc == before
    assert listening == []


def test_only_processes_that_run_tasks_listen(dag: DAG, monkeypatch: pytest.MonkeyPatch, listening: list[object]):
    in_context(monkeypatch)
    policy.task_policy(dag.get_task("a"))
    assert listening == []
    in_context(monkeypatch, DAG_ID="x", TASK_ID="a")
    policy.task_policy(dag.get_task("a"))
    assert [type(each) for each in listening] == [blame.Listener]


def test_listening_waits_until_airflow_has_looked_at_every_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listening: list[object]
):
    """Airflow refuses a task with `end_from_trigger` as soon as anybody listens."""
    sensor = "airflow.providers.standard.sensors.time_delta.TimeDeltaSensor"
    (tmp_path / "x.dag.yaml").write_text(f"{SOUND}  b: {{type: operator, class: {sensor}, args: {{delta: 5m}}}}\n")
    dag = load(tmp_path / "x.dag.yaml").make_dag()
    in_context(monkeypatch, DAG_ID="x", TASK_ID="a")
    policy.task_policy(dag.get_task("a"))
    assert listening == []
    policy.task_policy(dag.get_task("b"))
    assert len(listening) == 1
    # `airflow dags test` reads its DAGs twice in one process.
    listening.clear()
    in_context(monkeypatch, DAG_ID="x")
    dag.get_task("b").end_from_trigger = True
    policy.task_policy(dag.get_task("b"))
    assert listening == []


def test_a_listener_is_registered_once():
    compat.add_listener(blame.Listener())
    compat.add_listener(blame.Listener("a"))
    home = "airflow.sdk.listener" if find_spec("airflow.sdk.listener") is not None else "airflow.listeners.listener"
    from importlib import import_module

    plugins = import_module(home).get_listener_manager().pm.get_plugins()
    assert len([each for each in plugins if isinstance(each, blame.Listener)]) == 1
