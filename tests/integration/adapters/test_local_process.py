"""Runs in processes of their own: signals, two at once, homes that are kept, files of connections."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

_RUNNER = """
import json, os, subprocess, sys, time
from pathlib import Path
from dagwright.adapters.local import LocalRun, LocalRunError, prepare_home, run_dag

def make():
    from airflow.sdk import DAG, BaseHook, BaseOperator, Variable, task

    class Remote(BaseOperator):
        def execute(self, context):
            subprocess.Popen(["sleep", "98765"], start_new_session=True)
            Path("started").touch()
            subprocess.run(["sleep", "98765"])

        def on_kill(self):
            Path("on_kill").touch()

    with DAG("process") as dag:
        if sys.argv[1] == "remote":
            Remote(task_id="remote", retries=3) >> Remote(task_id="after")
        elif sys.argv[1] == "stubborn":
            @task
            def stubborn():
                while True:
                    try:
                        Path("started").touch()
                        time.sleep(100)
                    except BaseException:
                        Path("refused").touch()
            stubborn()
        elif sys.argv[1] == "secrets":
            @task
            def look():
                print(BaseHook.get_connection("from_file").host, Variable.get("colour"))
            look()
        else:
            @task
            def wait():
                Path(f"started-{os.getpid()}").touch()
                while len(list(Path().glob("started-*"))) < 2:
                    time.sleep(0.05)
                print("pid", os.getpid())
            wait()
    return dag

paths = {name: Path(value) for name, value in json.loads(sys.argv[2]).items()}
try:
    with prepare_home(LocalRun(**paths)) as home:
        print("home", home.path, flush=True)
        result = run_dag(make, home, on_event=lambda event: print(event.task_id, event.state, flush=True))
except LocalRunError as error:
    print("refused", error)
    sys.exit(2)
print("result", result.state, [(task.task_id, task.state) for task in result.tasks])
for task in result.tasks:
    if task.log_path:
        print(task.log_path.read_text())
"""


@contextmanager
def _process(folder: Path, what: str, **paths: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", _RUNNER, what, json.dumps({name: str(path) for name, path in paths.items()})],
        cwd=folder,
        env={**environment, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 90
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _homes(folder: Path) -> list[str]:
    return [path.name for path in (folder / "tmp").iterdir() if path.name.startswith("dagwright-home")]


def _sleepers(folder: Path) -> list[int]:
    """Processes of the test, known by their working directory."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            if command == b"sleep\x0098765\x00" and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_the_children_and_the_home(tmp_path: Path, signum: signal.Signals) -> None:
    with _process(tmp_path, "remote") as process:
        _wait_for(tmp_path / "started", process)
        assert _homes(tmp_path)
        time.sleep(0.3)
        assert len(_sleepers(tmp_path)) == 2
        began = time.monotonic()
        process.send_signal(signum)
        out, err = process.communicate(timeout=60)
        assert time.monotonic() - began < 15
    assert process.returncode == 0, err
    assert "result interrupted [('remote', 'failed'), ('after', 'no_status')]" in out
    assert "remote failed\n" in out
    assert err == ""
    assert (tmp_path / "on_kill").exists()
    assert _sleepers(tmp_path) == []
    assert _homes(tmp_path) == []


def test_the_third_signal_ends_a_task_that_refuses(tmp_path: Path) -> None:
    with _process(tmp_path, "stubborn") as process:
        _wait_for(tmp_path / "started", process)
        process.send_signal(signal.SIGINT)
        _wait_for(tmp_path / "refused", process)
        for _ in range(2):
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert _homes(tmp_path) == []


def test_two_runs_at_once_in_one_log_folder(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    with _process(tmp_path, "wait", log_dir=logs) as one, _process(tmp_path, "wait", log_dir=logs) as two:
        outputs = [process.communicate(timeout=120) for process in (one, two)]
        for process, (out, err) in zip((one, two), outputs, strict=True):
            assert process.returncode == 0, err
            assert err == ""
            assert "result success [('wait', 'success')]" in out
            assert f"pid {process.pid}" in out
    assert len(list(logs.glob("*/wait.log"))) == 2
    assert _homes(tmp_path) == []


def test_a_home_is_kept_and_used_again_with_files_of_secrets(tmp_path: Path) -> None:
    home = tmp_path / "home"
    connections = tmp_path / "connections.yaml"
    connections.write_text("from_file: {conn_type: ssh, host: files.example.com, password: pw-from-file}\n")
    variables = tmp_path / "variables.json"
    variables.write_text('{"colour": "blue"}')
    for _ in range(2):
        with _process(tmp_path, "secrets", home=home, connections=connections, variables=variables) as process:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
        assert "result success [('look', 'success')]" in out
        assert "files.example.com blue" in out
    with closing(sqlite3.connect(home / "airflow.db")) as database:
        assert database.execute("select state from dag_run").fetchall() == [("success",)] * 2
    assert len(list((home / "logs").glob("*/look.log"))) == 2


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing.json", None, "does not exist"),
        ("file.txt", "x", "must end in one of"),
        ("broken.json", "{", "is not usable"),
        ("list.yaml", "- 1\n", "is not usable"),
    ],
)
def test_a_connections_file_that_cannot_be_used(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with _process(tmp_path, "secrets", connections=path) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 2, err
    assert f"refused connections file '{path}'" in out
    assert message in out
    assert err == ""
    assert _homes(tmp_path) == []
