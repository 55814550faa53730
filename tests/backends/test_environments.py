"""examples/environments: one DAG file, as subprocesses in `dev` and on ECS in `prod`.

ECS is moto's server, extended so that it runs a task's command on this machine with the code of `jobs/` in the place of
the image; `tests/servers/ecs_tasks.py` says what that does not show.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dagwright import load
from dagwright.adapters.local import Home, RunResult, run_dag
from tests.page_runner import ROOT, check_command, read_blocks
from tests.servers.aws import AwsServer, aws_server

EXAMPLE = ROOT / "examples" / "environments"
KEY = "the-key-of-the-station"


@pytest.fixture(scope="module")
def cloud() -> Iterator[AwsServer]:
    """What the README says that there has to be."""
    with aws_server({"tests.servers.ecs_tasks": {"image": {"PYTHONPATH": str(EXAMPLE / "jobs")}}}) as aws:
        aws.client("ecs").create_cluster(clusterName="weather")
        aws.client("logs").create_log_group(logGroupName="/acme/weather")
        aws.client("ssm").put_parameter(Name="/weather/station-key", Value=KEY, Type="SecureString")
        yield aws


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "environments"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".dagwright"))
    monkeypatch.setenv("AIRFLOW_VAR_STATION_KEY", KEY)
    return folder


def run(project: Path, home: Home, environment: str) -> RunResult:
    home = replace(home, options=replace(home.options, run_id=f"{environment}-run"))
    return run_dag(
        lambda: load(project / "dags" / "weather.dag.yaml", env=environment).make_dag(), home, on_event=lambda _: None
    )


def outcome(result: RunResult, folder: Path) -> tuple[dict[str, str], Any]:
    """Return the states of the jobs, and what they found out."""
    logs = "".join(task.log_path.read_text() for task in result.tasks if task.log_path is not None)
    assert "24 temperatures of" in logs
    assert KEY not in logs
    states: dict[str, str] = {task.task_id: task.state for task in result.tasks}
    return states, json.loads((folder / "out" / "summary.json").read_text())


def test_both_environments_run_the_same_jobs(
    project: Path, cloud: AwsServer, airflow_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    share = tmp_path / "share"
    share.mkdir()
    monkeypatch.setenv("WEATHER_SHARE", str(share))
    monkeypatch.setenv("WEATHER_SUBNET", cloud.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"])
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", cloud.connection())

    here, summary = outcome(run(project, airflow_home, "dev"), project / "workspaces" / "weather" / "dev-run")
    there, same = outcome(run(project, airflow_home, "prod"), share / "weather" / "prod-run")

    assert summary == same
    assert here == {"measure": "success", "summarise": "success", "warn": here["warn"]}
    assert here["warn"] in ("success", "skipped")
    assert there == {
        f"{job}.{task}": "success" if task == "create" else state
        for job, state in here.items()
        for task in ("create", "run")
    }


def test_prod_is_complete_without_its_environment(project: Path, airflow_home: Home):
    dag = load(project / "dags" / "weather.dag.yaml", env="prod").make_dag()
    assert dag.task_ids == [f"{job}.{task}" for job in ("measure", "summarise", "warn") for task in ("create", "run")]
    create = dag.get_task("measure.create")
    assert create.register_task_kwargs["memory"] == "1024"
    assert create.container_definitions[0]["secrets"] == [{"name": "STATION_KEY", "valueFrom": "/weather/station-key"}]
    assert dag.get_task("summarise.create").upstream_task_ids == {"measure.run"}


def test_the_commands_of_its_readme_are_commands():
    lines = [line for block in read_blocks(EXAMPLE / "README.md") for line in block.text.splitlines()]
    assert len(lines) == 5
    for line in lines:
        check_command(line)
