"""A task's log opens with the line of data that it comes from, and repeats it when the task fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagwright import load
from dagwright.adapters.blame import origins_of, place_of_task
from dagwright.render import origin_of
from dagwright.render.compat import serialized
from tests.integration.adapters.conftest import Run

PROJECT = """\
[defaults.dag.task_args]
retries = 0
[vars]
code = "3"
"""
RATES = """\
tasks:
  fetch: {type: operator, class: airflow.providers.standard.operators.bash.BashOperator, args: {bash_command: "true"}}
  boom:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    depends_on: [fetch]
    args:
      bash_command: "exit ${{ vars.code }}"
"""


@pytest.fixture
def rates(tmp_path: Path) -> Path:
    (tmp_path / "dagwright.toml").write_text(PROJECT)
    file = tmp_path / "dags" / "rates.dag.yaml"
    file.parent.mkdir()
    file.write_text(RATES)
    return file


def test_the_log_says_where_a_task_comes_from_and_where_its_arguments_do(run: Run, rates: Path):
    ran = run(lambda: load(rates).make_dag())
    assert ran.states == {"fetch": "success", "boom": "failed"}
    fetched = ran.log("fetch")
    assert fetched.count("comes from") == 1
    assert "this task comes from dags/rates.dag.yaml:2:3 (tasks.fetch: operator)" in fetched
    boom = ran.log("boom")
    opening = boom.index("this task comes from dags/rates.dag.yaml:3:3 (tasks.boom: operator)")
    assert opening < boom.index("exit 3") < boom.index("the failed task comes from dags/rates.dag.yaml:3:3")
    assert "args.bash_command  dags/rates.dag.yaml:8:21" in boom
    assert "task_args.retries  dagwright.toml:2:11" in boom


def test_nothing_of_it_is_in_what_airflow_stores(rates: Path):
    dag = load(rates).make_dag()
    before = json.dumps(serialized(dag), sort_keys=True, default=str)
    assert origins_of(dag, "boom")
    assert json.dumps(serialized(dag), sort_keys=True, default=str) == before
    assert "rates.dag.yaml:" not in before


def test_a_task_in_a_group_of_its_factory_has_the_place_of_the_factory(tmp_path: Path):
    (tmp_path / "factories_of_a_test.py").write_text(
        """
from dagwright import OperatorFactory

class TwoTasks(OperatorFactory):
    text: str

    def make_operators(self) -> None:
        from airflow.providers.standard.operators.empty import EmptyOperator

        EmptyOperator(task_id="first") >> EmptyOperator(task_id="second")
"""
    )
    (tmp_path / "dagwright.toml").write_text('factories = ["factories_of_a_test"]\n')
    file = tmp_path / "dags" / "a.dag.yaml"
    file.parent.mkdir()
    file.write_text("tasks:\n  both: {type: two_tasks, text: x}\n")
    dag = load(file).make_dag()
    assert place_of_task(dag, "both.second") == "dags/a.dag.yaml:2:3 (tasks.both: two_tasks)"
    assert origins_of(dag, "both.second")[1:] == ["  text  dags/a.dag.yaml:2:33"]


def test_a_dag_without_a_file_says_nothing():
    from airflow.sdk import DAG

    dag = DAG("by_hand", schedule=None)
    assert origin_of(dag) is None
    assert place_of_task(dag, "a") is None
    assert origins_of(dag, "a") == []


def test_a_place_that_cannot_be_found_costs_the_words_alone(run: Run, rates: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no places today")

    monkeypatch.setattr("dagwright.adapters.blame.place_of_task", fail)
    ran = run(lambda: load(rates).make_dag())
    assert ran.states == {"fetch": "success", "boom": "failed"}
    assert "comes from" not in ran.log("boom")
