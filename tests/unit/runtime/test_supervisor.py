from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from dagwright.runtime.errors import ProcessFailed
from dagwright.runtime.process import run_command
from dagwright.runtime.supervisor import supervisor_is_gone
from dagwright.runtime.workspace import RunWorkspace

RUNNER = "airflow.sdk.execution_time.task_runner"


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The supervisor's end of the line that a task has to it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        monkeypatch.setitem(sys.modules, RUNNER, SimpleNamespace(SUPERVISOR_COMMS=SimpleNamespace(socket=ours)))
        yield theirs


def test_it_is_there_until_its_end_of_the_line_closes(supervisor):
    assert not supervisor_is_gone()
    supervisor.sendall(b"an answer that the task has not read yet")
    assert not supervisor_is_gone()


def test_it_is_gone_when_its_end_of_the_line_closes(supervisor):
    supervisor.close()
    assert supervisor_is_gone()


@pytest.mark.parametrize("runner", [None, SimpleNamespace(), SimpleNamespace(SUPERVISOR_COMMS=SimpleNamespace())])
def test_a_task_in_the_process_of_its_command_has_none(monkeypatch, runner):
    monkeypatch.setitem(sys.modules, RUNNER, runner)
    assert not supervisor_is_gone()


def test_a_job_ends_with_the_supervisor(supervisor, tmp_path):
    threading.Timer(0.5, supervisor.close).start()
    started = time.monotonic()
    with pytest.raises(ProcessFailed, match="the worker that ran its task is gone"):
        run_command("sleep 60", RunWorkspace(tmp_path), {"PATH": os.environ["PATH"]})
    assert time.monotonic() - started < 30
