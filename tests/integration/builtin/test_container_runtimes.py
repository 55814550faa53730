"""What container jobs become in each runtime: operators, the same on every machine, without secrets."""

from __future__ import annotations

import json
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import XComArg

from dagwright import LoadError, load
from dagwright.render import compat

FARGATE = {
    "type": "ecs",
    "cluster": "etl",
    "region": "eu-central-1",
    "log_group": "/acme/etl",
    "subnets": ["subnet-1"],
    "execution_role": "arn:aws:iam::1:role/x",
}
DOCKER = {"type": "docker"}
PODS = {"type": "kubernetes", "namespace": "etl"}
PROCESS = {"type": "process"}
SECRETS = {
    "process": "var.value.token",
    "docker": "conn.partner.password",
    "kubernetes": "partner/token",
    "ecs": "/partner/token",
}


def made(folder: Path, runtime: dict[str, Any], workspace: str | None = "s3://lake/work", **job: Any) -> Any:
    folder.joinpath("dagwright.toml").write_text('allow = ["process"]')
    folder.joinpath("dags").mkdir(exist_ok=True)
    task = {"type": "container_job", "docker_image": "rates", "command": "fetch.sh", "runtime": runtime, **job}
    text = json.dumps({"workspace": workspace, "tasks": {"fetch": task, "tidy": {**task, "depends_on": ["fetch"]}}})
    return load(folder / "dags" / "a.dag.json", text=text).make_dag()


@pytest.mark.parametrize(
    ("runtime", "tasks"),
    [
        (PROCESS, {"fetch": "PythonOperator", "tidy": "PythonOperator"}),
        (DOCKER, {"fetch": "DockerOperator", "tidy": "DockerOperator"}),
        (PODS, {"fetch": "KubernetesPodOperator", "tidy": "KubernetesPodOperator"}),
        (
            FARGATE,
            {
                "fetch.create": "EcsRegisterTaskDefinitionOperator",
                "fetch.run": "EcsRunTaskOperator",
                "tidy.create": "EcsRegisterTaskDefinitionOperator",
                "tidy.run": "EcsRunTaskOperator",
            },
        ),
    ],
    ids=lambda value: value.get("type", ""),
)
def test_a_job_is_made_of_stock_operators(tmp_path: Path, runtime: dict[str, Any], tasks: dict[str, str]):
    dag = made(tmp_path, runtime)
    assert {task.task_id: type(task).__name__ for task in dag.tasks} == tasks
    assert all(type(task).__module__.startswith("airflow.providers.") for task in dag.tasks)
    assert dag.get_task(list(tasks)[len(tasks) // 2]).upstream_task_ids == {list(tasks)[len(tasks) // 2 - 1]}


def test_the_task_that_runs_gets_what_the_one_before_it_registered(tmp_path: Path):
    dag = made(tmp_path, FARGATE, task_args={"retries": 3, "pool": "ecs"})
    run = dag.get_task("fetch.run")
    assert isinstance(run.task_definition, XComArg)
    assert run.upstream_task_ids == {"fetch.create"}
    assert [(task.retries, task.pool) for task in dag.tasks] == [(3, "ecs")] * 4
    assert run.reattach is True
    assert run.launch_type == "FARGATE"
    assert run.network_configuration == {
        "awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": [], "assignPublicIp": "DISABLED"}
    }


def test_ec2(tmp_path: Path):
    runtime = {**FARGATE, "launch_type": "EC2", "subnets": [], "connection_id": "aws_etl"}
    dag = made(tmp_path, runtime, cpu=2)
    create, run = dag.get_task("fetch.create"), dag.get_task("fetch.run")
    assert (run.launch_type, run.network_configuration, run.aws_conn_id) == ("EC2", None, "aws_etl")
    assert create.container_definitions[0]["memoryReservation"] == 512
    assert create.register_task_kwargs == {
        "requiresCompatibilities": ["EC2"],
        "networkMode": "bridge",
        "cpu": "2048",
        "executionRoleArn": "arn:aws:iam::1:role/x",
    }


def test_the_family_of_a_task_definition_is_a_name_that_ecs_takes(tmp_path: Path):
    folder = tmp_path
    folder.joinpath("dagwright.toml").touch()
    task = {"type": "container_job", "docker_image": "rates", "command": "x", "runtime": FARGATE}
    data = {"dag_id": "rates.daily", "workspace": "s3://lake/work", "tasks": {"fetch": task}}
    dag = load(folder / "a.dag.json", text=json.dumps(data)).make_dag()
    assert dag.get_task("fetch.create").family == "rates-daily-fetch"


@pytest.mark.parametrize("runtime", [PROCESS, DOCKER, PODS, FARGATE], ids=lambda runtime: runtime["type"])
def test_a_dag_is_the_same_on_every_machine_and_holds_no_secret(tmp_path: Path, runtime: dict[str, Any]):
    texts = []
    for machine in ("one", "two"):
        folder = tmp_path / machine
        folder.mkdir()
        # Where a machine may have a folder of its own, it is one below the project.
        workspace = "work" if runtime in (PROCESS, DOCKER) else "s3://lake/work"
        reference = SECRETS[runtime["type"]]
        dag = made(folder, runtime, workspace, secrets={"TOKEN": reference}, cpu=0.5, memory="1Gi", skip_exit_code=9)
        data = compat.serialized(dag)
        data.pop("fileloc")
        texts.append(json.dumps(data, sort_keys=True, default=repr))
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]
    assert "0x" not in texts[0]


def test_a_limit_of_the_dag_does_not_reach_the_triggerer(tmp_path: Path):
    with pytest.raises(LoadError) as caught:
        made(tmp_path, {**FARGATE, "deferrable": True}, task_args={"execution_timeout": "1h"})
    assert {found.path for found in caught.value.diagnostics} == {
        "tasks.fetch.task_args.execution_timeout",
        "tasks.tidy.task_args.execution_timeout",
    }
    folder = tmp_path / "second"
    folder.mkdir()
    folder.joinpath("dagwright.toml").touch()
    task = {"type": "container_job", "docker_image": "x", "command": "x", "runtime": {**FARGATE, "deferrable": True}}
    data = {"workspace": "s3://a/b", "task_args": {"execution_timeout": "1h"}, "tasks": {"fetch": task}}
    factory = load(folder / "a.dag.json", text=json.dumps(data))
    with pytest.raises(LoadError, match="a task that waits in the triggerer has no time limit"):
        factory.make_dag()


class Missing(MetaPathFinder):
    """Stands in the way of a package, as if it were not installed."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == self.package or name.startswith(f"{self.package}."):
            raise ModuleNotFoundError(f"No module named '{self.package}'", name=self.package)


@pytest.fixture
def missing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    package: str = request.param
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(package), *sys.meta_path])
    return package


@pytest.mark.parametrize(
    ("missing", "runtime", "extra"),
    [
        ("airflow.providers.docker", DOCKER, "docker"),
        ("airflow.providers.cncf.kubernetes", PODS, "kubernetes"),
        ("airflow.providers.amazon", FARGATE, "ecs"),
    ],
    indirect=["missing"],
)
def test_a_provider_that_is_not_installed(tmp_path: Path, missing: str, runtime: dict[str, Any], extra: str):
    with pytest.raises(LoadError) as caught:
        made(tmp_path, runtime)
    found = caught.value.diagnostics[0]
    assert (found.code, found.path) == ("DW509", "tasks.fetch")
    assert found.message == f"container_job needs the package '{missing}', which is not installed"
    assert found.help == f"pip install 'dagwright[{extra}]'"


def test_kubernetes_expands_nothing_of_a_command(tmp_path: Path):
    task = made(tmp_path, PODS, command="echo $$ $(id) {{ ds }}", env={"A": "a$$b", "B": "plain"}).get_task("fetch")

    def rendered(template: str) -> str:
        return str(task.get_template_env().from_string(template).render(ds="$(A)"))

    # What Kubernetes makes of it: two dollars are one, and `$(NAME)` after a single one would be looked up.
    assert [rendered(one) for one in [*task.cmds, *task.arguments]] == ["/bin/sh", "-c", "echo $$$$ $$(id) $$(A)"]
    values = {one.name: one.value for one in task.env_vars} if isinstance(task.env_vars, list) else task.env_vars
    assert (rendered(values["A"]), values["B"]) == ("a$$$$b", "plain")


def test_the_engine_may_call_the_workspace_anything(tmp_path: Path):
    runtime = {**DOCKER, "host_workspace": '/data/o\'brien "x" }} ö'}
    task = made(tmp_path, runtime, workspace="/srv/work").get_task("fetch")
    render = task.get_template_env().from_string(task.mounts[0]["Source"]).render
    assert render(dagwright_workspace=lambda base: f"{base}/run") == runtime["host_workspace"] + "/run"
