"""What the checks of container jobs and their runtimes find, without Airflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagwright.binding import open_project
from dagwright.builtin.fargate import fargate_size
from dagwright.diagnostics import Diagnostic
from dagwright.model.settings import RenderSettings
from dagwright.runtime.errors import RunError
from dagwright.runtime.job_secrets import SecretVariables, is_reference, read_secret

ECS = {"type": "ecs", "cluster": "etl", "region": "eu-central-1", "log_group": "/acme/etl"}
FARGATE = {**ECS, "subnets": ["subnet-1"], "execution_role": "arn:aws:iam::1:role/x"}
GIVEN = {**FARGATE, "task_definition": "rates", "container": "main"}
PODS = {"type": "kubernetes", "namespace": "etl"}
DOCKER = {"type": "docker"}
PROCESS = {"type": "process"}


def found_in(folder: Path, runtime: dict[str, Any], workspace: str | None, **job: Any) -> list[Diagnostic]:
    folder.joinpath("dagwright.toml").write_text("")
    folder.joinpath("dags").mkdir()
    task = {"type": "container_job", "docker_image": "rates", "command": "fetch", "runtime": runtime, **job}
    data = {"workspace": workspace, "tasks": {"a": {key: value for key, value in task.items() if value is not None}}}
    folder.joinpath("dags", "a.dag.json").write_text(json.dumps(data))
    opened, problems = open_project(folder, inside_airflow=False)
    assert opened is not None, problems
    return list(opened.diagnostics)


@pytest.mark.parametrize(
    ("runtime", "workspace", "job"),
    [
        (PROCESS, None, {"docker_image": None}),
        (PROCESS, None, {"secrets": {"A": "conn.partner.extra.api.key", "B": "var.value.a.b", "C": "conn.a.b.uri"}}),
        (DOCKER, None, {"cpu": 0.5, "memory": "512Mi"}),
        ({**DOCKER, "docker_url": "tcp://localhost:2375"}, None, {}),
        ({**DOCKER, "docker_url": "tcp://docker:2375"}, "/mnt/work", {}),
        (FARGATE, "s3://lake/work", {"secrets": {"A": "/rates/token", "B": "arn:aws:ssm:eu:1:parameter/x"}}),
        ({**FARGATE, "efs": "fs-1"}, "/mnt/work", {}),
        ({**ECS, "launch_type": "EC2"}, "s3://lake/work", {"cpu": 64, "memory": "512Gi"}),
        ({**ECS, "capacity_providers": ["own", {"name": "other", "weight": 2}]}, "s3://lake/work", {}),
        (GIVEN, "/mnt/work", {"docker_image": None}),
        (PODS, "gs://lake/work", {"secrets": {"A": "partner/token"}}),
        ({**PODS, "workspace_claim": "work"}, "/mnt/work", {}),
        ({**PODS, "tolerations": [{"key": "a", "operator": "Exists"}]}, "gs://lake/work", {}),
    ],
)
def test_what_is_right(tmp_path: Path, runtime: dict[str, Any], workspace: str | None, job: dict[str, Any]):
    assert found_in(tmp_path, runtime, workspace, **job) == []


NO_IMAGE = "missing field 'docker_image' in container_job: the runtime"
NO_REFERENCE = "the secret 'A' is no reference"


@pytest.mark.parametrize(
    ("runtime", "workspace", "job", "where", "message"),
    [
        (DOCKER, None, {"docker_image": None}, "", f"{NO_IMAGE} 'docker' needs it"),
        (PODS, "s3://a/b", {"docker_image": None}, "", f"{NO_IMAGE} 'kubernetes' needs it"),
        (FARGATE, "s3://a/b", {"docker_image": None}, "", f"{NO_IMAGE} 'ecs' has no 'task_definition' either"),
        (
            GIVEN,
            "s3://a/b",
            {},
            "docker_image",
            "'docker_image' and the runtime's 'task_definition' exclude each other",
        ),
        ({**FARGATE, "container": "main"}, "s3://a/b", {}, "runtime.container", "'container' is for a container of a"),
        ({**ECS, "execution_role": "x"}, "s3://a/b", {}, "runtime", "missing field 'subnets' in ecs_runtime"),
        ({**ECS, "subnets": ["s"]}, "s3://a/b", {}, "runtime", "missing field 'execution_role' in ecs_runtime"),
        ({**FARGATE, "poll_interval": "0s"}, "s3://a/b", {}, "runtime.poll_interval", "expected at least 1 second"),
        (PROCESS, None, {"secrets": {"A": "hunter2"}}, "secrets.A", NO_REFERENCE),
        (DOCKER, None, {"secrets": {"A": "conn.partner"}}, "secrets.A", NO_REFERENCE),
        (DOCKER, None, {"secrets": {"A": "{{ var.value.a }}"}}, "secrets.A", NO_REFERENCE),
        (PODS, "s3://a/b", {"secrets": {"A": "Partner/token"}}, "secrets.A", NO_REFERENCE),
        (FARGATE, "s3://a/b", {"secrets": {"A": "hunter2"}}, "secrets.A", NO_REFERENCE),
        (FARGATE, "s3://a/b", {"secrets": {"A": "rates/token"}}, "secrets.A", NO_REFERENCE),
        (FARGATE, "s3://a/b", {"secrets": {"A": "/hunter 2"}}, "secrets.A", NO_REFERENCE),
        (DOCKER, None, {"memory": "512"}, "memory", "expected"),
        (DOCKER, None, {"memory": "0Mi"}, "memory", "expected"),
        (DOCKER, None, {"cpu": 0}, "cpu", "expected more than 0"),
        # Docker would skip a success, ECS and processes would not; a process ends with no code beyond 255.
        (DOCKER, None, {"skip_exit_code": 0}, "skip_exit_code", "expected at least 1"),
        (PROCESS, None, {"skip_exit_code": 256}, "skip_exit_code", "expected at most 255"),
        (FARGATE, "s3://a/b", {"cpu": 32}, "cpu", "Fargate has no size that large"),
        (FARGATE, "s3://a/b", {"cpu": 1, "memory": "121Gi"}, "memory", "Fargate has no size that large"),
        (
            {**FARGATE, "deferrable": True},
            "s3://a/b",
            {"task_args": {"execution_timeout": "5m"}},
            "task_args.execution_timeout",
            "a task that waits in the triggerer has no time limit",
        ),
        ({**DOCKER, "host_workspace": "work"}, None, {}, "runtime.host_workspace", "'work' is no absolute path"),
        (
            {**FARGATE, "capacity_providers": ["FARGATE_SPOT", "own"]},
            "s3://a/b",
            {},
            "runtime.capacity_providers",
            "ECS takes providers of Fargate or your own",
        ),
        (
            {**FARGATE, "efs": {"file_system_id": "fs-1", "access_point": "fsap-1", "root_directory": "/x"}},
            "/mnt/w",
            {},
            "runtime.efs.root_directory",
            "an access point has a folder of its own",
        ),
        # Places that cannot meet.
        (FARGATE, None, {}, "runtime", "an ECS task cannot reach the workspace, which is the default on each worker"),
        (FARGATE, "work", {}, "runtime", "an ECS task cannot reach the workspace, which is a folder of the project"),
        (FARGATE, "/mnt/w", {}, "runtime", "an ECS task cannot reach the workspace: nothing mounts '/mnt/w' in it"),
        (FARGATE, "file:///mnt/w", {}, "runtime", "an ECS task cannot reach the workspace: nothing mounts '/mnt/w'"),
        ({**FARGATE, "efs": "fs-1"}, "s3://k@a/b", {}, "runtime.efs", "EFS has no place in the workspace 's3://a/b'"),
        (PODS, None, {}, "runtime", "a pod cannot reach the workspace, which is the default on each worker"),
        (PODS, "/mnt/w", {}, "runtime", "a pod cannot reach the workspace: nothing mounts '/mnt/w' in it"),
        ({**PODS, "workspace_claim": "w"}, "s3://k@a/b", {}, "runtime.workspace_claim", "in the workspace 's3://a/b'"),
        ({**DOCKER, "docker_url": "tcp://x:1"}, None, {}, "runtime.docker_url", "the engine on 'x' cannot reach"),
    ],
)
def test_what_is_wrong(
    tmp_path: Path, *, runtime: dict[str, Any], workspace: str | None, job: dict[str, Any], where: str, message: str
):
    (found,) = found_in(tmp_path, runtime, workspace, **job)
    assert found.path == f"tasks.a.{where}".rstrip(".")
    assert message in found.message


def test_a_given_task_definition_has_its_own_secrets_and_volumes(tmp_path: Path):
    job = {"docker_image": None, "secrets": {"A": "/rates/token"}}
    runtime = {**GIVEN, "efs": "fs-1", "container": None}
    found = found_in(tmp_path, {key: value for key, value in runtime.items() if value}, "/mnt/work", **job)
    assert sorted(each.message for each in found) == [
        "a given 'task_definition' brings its own secrets",
        "a given 'task_definition' mounts its volumes itself",
        "missing field 'container' in ecs_runtime: which one of 'rates' is it",
    ]


@pytest.mark.parametrize(
    ("cpu", "memory", "size"),
    [
        (0, 0, (256, 512)),
        (0, 513, (256, 1024)),
        (0, 2049, (512, 3072)),
        (0.25, 512, (256, 512)),
        (0.3, 512, (512, 1024)),
        (1, 0, (1024, 2048)),
        (4, 8192, (4096, 8192)),
        (8, 16385, (8192, 20480)),
        (0, 122880, (16384, 122880)),
        (0, 122881, None),
        (16.1, 0, None),
    ],
)
def test_the_smallest_size_of_fargate(cpu: float, memory: int, size: tuple[int, int] | None):
    assert fargate_size(cpu, memory) == size


def test_a_reference_shows_no_value():
    variables = SecretVariables({"TOKEN": "var.value.token"})
    assert repr(variables) == "SecretVariables({'TOKEN': 'var.value.token'})"
    assert list(variables) == ["TOKEN"]
    assert not is_reference("var.json.token")


@pytest.mark.parametrize(
    ("workspace", "folder", "own"),
    [
        (None, None, True),
        ("/project/work", "/project/work", True),
        ("/mnt/work", "/mnt/work", False),
        ("file:///mnt/w%20x", "/mnt/w x", False),
        ("s3://lake/work", None, False),
    ],
)
def test_where_a_workspace_is(workspace: str | None, folder: str | None, own: bool):
    settings = RenderSettings(workspace=workspace, project_root=Path("/project"))
    assert (settings.workspace_folder, settings.workspace_is_own) == (folder, own)


def test_errors_of_secrets_are_sentences_of_a_run():
    with pytest.raises(RunError, match="'hunter2' refers to no secret"):
        read_secret("hunter2")
