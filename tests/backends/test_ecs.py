"""What is special about ECS: its two shapes, what its API is told, retries, the triggerer, and what goes wrong.

The server runs a task's command as a process of this machine: `tests/servers/ecs_tasks.py` says what that does not
show.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dagwright.adapters.local import Home
from tests.backends.jobs import WORKER, Job, Place, ecs_place, run_job, write_project
from tests.servers.aws import EXPIRED_KEY_ID, AwsServer

Run = Callable[..., Job]


@pytest.fixture
def place(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = ecs_place(aws)
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    return place


@pytest.fixture
def run(place: Place, airflow_home: Home, tmp_path: Path) -> Run:
    def run(command: Any, *, task_id: str = "job.run", **job: Any) -> Job:
        return run_job(replace(place, task_id=task_id), airflow_home, tmp_path, command=command, **job)

    return run


def last_definition(aws: AwsServer) -> dict[str, Any]:
    ecs = aws.client("ecs")
    arn = ecs.list_task_definitions(familyPrefix="ecs-job")["taskDefinitionArns"][-1]
    definition: dict[str, Any] = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    return definition


def tasks_of(aws: AwsServer, definition: str) -> list[dict[str, Any]]:
    """Return the tasks that ran one task definition, those of its whole family for a family."""
    ecs = aws.client("ecs")
    arns = ecs.list_tasks(cluster="etl")["taskArns"]
    tasks: list[dict[str, Any]] = ecs.describe_tasks(cluster="etl", tasks=arns, include=["TAGS"])["tasks"]
    return [task for task in tasks if definition in task["taskDefinitionArn"]]


def test_what_ecs_is_told_of_a_job(run: Run, place: Place, aws: AwsServer):
    job = run(
        "echo done",
        env={"DAY": "{{ 1 + 1 }}"},
        secrets={"TOKEN": place.reference},
        cpu=0.3,
        memory="700Mi",
        runtime={
            "security_groups": ["sg-0a1b2c3d"],
            "task_role": "arn:aws:iam::123456789012:role/etl-task",
            "efs": {"file_system_id": "fs-1", "access_point": "fsap-2", "iam": True},
            "cpu_architecture": "ARM64",
            "tags": {"team": "market-data"},
        },
    )
    assert job.result.state == "success"
    assert [task.task_id for task in job.result.tasks] == ["job.create", "job.run"]
    definition = last_definition(aws)
    (container,) = definition["containerDefinitions"]
    variables = {each["name"]: each["value"] for each in container["environment"]}
    assert variables == {
        "DAGWRIGHT_DAG_ID": "ecs",
        "DAGWRIGHT_LOGICAL_DATE": variables["DAGWRIGHT_LOGICAL_DATE"],
        "DAGWRIGHT_RUN_ID": job.run_id,
        "DAGWRIGHT_TASK_ID": "job",
        "DAGWRIGHT_WORKSPACE": str(job.folder),
        "DAY": "2",
    }
    assert container["entryPoint"] == ["/bin/sh"]
    assert container["command"] == ["-c", "echo done"]
    assert container["image"] == "localhost/tiny"
    assert container["secrets"] == [{"name": "TOKEN", "valueFrom": place.reference}]
    assert container["workingDirectory"] == str(job.folder)
    assert container["mountPoints"] == [{"sourceVolume": "workspace", "containerPath": str(job.folder.parent.parent)}]
    assert definition["volumes"] == [
        {
            "name": "workspace",
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-1",
                "rootDirectory": "/",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": "fsap-2", "iam": "ENABLED"},
            },
        }
    ]
    # Fargate has no size of 0.3 cores and 700 MiB: this is the next larger one.
    assert (definition["cpu"], definition["memory"]) == ("512", "1024")
    assert definition["taskRoleArn"].endswith("role/etl-task")
    assert definition["executionRoleArn"].endswith("role/etl-execution")
    assert definition["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    (task,) = tasks_of(aws, definition["taskDefinitionArn"])
    assert task["tags"] == [{"key": "team", "value": "market-data"}]
    assert task["launchType"] == "FARGATE"
    assert place.value not in job.log + job.stored


def test_a_task_definition_that_is_there_already(run: Run, place: Place, aws: AwsServer):
    log = {"awslogs-group": "/acme/etl", "awslogs-region": aws.region, "awslogs-stream-prefix": "mine"}
    container = {
        "name": "main",
        "image": "x",
        "command": ["false"],
        "environment": [{"name": "OWN", "value": "of the definition"}],
        "logConfiguration": {"logDriver": "awslogs", "options": log},
    }
    ecs = aws.client("ecs")
    ecs.register_task_definition(
        family="given",
        containerDefinitions=[container],
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
    )
    before = ecs.list_task_definitions()["taskDefinitionArns"]
    job = run(
        'echo "$OWN" "$DAY" "$DAGWRIGHT_TASK_ID"; pwd > where',
        task_id="job",
        docker_image=None,
        env={"DAY": "{{ 'to' ~ 'day' }}"},
        memory="2Gi",
        runtime={"task_definition": "given", "container": "main", "log_stream_prefix": "mine", "efs": None},
    )
    assert [task.task_id for task in job.result.tasks] == ["job"]
    assert job.result.state == "success"
    assert "of the definition today job" in job.log
    assert job.read("where") == f"{job.folder}\n"
    assert ecs.list_task_definitions()["taskDefinitionArns"] == before
    (task,) = tasks_of(aws, "given")
    assert (task["overrides"]["cpu"], task["overrides"]["memory"]) == ("256", "2048")


def test_capacity_providers_instead_of_a_launch_type(run: Run, aws: AwsServer):
    job = run("true", runtime={"capacity_providers": ["FARGATE_SPOT"]})
    assert job.result.state == "success"
    (task,) = tasks_of(aws, last_definition(aws)["taskDefinitionArn"])
    assert task["capacityProviderName"] == "FARGATE_SPOT"


def test_a_retry_after_a_lost_worker_starts_no_second_task(
    run: Run, place: Place, aws: AwsServer, tmp_path: Path, airflow_home: Home
):
    command = "echo started >> starts; sleep 8; echo ended >> ends"
    file = write_project(place, tmp_path, dag={"dag_id": "lost"}, command=command)
    run_id = f"{tmp_path.name}:1+1"
    worker = subprocess.Popen([sys.executable, "-c", WORKER, file, run_id], start_new_session=True)
    folder = tmp_path / "work" / "lost" / f"{tmp_path.name}~3A1~2B1"
    deadline = time.monotonic() + 60
    while not (folder / "starts").exists():
        assert time.monotonic() < deadline
        assert worker.poll() is None
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()

    job = run(command, dag={"dag_id": "lost"})

    assert job.result.state == "success"
    assert len(tasks_of(aws, "task-definition/lost-job:")) == 1
    assert (folder / "starts").read_text() == "started\n"
    assert (folder / "ends").read_text() == "ended\n"
    assert "Reattaching previously launched task" in job.log


def test_the_triggerer_waits(run: Run):
    job = run("echo in the triggerer; exit 9", runtime={"deferrable": True}, skip_exit_code=9)
    assert job.state == "skipped"
    assert "in the triggerer" in job.log


def test_a_log_group_that_is_not_there(run: Run):
    job = run("true", runtime={"log_group": "/nobody/etl"})
    assert job.state == "failed"
    assert "failed to create a log stream: no group /nobody/etl" in job.log


def test_a_cluster_that_is_not_there(run: Run):
    job = run("true", runtime={"cluster": "nobody"})
    assert job.state == "failed"
    assert "ClusterNotFoundException" in job.log


def test_credentials_that_have_expired(run: Run, aws: AwsServer, monkeypatch: pytest.MonkeyPatch):
    secret = "an-expired/secret+key"
    monkeypatch.setenv("AIRFLOW_CONN_AWS", aws.connection(login=EXPIRED_KEY_ID, password=secret))
    job = run("true", task_id="job.create")
    assert job.state == "failed"
    assert job.seconds < 60
    assert "ExpiredTokenException" in job.log
    assert secret not in job.log + job.stored


def test_an_endpoint_that_nobody_answers_at(run: Run, aws: AwsServer, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("AIRFLOW_CONN_AWS", aws.connection(extra={"endpoint_url": url, "region_name": aws.region}))
    job = run("true", task_id="job.create")
    assert job.state == "failed"
    assert job.seconds < 60
    assert re.search(r"Could not connect to the endpoint URL", job.log)
