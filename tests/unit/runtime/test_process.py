from __future__ import annotations

import contextlib
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dagwright.runtime import lifeline
from dagwright.runtime.errors import ProcessFailed, ProcessRefused
from dagwright.runtime.identity import RunIdentity
from dagwright.runtime.job_variables import job_environment
from dagwright.runtime.log_lines import LineWriter
from dagwright.runtime.process import run_command, run_process
from dagwright.runtime.workspace import RunWorkspace

RUN = RunIdentity(dag_id="daily", run_id="manual", task_id="fetch", logical_date="2026-01-01T00:00:00+00:00")
PLAIN = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    return RunWorkspace(tmp_path / "run")


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records]


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_text_is_the_shells_and_a_list_is_not(workspace, said):
    assert run_command("echo $((1+1)) > two; pwd", workspace, PLAIN) == 0
    assert (workspace.local_path / "two").read_text() == "2\n"
    assert said() == [str(workspace.local_path)]
    assert run_command(["echo", "$((1+1)) > three"], workspace, PLAIN) == 0
    assert said()[-1] == "$((1+1)) > three"


def test_output_comes_while_it_runs_and_both_streams_come(workspace, said):
    seen = threading.Event()

    def watch():
        if wait_for(lambda: "first" in said()):
            seen.set()
            (workspace.local_path / "go").touch()

    thread = threading.Thread(target=watch)
    thread.start()
    run_command("echo first; until [ -e go ]; do sleep 0.05; done; echo second >&2", workspace, PLAIN)
    thread.join()
    assert seen.is_set()
    assert said() == ["first", "second"]


def test_bytes_lines_and_ends_of_every_kind(workspace, said):
    script = (
        "import sys; write = sys.stdout.buffer.write; write(b'bad \\xff\\n10%\\r50%\\r100%\\n\\ndos\\r\\n');"
        "write('é'.encode() * 20000 + b'\\n'); write(b'no end \\xc3')"
    )
    run_command([sys.executable, "-c", script], workspace, PLAIN)
    lines = said()
    assert lines[:4] == ["bad \ufffd", "100%", "", "dos"]
    assert "".join(lines[4:-1]) == "é" * 20000
    assert lines[-1] == "no end \ufffd"


def test_a_line_without_end_does_not_fill_the_memory():
    lines: list[str] = []
    writer = LineWriter(lines.append, remember=3)
    for _ in range(100):
        writer.feed(b"x" * 10_000)
    assert len(writer._rest) <= 16_384
    writer.close()
    assert sum(map(len, lines)) == 1_000_000
    assert len(writer.tail) == 3


@pytest.mark.parametrize(
    ("command", "exit_code", "text"),
    [
        ("echo one; echo two; exit 7", 7, "the job ended with exit code 7; its last lines:\n    one\n    two"),
        ("kill -9 $$", -9, "the job ended with exit code 137 (signal SIGKILL); it wrote nothing"),
        ("kill -SEGV $$", -11, "the job ended with exit code 139 (signal SIGSEGV); it wrote nothing"),
        ("sh -c 'kill -TERM $$'; exit $?", 143, "exit code 143 (signal SIGTERM)"),
        (["no-such-program"], 127, "cannot start 'no-such-program': No such file or directory"),
        (["/"], 126, "cannot start '/': Permission denied"),
        ("", 127, "the job's command is empty"),
        ([], 127, "the job's command is empty"),
        (["a\0b"], 126, "NUL"),
    ],
)
def test_failures_say_how_the_job_ended(workspace, command, exit_code, text):
    with pytest.raises(ProcessFailed) as caught:
        run_command(command, workspace, PLAIN)
    assert text in str(caught.value)
    assert caught.value.exit_code == exit_code


def test_the_last_twenty_lines_are_in_the_failure(workspace):
    with pytest.raises(ProcessFailed) as caught:
        run_command("seq 1 50; exit 1", workspace, PLAIN)
    assert str(caught.value).split()[-20:] == [str(number) for number in range(31, 51)]


def test_the_skip_code_is_no_failure(workspace):
    assert run_command("exit 99", workspace, PLAIN, skip_exit_code=99) == 99


def test_what_the_command_leaves_behind_ends_with_it(workspace, said):
    started = time.monotonic()
    run_command("sleep 60 & echo $! > pid; sleep 60 > /dev/null 2>&1 & echo $! > quiet; echo done", workspace, PLAIN)
    assert time.monotonic() - started < 10
    for name in ("pid", "quiet"):
        pid = int((workspace.local_path / name).read_text())
        assert wait_for(lambda pid=pid: not lives(pid))
    assert said()[0] == "done"
    assert "left processes behind" in said()[1]


class TimeIsUpError(BaseException):
    """Stands for what Airflow raises in the main thread when a task's time is up."""


@contextlib.contextmanager
def interrupted(after: float):
    def interrupt(number, frame):
        raise TimeIsUpError

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, after)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_exception_ends_the_whole_group(workspace):
    command = "sleep 60 & echo $! > child; echo $$ > self; wait"
    with interrupted(0.7), pytest.raises(TimeIsUpError):
        run_command(command, workspace, PLAIN)
    for name in ("child", "self"):
        pid = int((workspace.local_path / name).read_text())
        assert wait_for(lambda pid=pid: not lives(pid))


def test_a_job_that_ignores_term_is_killed(workspace, monkeypatch):
    monkeypatch.setattr(lifeline, "GRACE_SECONDS", 0.5)
    with interrupted(0.7), pytest.raises(TimeIsUpError):
        run_command("trap '' TERM; echo $$ > self; while :; do sleep 0.1; done", workspace, PLAIN)
    pid = int((workspace.local_path / "self").read_text())
    assert wait_for(lambda: not lives(pid))


def test_a_job_may_tidy_up_when_it_is_stopped(workspace):
    with interrupted(0.7), pytest.raises(TimeIsUpError):
        run_command("trap 'echo tidy > tidied; exit 0' TERM; while :; do sleep 0.1; done", workspace, PLAIN)
    assert (workspace.local_path / "tidied").read_text() == "tidy\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_job_does_not_outlive_the_tasks_process(tmp_path, number):
    script = (
        "import pathlib, sys\n"
        "from dagwright.runtime.process import run_command\n"
        "from dagwright.runtime.workspace import RunWorkspace\n"
        "command = 'sleep 60 & echo $! > child; echo $$ > self; wait'\n"
        "run_command(command, RunWorkspace(pathlib.Path(sys.argv[1])), {'PATH': sys.argv[2]})\n"
    )
    task = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), os.environ["PATH"]])
    assert wait_for(lambda: (tmp_path / "self").exists() and (tmp_path / "self").read_text())
    pids = [int((tmp_path / name).read_text()) for name in ("child", "self")]
    assert all(map(lives, pids))
    task.send_signal(number)
    task.wait(timeout=20)
    assert wait_for(lambda: not any(map(lives, pids)))


def test_the_lifeline_is_not_the_jobs(workspace, said):
    run_command("ls /proc/self/fd | sort -n | tail -1", workspace, PLAIN)
    assert said() == ["3"]  # the folder that `ls` itself reads


def test_the_environment_is_the_jobs_alone(tmp_path):
    workspace = RunWorkspace(tmp_path)
    worker = {
        "PATH": "/usr/bin",
        "HOME": "/home/a",
        "TZ": "UTC",
        "AIRFLOW__CORE__FERNET_KEY": "secret",
        "PYTHONPATH": "/worker",
        "PROXY": "p",
        "LD_PRELOAD": "x",
    }
    result = job_environment(
        workspace,
        RUN,
        folders=[Path("/project/jobs"), "/project"],
        pass_env=["PROXY", "NOT_SET"],
        env={"DAY": "2026-01-01", "COUNT": 3, "NONE": None, "TZ": "CET"},
        worker_env=worker,
    )
    assert result == {
        "PATH": os.pathsep.join(["/project/jobs", "/project", str(Path(sys.executable).parent), "/usr/bin"]),
        "PYTHONPATH": os.pathsep.join(["/project/jobs", "/project"]),
        "HOME": "/home/a",
        "LANG": "C.UTF-8",
        "TZ": "CET",
        "PYTHONUNBUFFERED": "1",
        "DAGWRIGHT_WORKSPACE": str(tmp_path),
        "DAGWRIGHT_DAG_ID": "daily",
        "DAGWRIGHT_RUN_ID": "manual",
        "DAGWRIGHT_TASK_ID": "fetch",
        "DAGWRIGHT_LOGICAL_DATE": "2026-01-01T00:00:00+00:00",
        "PROXY": "p",
        "DAY": "2026-01-01",
        "COUNT": "3",
        "NONE": "",
    }


def test_a_job_sees_nothing_else(workspace, said, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    run_command([sys.executable, "-c", "import os; print(sorted(os.environ))"], workspace, PLAIN)
    assert said() == ["['LANG', 'PATH']"]


def test_a_name_that_is_none(tmp_path):
    with pytest.raises(ProcessFailed, match="'A=B' cannot be an environment variable") as caught:
        job_environment(RunWorkspace(tmp_path), RUN, folders=[], pass_env=[], env={"A=B": "hunter2"}, worker_env={})
    assert "hunter2" not in str(caught.value)


def test_it_is_refused_unless_it_is_allowed(monkeypatch):
    monkeypatch.delenv("DAGWRIGHT_LOCAL_RUN", raising=False)
    with pytest.raises(ProcessRefused, match=r'dagwright\.toml by allow = \["process"\].*\[env\.NAME\]'):
        run_process("true")


def test_a_failure_can_be_pickled_as_executors_do():
    twin = pickle.loads(pickle.dumps(ProcessFailed("it ended", exit_code=7)))
    assert (str(twin), twin.exit_code) == ("it ended", 7)
