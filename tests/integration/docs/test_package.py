"""The package of docs/writing-a-runtime.md at work: its runtime, validator and publisher run a DAG."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from dagwright import load
from dagwright.adapters.local import Home, run_dag
from tests.page_runner import PAGES, own_modules, read_blocks
from tests.processes import is_running

pytest.importorskip("airflow")

# Podman itself needs a registry and a kernel that lets it; what it is told is what matters here.
PODMAN = """#!/bin/sh
if [ "$1" = rm ]; then
    echo "$*" >> "$HOME/removed"
    exit
fi
while [ $# -gt 0 ]; do
    case "$1" in
        --workdir=*) cd "${1#--workdir=}" ;;
        --env=*) export "${1#--env=}" ;;
        --name=*) echo "${1#--name=}" >> "$HOME/started" ;;
        run | --*) ;;
        *) break ;;
    esac
    shift
done
echo "image $1"
shift
exec "$@"
"""
DAG_FILE = """
type: typical_dag
workspace: {workspace}
jobs:
  job_definitions:
    - {{name: fetch, docker_image: rates, command: mkdir -p out && seq $ROWS > out/rates.csv, env: {{ROWS: "{rows}"}}}}
    - {{name: nothing, docker_image: rates, command: [sh, -c, exit 9], skip_exit_code: 9}}
    - {{name: broken, docker_image: rates, command: echo no rates today; exit 3}}
    - name: endless
      docker_image: rates
      command: sleep 600 & echo $! > child; wait
      task_args: {{execution_timeout: 2s}}
validators:
  files:
    - {{type: row_count, path: out/rates.csv, at_least: 10, task_args: {{trigger_rule: all_done}}}}
publishers:
  webdav: {{server: "http://127.0.0.1:{port}", connection_id: partner_dav, folder: in, files: [out/rates.csv]}}
"""


class Dav(BaseHTTPRequestHandler):
    """As much of WebDAV as a publisher needs."""

    files: dict[str, bytes]

    def do_PUT(self) -> None:
        self.files[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer()

    def do_MOVE(self) -> None:
        self.files[self.headers["Destination"].partition(f":{self.server.server_port}")[2]] = self.files.pop(self.path)  # type: ignore[attr-defined]  # an HTTPServer
        self.answer()

    def answer(self) -> None:
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@contextmanager
def dav_server() -> Iterator[HTTPServer]:
    Dav.files = {}
    with HTTPServer(("127.0.0.1", 0), Dav) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project of the page, with a Podman that runs commands in the clear."""
    page = next(page for page in PAGES if page.name == "writing-a-runtime.md")
    for block in read_blocks(page):
        if block.file is not None:
            path = tmp_path / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    for folder in ("acme_dagwright", "acme_dagwright/worker"):
        tmp_path.joinpath(folder, "__init__.py").touch()
    podman = tmp_path / "bin" / "podman"
    podman.parent.mkdir()
    podman.write_text(PODMAN, encoding="utf-8")
    podman.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{podman.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER_DAV", "http://me:secret@127.0.0.1")
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    with own_modules(tmp_path):
        yield tmp_path


@pytest.mark.parametrize("rows", [12, 3])
def test_the_package_runs_a_dag(project: Path, airflow_home: Home, rows: int):
    with dav_server() as server:
        workspace = project / "workspace"
        text = DAG_FILE.format(workspace=workspace, rows=rows, port=server.server_port)
        factory = load(project / "dags" / f"rates{rows}.dag.yaml", text=text)

        result = run_dag(factory.make_dag, airflow_home, on_event=lambda event: None)

    states = {task.task_id: task.state for task in result.tasks}
    enough = rows >= 10
    assert states == {
        "jobs.fetch": "success",
        "jobs.nothing": "skipped",
        "jobs.broken": "failed",
        "jobs.endless": "failed",
        "validators.out_rates_csv": "success" if enough else "failed",
        "publishers.webdav": "success" if enough else "upstream_failed",
    }
    assert list(Dav.files) == (["/in/rates.csv"] if enough else [])
    logs = {task.task_id: task.log_path.read_text(encoding="utf-8") for task in result.tasks if task.log_path}
    assert "image rates" in logs["jobs.fetch"]
    assert "the job ended with exit code 3; its last lines:" in logs["jobs.broken"]
    assert "secret" not in "".join(logs.values())
    (child,) = workspace.rglob("child")
    assert not is_running(int(child.read_text(encoding="utf-8")))
    started = project.joinpath("started").read_text(encoding="utf-8").split()
    removed = project.joinpath("removed").read_text(encoding="utf-8").splitlines()
    assert len(started) == 4
    assert removed == [f"rm --force --ignore --time=0 {name}" for name in started]
