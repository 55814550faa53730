"""`inlets` and `outlets` in `task_args`: assets at the first and the last tasks of whatever a factory makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dagwright import LoadError, load

TASKS = """
tasks:
  fetch: {type: operator, class: airflow.providers.standard.operators.empty.EmptyOperator}
  many:
    type: pipeline_of_two
    task_args: {inlets: [s3://lake/raw], outlets: [s3://lake/a, s3://lake/b], retries: 2}
"""

FACTORIES = '''
from typing import Any

from dagwright import OperatorFactory


class PipelineOfTwo(OperatorFactory):
    """Two tasks, one after the other."""

    def make_operators(self) -> Any:
        from airflow.providers.standard.operators.empty import EmptyOperator

        EmptyOperator(task_id="first") >> EmptyOperator(task_id="second", outlets=[])


class Mapped(OperatorFactory):
    """One task, many times."""

    def make_operator(self) -> Any:
        from airflow.providers.standard.operators.bash import BashOperator

        return BashOperator.partial(task_id=self.task_id).expand(bash_command=["true", "true"])


class Result(OperatorFactory):
    """A task by its result."""

    def make_operator(self) -> Any:
        from airflow.sdk import task

        return task(lambda: 1, task_id=self.task_id)()
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")  # one for all: a process imports a package of a name once
    (folder / "dagwright.toml").write_text('factories = ["shop_assets"]\n')
    (folder / "shop_assets.py").write_text(FACTORIES)
    (folder / "dags").mkdir()
    return folder


def made(project: Path, text: str) -> Any:
    factory: Any = load(project / "dags/a.dag.yaml", text=text)
    return factory.make_dag()


def uris(dag: Any, task: str) -> tuple[list[str], list[str]]:
    operator = dag.get_task(task)
    return [asset.uri for asset in operator.inlets], [asset.uri for asset in operator.outlets]


def test_a_group_reads_first_and_writes_last(project: Path):
    dag = made(project, TASKS)

    assert uris(dag, "many.first") == (["s3://lake/raw"], [])
    assert uris(dag, "many.second") == ([], ["s3://lake/a", "s3://lake/b"])
    assert uris(dag, "fetch") == ([], [])
    assert dag.get_task("many.second").retries == 2


@pytest.mark.parametrize("kind", ["mapped", "result"])
def test_other_kinds_of_tasks(project: Path, kind: str):
    from dagwright.render import compat

    dag = made(project, f"tasks: {{a: {{type: {kind}, task_args: {{inlets: [x-raw], outlets: [s3://lake/a]}}}}}}")

    assert uris(dag, "a") == (["x-raw"], ["s3://lake/a"])
    assert "s3://lake/a" in repr(compat.serialized(dag))


def test_they_stand_beside_the_factory_s_own(project: Path):
    task = "{type: s3_publisher, bucket: lake, files: [a], task_args: {outlets: [s3://lake/a, s3://lake/all]}}"
    dag = made(project, f"tasks: {{a: {task}}}")

    assert uris(dag, "a") == ([], ["s3://lake/a", "s3://lake/all"])


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("s3://key:hunter2@lake/a", "an asset's URI is shown to everybody, so it has no password in it"),
        ("https://x.example.com/a?sv=1&sig=hunter2", "so it has no signature or token in it"),
        ("s3://lake/{{ ds }}", "fixed when the DAG is parsed"),
        ("airflow://a", "keeps the scheme 'airflow'"),
        ("  ", "no empty URI"),
        ("http://[::1", "this is no URI"),
    ],
)
def test_what_is_no_asset(project: Path, uri: str, message: str):
    with pytest.raises(LoadError) as caught:
        load(
            project / "dags/a.dag.yaml",
            text=f"tasks: {{a: {{type: mapped, task_args: {{outlets: ['{uri}']}}}}}}",
        )

    (found,) = caught.value.diagnostics
    assert (found.code, found.path) == ("DW206", "tasks.a.task_args.outlets[0]")
    assert message in found.message
    assert "hunter2" not in found.message


def test_a_whole_dag_has_none(project: Path):
    with pytest.raises(LoadError) as caught:
        load(
            project / "dags/a.dag.yaml",
            text="task_args: {outlets: [s3://lake/a]}\ntasks: {a: {type: mapped}}",
        )

    (found,) = caught.value.diagnostics
    assert (found.code, found.path) == ("DW203", "task_args.outlets")
