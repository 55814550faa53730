"""Templates know their run's workspace, in every kind of DAG, and no version of a DAG depends on it."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

from dagwright.adapters.local import Home, run_dag
from dagwright.builtin.container_job import ContainerJob
from dagwright.builtin.process_runtime import ProcessRuntime
from dagwright.model import DagFactory, OperatorFactory
from dagwright.model.settings import WORKSPACE_MACRO
from dagwright.render import compat, render_dag
from dagwright.runtime.errors import WorkspaceError
from tests.integration.render.loaded_files import from_file

RUN_ID = "manual__2026-01-01T00:00:00+00:00"
FOLDER = "manual__2026-01-01T00~3A00~3A00~2B00~3A00"


class Shell(OperatorFactory):
    """Writes where it thinks the workspace is."""

    output: str

    def make_operator(self) -> Any:
        return BashOperator(
            task_id=self.task_id,
            bash_command=f'echo "$WHERE" > {self.output}',
            env={"WHERE": self.settings.workspace_template},
            append_env=True,
        )


class Tasks(DagFactory):
    tasks: dict[str, OperatorFactory] = {}


def rendered(dag: DAG, template: str, **context: Any) -> Any:
    """Render a template as a task of a run does."""
    task = dag.get_task("a")
    instance = SimpleNamespace(dag_id=dag.dag_id, run_id=RUN_ID, task_id="a")
    part_of_a_context: Any = {"ti": instance, **context}
    return task.render_template(template, part_of_a_context, jinja_env=task.get_template_env(dag))


def test_a_template_says_what_jobs_are_told(tmp_path: Path, airflow_home: Home):
    tasks: dict[str, OperatorFactory] = {
        "job": ContainerJob(
            docker_image="x",
            command=f'echo "$DAGWRIGHT_WORKSPACE" > {tmp_path}/job',
            runtime=ProcessRuntime(),
        ),
        "template": Shell(output=f"{tmp_path}/template"),
    }
    factory = Tasks(dag_id="rates", workspace=str(tmp_path / "work"), tasks=tasks)

    result = run_dag(factory.make_dag, airflow_home, on_event=lambda _: None)

    assert result.state == "success"
    assert (tmp_path / "template").read_text() == (tmp_path / "job").read_text()
    assert (tmp_path / "template").read_text().startswith(f"{tmp_path}/work/rates/")


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize(("workspace", "expected"), [("/w", f"/w/rates/{FOLDER}"), ("file:///w", f"/w/rates/{FOLDER}")])
def test_a_template_gives_a_path(workspace, expected, native):
    dag = Tasks(
        dag_id="rates", workspace=workspace, tasks={"a": Shell(output="x")}, render_template_as_native_obj=native
    ).make_dag()

    assert rendered(dag, "{{ dagwright_workspace() }}") == expected
    assert rendered(dag, "{{ dagwright_workspace() }}/out/rates.csv") == f"{expected}/out/rates.csv"


def test_a_template_asks_for_the_folder(tmp_path: Path):
    dag = Tasks(dag_id="rates", workspace=str(tmp_path), tasks={"a": Shell(output="x")}).make_dag()

    rendered(dag, "{{ dagwright_workspace() }}")
    assert not list(tmp_path.iterdir())

    assert Path(rendered(dag, "{{ dagwright_workspace(create=true) }}")).is_dir()


def test_a_base_that_no_run_can_use_is_an_error():
    dag = Tasks(dag_id="rates", workspace="work", tasks={"a": Shell(output="x")}).make_dag()

    with pytest.raises(WorkspaceError, match="relative path"):
        rendered(dag, "{{ dagwright_workspace() }}")
    with pytest.raises(WorkspaceError, match="without a DAG run"):
        rendered(dag, "{{ dagwright_workspace() }}", ti=None)


def test_the_file_s_settings_name_the_base():
    dag = render_dag(from_file(Tasks(tasks={"a": Shell(output="x")})))

    assert rendered(dag, "{{ dagwright_workspace() }}") == f"/w/rates/{FOLDER}"


class OwnMacros(Tasks):
    def make_dag(self) -> Any:
        dag = super().make_dag()
        dag.user_defined_macros = {"shout": str.upper}
        return dag


class OwnMacro(Tasks):
    def make_dag(self) -> Any:
        dag = super().make_dag()
        dag.user_defined_macros = {WORKSPACE_MACRO: lambda: "mine"}
        return dag


@dataclasses.dataclass
class Plain:
    def make_dag(self) -> Any:
        with DAG("rates", schedule=None) as dag:
            BashOperator(task_id="a", bash_command="true")
        return dag


def test_macros_of_the_dag_stay():
    tasks: dict[str, OperatorFactory] = {"a": Shell(output="x")}

    assert rendered(render_dag(from_file(OwnMacros(tasks=tasks))), "{{ shout(dagwright_workspace()) }}").startswith(
        "/W"
    )
    assert rendered(render_dag(from_file(OwnMacro(tasks=tasks))), "{{ dagwright_workspace() }}") == "mine"


def test_a_plain_root_has_the_macro_too():
    assert rendered(render_dag(from_file(Plain())), "{{ dagwright_workspace() }}") == f"/w/rates/{FOLDER}"


def test_hand_written_dags_have_it_from_their_first_factory_on(monkeypatch):
    monkeypatch.setenv("AIRFLOW_HOME", "/home/airflow")
    with DAG("rates", schedule=None, user_defined_macros={"shout": str.upper}) as dag:
        BashOperator(task_id="a", bash_command="true")
    with pytest.raises(jinja2.UndefinedError):
        rendered(dag, "{{ dagwright_workspace() }}")

    with dag:
        Shell(name="b", output="x").make_operator()

    assert rendered(dag, "{{ dagwright_workspace() }}") == f"/home/airflow/dagwright/workspaces/rates/{FOLDER}"
    assert rendered(dag, "{{ shout('x') }}") == "X"


def test_no_version_depends_on_it():
    def dag(workspace: str | None) -> Any:
        return Tasks(dag_id="rates", workspace=workspace, tasks={"a": Shell(output="x")}).make_dag()

    here, there = dag("/secret/place"), dag("s3://elsewhere")
    here.fileloc = there.fileloc = "dag.py"
    without = dag(None)
    without.fileloc, without.user_defined_macros = "dag.py", None

    stored = compat.serialized(here)
    assert stored == compat.serialized(there) == compat.serialized(without)
    assert "secret" not in str(stored)
    assert "dagwright_workspace() }}" in str(stored)


def test_copies_and_pickles_keep_it():
    dag = Tasks(dag_id="rates", workspace="/w", tasks={"a": Shell(output="x")}).make_dag()
    macro = pickle.loads(pickle.dumps(dag.user_defined_macros[WORKSPACE_MACRO]))

    dag.user_defined_macros = {WORKSPACE_MACRO: macro}
    assert rendered(copy.deepcopy(dag), "{{ dagwright_workspace() }}") == f"/w/rates/{FOLDER}"
    assert repr(macro) == "dagwright_workspace()"
