"""What is special about Docker: the engine's own settings, containers that must not stay, engines that are not there.

The engine is podman's service, which speaks Docker's API, and the image is BusyBox alone.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagwright.adapters.local import Home
from tests.backends.jobs import Job, Place, docker_place, run_job
from tests.servers.podman import PodmanServer

Run = Callable[..., Job]


@pytest.fixture
def place(podman: PodmanServer, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = docker_place(podman)
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    return place


@pytest.fixture
def run(place: Place, airflow_home: Home, tmp_path: Path) -> Run:
    def run(command: Any, **job: Any) -> Job:
        return run_job(place, airflow_home, tmp_path, command=command, **job)

    return run


def test_the_image_is_what_the_command_sees(run: Run):
    job = run("ls /bin/busybox && ! ls /usr && id -u > who", runtime={"user": "1234"}, env={"HOME": "/tmp"})
    assert job.state == "failed"  # the workspace is the worker's, and not this user's
    assert "can't create who: Permission denied" in job.log
    assert run("ls /bin/busybox && ! ls /usr && id -u > who").read("who") == "0\n"


def test_no_container_stays(run: Run, podman: PodmanServer):
    run("true")
    run("exit 3")
    run("sleep 60", task_args={"execution_timeout": "3s"})
    assert podman.containers() == []


def test_containers_that_are_kept(run: Run, podman: PodmanServer):
    run("echo what was there; exit 3", runtime={"auto_remove": False})
    (container,) = podman.containers()
    assert podman.run("logs", container) == "what was there\n"
    podman.run("rm", container)


def test_further_mounts(run: Run, tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    data.joinpath("rates.csv").write_text("EUR,1\n")
    mount = {"source": str(data), "target": "/data", "read_only": True}
    job = run("cp /data/rates.csv . && ! touch /data/new", runtime={"mounts": [mount]})
    assert job.result.state == "success"
    assert job.read("rates.csv") == "EUR,1\n"
    assert not data.joinpath("new").exists()


def test_a_worker_that_is_a_container_itself(run: Run, tmp_path: Path):
    # What is one folder to the worker is another to the engine's machine: here by a link.
    tmp_path.joinpath("as-the-engine-sees-it").symlink_to(tmp_path / "work")
    job = run("touch here", runtime={"host_workspace": str(tmp_path / "as-the-engine-sees-it")})
    assert job.result.state == "success"
    assert (job.folder / "here").exists()


def test_an_entry_point_of_the_image(run: Run, podman: PodmanServer, tmp_path: Path):
    containerfile = b'FROM localhost/tiny\nENTRYPOINT ["/bin/echo", "entry point:"]\n'
    podman.run("build", "--tag=localhost/entry", "-", data=containerfile)
    kept = run(["a", "b"], docker_image="localhost/entry", runtime={"keep_entrypoint": True})
    assert "entry point: a b" in kept.log
    replaced = run(["echo", "a", "b"], docker_image="localhost/entry")
    assert replaced.result.state == "success"
    assert "entry point" not in replaced.log


def test_memory_is_a_limit(run: Run):
    job = run("cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max > limit", memory="64Mi")
    assert job.read("limit").strip() == str(64 * 1024 * 1024)


def test_an_image_that_is_nowhere(run: Run):
    job = run("true", docker_image="localhost/nobody/nothing")
    assert job.state == "failed"
    assert "nobody/nothing" in job.log
    assert job.seconds < 60


def test_an_engine_that_is_not_there(run: Run, tmp_path: Path):
    job = run("true", runtime={"docker_url": f"unix://{tmp_path}/nobody.sock"})
    assert job.state == "failed"
    assert job.seconds < 30
    assert "Failed to establish connection to" in job.log


def test_an_engine_that_never_answers(run: Run, place: Place):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        job = run("true", runtime={"docker_url": url, "api_timeout": 2}, secrets={"TOKEN": place.reference})
    assert job.state == "failed"
    assert job.seconds < 60
    assert place.value not in job.log + job.stored
