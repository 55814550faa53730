"""An Airflow of real processes on loopback: API server, scheduler, DAG processor and, for Celery, two workers.

LocalExecutor keeps its metadata in SQLite, as `airflow standalone` does; CeleryExecutor in PostgreSQL, with Redis
between scheduler and workers.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx

from tests.airflow.processes import Process, end_all
from tests.airflow.projects import Projects
from tests.airflow.rest import ENDED, Rest
from tests.integration.servers import S3Endpoint, SftpServer, s3_server, sftp_server
from tests.servers.postgres import postgres_server
from tests.servers.redis import redis_server

__all__ = ["HEARTBEAT_TIMEOUT", "STALLS_AFTER", "Cluster", "airflow_cluster"]

HEARTBEAT_TIMEOUT = 15  # seconds; Airflow's default is 300
STALLS_AFTER = 1024 * 1024  # bytes of a file
T = TypeVar("T")
_USER, _PASSWORD = "tester", "loopback only"


@dataclass(kw_only=True)
class Cluster:
    """A running Airflow and what its DAGs talk to.

    Attributes:
        partner: where the example publishes.
        slow: an SFTP server where uploads get stuck in the middle while `slow.stalls` is set.
        workers: the Celery workers that live; LocalExecutor has none.
    """

    executor: str
    home: Path
    environment: dict[str, str]
    projects: Projects
    partner: SftpServer
    slow: SftpServer
    s3: S3Endpoint
    processes: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    rest: Rest = field(init=False)

    @property
    def workspaces(self) -> Path:
        return self.home / "dagwright" / "workspaces"

    def start(self, name: str, *arguments: str) -> Process:
        """Start `airflow ARGUMENTS` and return at once."""
        log = self.home / f"{name.replace(' ', '-')}.log"
        process = Process(name, [sys.executable, "-m", "airflow", *arguments], self.environment, log)
        self.processes.append(process)
        return process

    def start_worker(self) -> Process:
        """Start a Celery worker that runs one task at a time."""
        name = f"number{sum(process.name.startswith('worker') for process in self.processes) + 1}"
        hostname = ["--celery-hostname", f"{name}@127.0.0.1"]
        worker = self.start(f"worker {name}", "celery", "worker", "--concurrency", "1", "--skip-serve-logs", *hostname)
        self.workers.append(worker)
        return worker

    def worker_of(self, dag_id: str, run_id: str, task_id: str) -> Process:
        """Return the worker that runs the task."""
        pid = self.rest.tasks(dag_id, run_id)[task_id]["pid"]
        return next(worker for worker in self.workers if any(one.pid == pid for one in worker.family()))

    def until(self, what: str, look: Callable[[], T], *, seconds: float = 120, every: float = 0.5) -> T:
        """Look again and again until there is something true to see, and return it."""
        deadline = time.monotonic() + seconds
        while True:
            seen = look()
            if seen:
                return seen
            for process in self.processes:
                process.assert_alive()
            assert time.monotonic() < deadline, f"waited {seconds:.0f} seconds for {what}; last seen: {seen!r}"
            time.sleep(every)

    def finish_run(self, dag_id: str, run_id: str, *, seconds: float = 240) -> str:
        """Wait for a run's end and return its state."""

        def ended() -> str:
            state = self.rest.run_state(dag_id, run_id)
            return state if state in ENDED else ""

        return self.until(f"the end of run '{run_id}' of DAG '{dag_id}'", ended, seconds=seconds)

    def tails(self) -> list[tuple[str, str]]:
        """Return the end of each process's output, for a failure's report."""
        return [(f"{self.executor}: {process.name}", process.tail()) for process in self.processes]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def airflow_cluster(executor: str, folder: Path) -> Iterator[Cluster]:
    """Run an Airflow in a folder that is empty.

    Raises:
        AssertionError: when a process does not come up; its output is in the text.
    """
    with ExitStack() as stack:
        sftp_roots = [folder / name for name in ("partner", "slow")]
        for root in sftp_roots:
            root.mkdir()
        partner = stack.enter_context(sftp_server(sftp_roots[0]))
        slow = stack.enter_context(sftp_server(sftp_roots[1], stall_after=STALLS_AFTER))
        s3 = stack.enter_context(s3_server())
        httpx.post(f"{s3.url}/moto-api/reset", trust_env=False).raise_for_status()  # moto remembers earlier endpoints
        home, projects, port = folder / "home", Projects(folder=folder), _free_port()
        home.mkdir()
        projects.write()
        environment = {
            **_environment(folder, home, projects, port),
            **partner.environment("partner_sftp"),
            **slow.environment("slow_sftp"),
            **s3.environment("aws_default"),
            "AIRFLOW__CORE__EXECUTOR": executor,
        }
        if executor == "CeleryExecutor":
            database = stack.enter_context(postgres_server()).create_database("airflow")
            environment |= {
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.url("postgresql+psycopg2"),
                "AIRFLOW__CELERY__RESULT_BACKEND": database.url("db+postgresql"),
                "AIRFLOW__CELERY__BROKER_URL": stack.enter_context(redis_server()),
            }
        cluster = Cluster(
            executor=executor,
            home=home,
            environment=environment,
            projects=projects,
            partner=partner,
            slow=slow,
            s3=s3,
        )
        stack.callback(lambda: end_all(cluster.processes))
        _start(cluster, port)
        stack.callback(cluster.rest.close)
        yield cluster


def _start(cluster: Cluster, port: int) -> None:
    migration = ([sys.executable, "-m", "airflow", "db", "migrate"], 0)

    def run(prepared: tuple[list[str], int]) -> None:
        command, exit_code = prepared
        ran = subprocess.run(
            command,
            env=cluster.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        assert ran.returncode == exit_code, ran.stdout

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, [migration, *cluster.projects.deployments()]))
    cluster.start("API server", "api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    cluster.start("scheduler", "scheduler")
    cluster.start("DAG processor", "dag-processor")
    if cluster.executor == "CeleryExecutor":
        cluster.start_worker()
        cluster.start_worker()
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/api/v2/version", timeout=10, trust_env=False).is_success
        except httpx.TransportError:
            return False

    cluster.until("the API server", answers)
    cluster.rest = Rest(url, _USER, _PASSWORD)


def _environment(folder: Path, home: Path, projects: Projects, port: int) -> dict[str, str]:
    """Return what every process gets: nothing that could lead it to somebody else's Airflow or account."""
    (folder / "passwords.json").write_text(json.dumps({_USER: _PASSWORD}))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "AWS_", "DAGWRIGHT"))}
    return {
        **kept,
        "HOME": str(folder),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "DAGWRIGHT_ENV": "dev",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{_USER}:admin",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": projects.bundles(),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(folder / "bundles"),
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port()),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(HEARTBEAT_TIMEOUT),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
    }
