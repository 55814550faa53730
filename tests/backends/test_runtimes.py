"""The same fields of a job mean the same in every runtime: one set of tests for all that run on this machine.

`docker` is podman's service with an image made here. `ecs` is moto's server, extended so that it runs a task's command:
`tests/servers/ecs_tasks.py` says what that does not show. There is no cluster here for `kubernetes`, whose pods are
compared with the API's schema in `test_kubernetes.py`.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dagwright.adapters.local import Home
from tests.backends.jobs import (
    WORKER,
    Job,
    Place,
    docker_place,
    ecs_place,
    process_place,
    run_job,
    write_project,
)
from tests.servers.podman import IMAGE, PodmanServer

Run = Callable[..., Job]


@pytest.fixture(params=["process", "docker", "ecs"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    match request.param:
        case "docker":
            place = docker_place(request.getfixturevalue("podman"))
        case "ecs":
            place = ecs_place(request.getfixturevalue("aws"))
        case _:
            place = process_place()
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    yield place
    if place.name == "docker":
        podman: PodmanServer = request.getfixturevalue("podman")
        # Podman refuses a program that is not there earlier than Docker does, and DockerOperator then leaves a
        # container that never ran.
        assert podman.run("ps", "--all", "--quiet", "--filter=status=running", "--filter=status=exited") == ""
        podman.run("rm", "--all", "--force", "--time=0")


@pytest.fixture
def run(place: Place, airflow_home: Home, tmp_path: Path) -> Run:
    def run(command: Any, **job: Any) -> Job:
        return run_job(place, airflow_home, tmp_path, command=command, **job)

    return run


# A job that shows for how long it lives.
HEART = "while true; do echo beat >> heart; sleep 0.2; done"


def beats(folder: Path) -> bool:
    """Tell whether the job is alive a second after it was to end."""
    heart = folder / "heart"
    time.sleep(1)
    before = heart.stat().st_size
    assert before > 0
    time.sleep(1)
    return heart.stat().st_size > before


def test_a_job_knows_its_run_and_writes_into_its_workspace(run: Run, place: Place):
    job = run("env | grep -e ^DAGWRIGHT_ -e ^DAY= | sort > seen; pwd -P > where; echo hello; echo wörld >&2",
              env={"DAY": "{{ 'to' ~ 'day' }}"})  # fmt: skip
    assert job.result.state == "success"
    assert job.read("seen").splitlines() == [
        f"DAGWRIGHT_DAG_ID={place.name}",
        f"DAGWRIGHT_LOGICAL_DATE={job.read('seen').partition('LOGICAL_DATE=')[2].splitlines()[0]}",
        f"DAGWRIGHT_RUN_ID={job.run_id}",
        "DAGWRIGHT_TASK_ID=job",
        f"DAGWRIGHT_WORKSPACE={job.folder}",
        "DAY=today",
    ]
    assert job.read("where") == f"{job.folder}\n"
    assert "hello" in job.log
    assert "wörld" in job.log


def test_a_list_is_a_program_and_its_arguments(run: Run):
    job = run(["touch", "a b; exit 1", "{{ 1 + 1 }}", "$HOME"])
    assert job.result.state == "success"
    assert {path.name for path in job.folder.iterdir()} == {"a b; exit 1", "2", "$HOME"}


def test_a_command_that_looks_like_a_file_of_templates(run: Run):
    job = run("echo '{{ ds }}' > run.env; echo 'echo \"$1\" > out' > run.sh; chmod +x run.sh; ./run.sh ok; sh run.sh")
    assert job.result.state == "success"
    assert job.read("out") == "\n"


def test_another_exit_code_fails_with_the_output_in_the_log(run: Run):
    job = run("echo the disk is full; exit 7", skip_exit_code=99)
    assert job.state == "failed"
    assert job.tries == 1
    assert "the disk is full" in job.log


def test_the_skip_code_skips(run: Run):
    assert run("exit 99", skip_exit_code=99).state == "skipped"


def test_a_program_that_is_not_there_fails(run: Run):
    assert run(["no-such-program"]).state == "failed"


def test_a_retry_sees_the_same_workspace(run: Run):
    job = run("test -e first && echo again > second || { touch first; exit 1; }",
              task_args={"retries": 1, "retry_delay": "0s"})  # fmt: skip
    assert job.result.state == "success"
    assert job.tries == 2
    assert job.read("second") == "again\n"


def test_a_time_limit_ends_the_job(run: Run):
    job = run(HEART, task_args={"execution_timeout": "4s"})
    assert job.state == "failed"
    assert job.seconds < 60
    assert not beats(job.folder)


def test_a_killed_task_ends_its_job(place: Place, tmp_path: Path):
    file = write_project(place, tmp_path, command=HEART)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, file, "manual"], start_new_session=True)
    folder = tmp_path / "work" / place.name / "manual"
    deadline = time.monotonic() + 60
    while not (folder / "heart").exists():
        assert time.monotonic() < deadline
        assert worker.poll() is None
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGTERM)
    worker.wait(timeout=60)
    assert not beats(folder)


def test_the_command_alone_sees_a_secret(run: Run, place: Place):
    command = 'printf %s "$TOKEN" | sha256sum > digest'
    if place.knows_secrets:
        command += '; echo "the token is <$TOKEN>"'
    job = run(command, secrets={"TOKEN": place.reference})
    assert job.result.state == "success"
    assert job.read("digest").split()[0] == hashlib.sha256(place.value.encode()).hexdigest()
    assert place.value not in job.log
    assert place.value not in job.stored
    assert place.reference in job.stored or place.name == "docker"
    if place.knows_secrets:
        assert "the token is <***>" in job.log


def test_a_secret_that_is_not_there_fails(run: Run, place: Place):
    missing = place.reference.replace("partner", "nobody")
    job = run("touch ran", secrets={"TOKEN": missing})
    assert job.state == "failed"
    assert not (job.folder / "ran").exists()
    assert missing.partition(":token")[0] in job.log


def test_cpu_and_memory_are_taken_everywhere(run: Run):
    assert run("true", cpu=0.5, memory="256Mi").result.state == "success"


def test_nothing_is_pushed_to_xcom(run: Run):
    job = run("echo last line of the output", docker_image=IMAGE)
    assert job.result.state == "success"
    assert "last line of the output" not in job.stored.replace("echo last line of the output", "")
