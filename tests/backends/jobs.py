"""Runs jobs for real in each runtime that works on this machine, and keeps what can be seen of them afterwards."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dagwright import load
from dagwright.adapters.local import Home, RunResult, run_dag
from tests.servers.aws import AwsServer
from tests.servers.podman import IMAGE, PodmanServer

__all__ = ["WORKER", "Job", "Place", "docker_place", "ecs_place", "process_place", "run_job", "write_project"]

# A worker that can be killed: it runs a DAG file in an Airflow of its own, as the run that it is told.
WORKER = """\
import sys
from dagwright import load
from dagwright.adapters.local import LocalRun, prepare_home, run_dag
with prepare_home(LocalRun(run_id=sys.argv[2])) as home:
    run_dag(lambda: load(sys.argv[1]).make_dag(), home, on_event=lambda event: None)
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A runtime, ready for jobs.

    Attributes:
        runtime: its fields.
        environment: variables of the worker.
        reference: what a job says to get the secret whose value is `value`.
        knows_secrets: whether Airflow knows the value, so that it can mask what a job prints of it.
    """

    name: str
    runtime: Mapping[str, Any]
    environment: Mapping[str, str]
    reference: str
    value: str
    knows_secrets: bool
    task_id: str = "job"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job that ran.

    Attributes:
        folder: its workspace.
        stored: every text in Airflow's database.
    """

    result: RunResult
    run_id: str
    folder: Path
    stored: str
    log: str = ""
    seconds: float = 0
    tries: int = 1
    state: str = ""

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()


def process_place() -> Place:
    """Jobs as subprocesses of this process."""
    value = "s3cret-of-a-process"
    return Place(
        name="process",
        runtime={"type": "process"},
        environment={"AIRFLOW_VAR_PARTNER_TOKEN": value},
        reference="var.value.partner_token",
        value=value,
        knows_secrets=True,
    )


def docker_place(engine: PodmanServer) -> Place:
    """Jobs as containers."""
    value = "s3cret-of-a-container"
    return Place(
        name="docker",
        runtime={"type": "docker", "docker_url": engine.url, "network": "host"},
        environment={"AIRFLOW_CONN_PARTNER": json.dumps({"conn_type": "http", "host": "h", "password": value})},
        reference="conn.partner.password",
        value=value,
        knows_secrets=True,
    )


def ecs_place(aws: AwsServer) -> Place:
    """Jobs as tasks of an ECS that runs their commands on this machine."""
    value = "s3cret-of-an-ecs-task"
    aws.client("ecs").create_cluster(clusterName="etl")
    logs, secrets = aws.client("logs"), aws.client("secretsmanager")
    if not logs.describe_log_groups()["logGroups"]:
        logs.create_log_group(logGroupName="/acme/etl")
        secrets.create_secret(Name="partner", SecretString=json.dumps({"token": value}))
    return Place(
        name="ecs",
        runtime={
            "type": "ecs",
            "cluster": "etl",
            "region": aws.region,
            "log_group": "/acme/etl",
            "subnets": [aws.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]],
            "execution_role": f"arn:aws:iam::{aws.account}:role/etl-execution",
            "efs": "fs-0123456789abcdef0",
            "poll_interval": "1s",
            "connection_id": "aws",
        },
        environment=aws.environment("aws"),
        reference=f"{secrets.describe_secret(SecretId='partner')['ARN']}:token::",
        value=value,
        knows_secrets=False,
        task_id="job.run",
    )


def run_job(place: Place, home: Home, folder: Path, *, dag: Mapping[str, Any] | None = None, **job: Any) -> Job:
    """Run one job as the DAG of a project, in a run whose id needs quoting.

    Args:
        place: where it runs.
        home: the session's Airflow.
        folder: of the project and the workspaces.
        dag: further fields of the DAG.
        job: fields of the job; `runtime` changes those of the place.
    """
    file = write_project(place, folder, dag=dag, **job)
    # A name of its own for every run, by the test's folder and a number.
    number = len(list(folder.glob("run-*"))) + 1
    folder.joinpath(f"run-{number}").touch()
    run_id = f"{folder.name}:{number}+1"
    home = replace(home, options=replace(home.options, run_id=run_id))
    started = time.monotonic()
    result = run_dag(lambda: load(file).make_dag(), home, on_event=lambda event: None)
    seconds = time.monotonic() - started
    outcome = next(task for task in result.tasks if task.task_id == place.task_id)
    paths = [task.log_path for task in result.tasks if task.log_path is not None]
    return Job(
        result=result,
        run_id=run_id,
        folder=folder / "work" / (dag or {}).get("dag_id", place.name) / f"{folder.name}~3A{number}~2B1",
        stored="\n".join(_texts(home.path)),
        log="".join(path.read_text() for path in paths),
        seconds=seconds,
        tries=outcome.tries,
        state=outcome.state,
    )


def write_project(place: Place, folder: Path, *, dag: Mapping[str, Any] | None = None, **job: Any) -> Path:
    """Write the project of one job; return its DAG file."""
    work, project = folder / "work", folder / "project"
    work.mkdir(exist_ok=True)
    runtime = {**place.runtime, **job.pop("runtime", {})}
    task = {"type": "container_job", "docker_image": IMAGE, **job, "runtime": runtime}
    file = project / "dags" / f"{place.name}.dag.json"
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(json.dumps({"workspace": str(work), **(dag or {}), "tasks": {"job": task}}))
    project.joinpath("dagwright.toml").write_text('allow = ["process"]\n')
    return file


def _texts(home: Path) -> Iterator[str]:
    """Yield everything that Airflow wrote into its database."""
    (file,) = home.rglob("*.db")
    with sqlite3.connect(file) as database:
        names = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            for row in database.execute(f'select * from "{name}"'):
                yield from (each if isinstance(each, str) else repr(each) for each in row)
