"""A Celery worker that is gone from one moment to the next, in the middle of its work.

SIGKILL reaches the worker and all that it started at once, as when its machine is lost. Airflow notices by the
missing heartbeat and lets another worker try again.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import asyncssh
import psutil  # type: ignore[import-untyped]  # Airflow brings it; it ships no types
import pytest

from tests.airflow.cluster import HEARTBEAT_TIMEOUT, STALLS_AFTER, Cluster
from tests.airflow.processes import Process
from tests.airflow.projects import PUBLISHED
from tests.integration.servers import SftpServer

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.parametrize("cluster", ["CeleryExecutor"], indirect=True, scope="session"),
]
TARGET, PARTS = "out/rates.bin", ".rates.bin.*.part"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def killed(cluster: Cluster, worker: Process, how: str) -> Iterator[None]:
    """Kill a worker, and at the end what it left behind."""
    family = worker.family()
    cluster.workers.remove(worker)
    if how == "everything":
        worker.kill()
    else:
        worker.kill_group()
    try:
        yield
    finally:
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def reader(server: SftpServer, path: str) -> Iterator[list[str]]:
    """Read a file again and again, as a partner might, and give the digests in the order in which they were seen."""
    seen: list[str] = []
    stop = threading.Event()

    async def read() -> None:
        known = asyncssh.import_known_hosts(f"[{server.host}]:{server.port} {server.host_key}\n")
        options = {"username": server.user, "password": server.password, "known_hosts": known}
        async with (
            asyncssh.connect(server.host, server.port, client_keys=None, config=None, **options) as connection,
            connection.start_sftp_client() as client,
        ):
            while not stop.is_set():
                try:
                    async with client.open(path, "rb") as file:
                        found = digest(await file.read())
                except asyncssh.SFTPNoSuchFile:
                    found = "missing"
                if seen[-1:] != [found]:
                    seen.append(found)
                await asyncio.sleep(0.2)

    thread = threading.Thread(target=lambda: asyncio.run(read()), name="reader")
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(timeout=60)


@pytest.fixture(autouse=True)
def two_workers(cluster: Cluster) -> None:
    """Replace the worker that another test killed."""
    cluster.until("the DAGs", lambda: cluster.rest.dags().keys() >= {"slow_publish", "slow_job", "steady"})
    while len(cluster.workers) < 2:
        cluster.start_worker()


@pytest.mark.parametrize("how", ["everything", "group"])
def test_a_worker_killed_in_the_middle_of_a_publish_loses_nothing_and_publishes_nothing_half(
    cluster: Cluster, how: str
):
    """`group` leaves the task's own process alive, which is stuck beside its retry: Airflow knows nothing of it."""
    folder, final = cluster.slow.root / "out", cluster.slow.root / TARGET
    folder.mkdir(exist_ok=True)
    final.write_bytes(b"of yesterday")
    cluster.slow.stalls.set()
    cluster.rest.start_run("slow_publish", how)
    with reader(cluster.slow, TARGET) as seen:
        cluster.until(
            "the middle of the publish",
            lambda: any(path.stat().st_size >= STALLS_AFTER // 2 for path in folder.iterdir()),
        )
        lost = cluster.worker_of("slow_publish", how, "publish")
        with killed(cluster, lost, how):
            cluster.slow.stalls.clear()
            assert final.read_bytes() == b"of yesterday"
            (half,) = folder.glob(PARTS)
            assert 0 < half.stat().st_size < len(PUBLISHED)
            # What is not stuck with the lost worker goes on before anything is noticed.
            cluster.rest.start_run("steady", how)
            assert cluster.finish_run("steady", how) == "success"
            state = cluster.finish_run("slow_publish", how, seconds=HEARTBEAT_TIMEOUT + 200)
            cluster.until("the reader's look at the new file", lambda: seen[-1] == digest(PUBLISHED), seconds=20)
    tries = cluster.rest.tries("slow_publish", how, "publish")
    logs = [cluster.rest.log("slow_publish", how, "publish", number) for number in range(1, len(tries) + 1)]
    assert state == "success", logs
    assert [one["state"] for one in tries] == ["failed", "success"]
    assert seen == [digest(b"of yesterday"), digest(PUBLISHED)]
    assert list(folder.iterdir()) == [final]
    assert not any(message.startswith("published") for message in logs[0])


@pytest.mark.parametrize("how", ["everything", "group"])
def test_a_job_ends_with_its_worker_and_is_tried_again(cluster: Cluster, how: str):
    """The job has a session of its own, so that no kill reaches it."""
    cluster.rest.start_run("slow_job", how)
    workspace = cluster.workspaces / "slow_job" / how
    cluster.until("the middle of the job", (workspace / "pid").is_file)
    processes = [psutil.Process(int(pid)) for pid in (workspace / "pid").read_text().split()]
    with killed(cluster, cluster.worker_of("slow_job", how, "job"), how):
        assert psutil.wait_procs(processes, timeout=HEARTBEAT_TIMEOUT)[1] == []
        assert cluster.finish_run("slow_job", how, seconds=HEARTBEAT_TIMEOUT + 200) == "success"
    assert (workspace / "result.txt").read_text() == "done\n"
    assert [one["state"] for one in cluster.rest.tries("slow_job", how, "job")] == ["failed", "success"]
