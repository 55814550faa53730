"""The callables behind Airflow's own PythonOperator, with a task's context."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dagwright.runtime.call import WorkerCall
from dagwright.runtime.errors import ProcessFailed, WorkspaceError
from dagwright.runtime.process import run_process
from dagwright.runtime.publish_file import publish_file
from dagwright.runtime.publish_s3 import publish_s3
from dagwright.runtime.publish_sftp import publish_sftp
from dagwright.runtime.python_call import call_python
from dagwright.runtime.validation import validate_file
from dagwright.runtime.workspace import open_workspace

RUN_ID = "manual__2026-01-01T00:00:00+00:00"


@pytest.fixture
def execute(tmp_path: Path):
    """Run a callable through PythonOperator as a task of a run whose workspaces are in `tmp_path / work`."""

    def run(function: Any, settings: dict[str, Any], op_kwargs: dict[str, Any]) -> Any:
        from airflow.providers.standard.operators.python import PythonOperator
        from airflow.sdk.execution_time.context import set_current_context

        call = WorkerCall(function, {"base": str(tmp_path / "work"), **settings})
        fetch = PythonOperator(task_id="fetch", python_callable=call, op_kwargs=op_kwargs)
        context: Any = {
            "ti": SimpleNamespace(dag_id="daily", run_id=RUN_ID, task_id="fetch"),
            "logical_date": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            "run_id": RUN_ID,
            "params": {},
            "conn": "what the callable must not get",
        }
        with set_current_context(context):
            return fetch.execute(context)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return open_workspace(str(tmp_path / "work"), "daily", RUN_ID).local_path


def test_a_process_in_its_workspace(execute, folder, caplog):
    caplog.set_level(logging.INFO)
    result = execute(
        run_process,
        {"image": "ecb-rates", "allowed": True, "pass_env": ["NOT_SET_ANYWHERE"]},
        {"command": 'env | grep "^DAGWRIGHT_\\|^DAY" | sort > seen; echo fetched', "env": {"DAY": "2026-01-01"}},
    )
    assert result is None
    assert (folder / "seen").read_text().splitlines() == [
        "DAGWRIGHT_DAG_ID=daily",
        "DAGWRIGHT_LOGICAL_DATE=2026-01-01T00:00:00+00:00",
        f"DAGWRIGHT_RUN_ID={RUN_ID}",
        "DAGWRIGHT_TASK_ID=fetch",
        f"DAGWRIGHT_WORKSPACE={folder}",
        "DAY=2026-01-01",
    ]
    said = caplog.text
    assert said.count("THE IMAGE 'ecb-rates' IS IGNORED") == 1
    assert "the environment variable 'NOT_SET_ANYWHERE'" in said
    assert "fetched" in said


def test_a_process_that_skips_and_one_that_fails(execute):
    from airflow.sdk.exceptions import AirflowSkipException

    with pytest.raises(AirflowSkipException, match="exit code 99"):
        execute(run_process, {"allowed": True, "skip_exit_code": 99}, {"command": "exit 99"})
    with pytest.raises(ProcessFailed, match="exit code 1"):
        execute(run_process, {"allowed": True, "skip_exit_code": 99}, {"command": "exit 1"})


def test_secrets_that_airflow_knows_are_masked_in_the_output(execute, caplog):
    from airflow.sdk.log import mask_secret

    caplog.set_level(logging.INFO)
    mask_secret("hunter2-hunter2")
    with pytest.raises(ProcessFailed, match=r"with \*\*\*") as caught:
        execute(run_process, {"allowed": True}, {"command": "echo with hunter2-hunter2; exit 1"})
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("dagwright")
    )


def test_the_local_runner_needs_no_permission(execute, folder, monkeypatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    execute(run_process, {}, {"command": ["touch", "here"]})
    assert (folder / "here").exists()


def test_a_time_limit_ends_the_job(tmp_path, folder):
    from airflow.sdk.exceptions import AirflowTaskTimeout
    from airflow.sdk.execution_time.timeout import TimeoutPosix

    from dagwright.runtime.process import run_command
    from dagwright.runtime.workspace import RunWorkspace

    command = "sleep 60 & echo $! > child; wait"
    with pytest.raises(AirflowTaskTimeout), TimeoutPosix(seconds=1):
        run_command(command, RunWorkspace(folder), {"PATH": os.environ["PATH"]})
    child = Path("/proc", (folder / "child").read_text().strip(), "exe")
    deadline = time.monotonic() + 10
    while child.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists()


def test_a_python_call(execute, tmp_path, folder):
    (tmp_path / "acme_call.py").write_text(
        "import os\ndef count(upto):\n    open('made', 'w').close()\n    return list(range(upto))\n"
    )
    result = execute(
        call_python, {"search_path": [str(tmp_path)]}, {"callable": "acme_call:count", "args": {"upto": 3}}
    )
    assert result == [0, 1, 2]
    assert (folder / "made").exists()


@pytest.fixture
def connected(sftp, s3, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER", sftp.connection())
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", s3.connection())
    s3.create_bucket("everywhere")
    return sftp


def test_validate_then_publish_everywhere(execute, tmp_path, folder, connected):
    (folder / "out").mkdir(parents=True)
    (folder / "out/a.csv").write_text("day\n2026-01-01\n")
    suite = tmp_path / "suite.json"
    suite.write_text(
        json.dumps({"name": "s", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "day"}}]})
    )
    checked = execute(validate_file, {"suite_file": str(suite)}, {"path": "out/a.csv", "suite": "suites/suite.json"})
    files = {"sending": {"files": ["out/a.csv"], "gzip": False, "manifest": False, "if_exists": "overwrite"}}
    results = [
        execute(publish_sftp, {}, {**files, "connection_id": "partner", "directory": "in"}),
        execute(publish_s3, {}, {**files, "connection_id": "lake", "bucket": "everywhere", "prefix": "in"}),
        execute(publish_file, {}, {**files, "directory": str(tmp_path / "public")}),
    ]
    assert checked["result"] == "validation/out/a.csv.json"
    assert (folder / checked["result"]).is_file()
    assert [one["target"] for [one] in results] == [
        f"{connected.address}/~/in/a.csv",
        "s3://everywhere/in/a.csv",
        (tmp_path / "public/a.csv").as_uri(),
    ]
    assert len({one["sha256"] for [one] in results}) == 1
    json.dumps([checked, results])


def test_a_file_that_no_job_wrote(execute):
    with pytest.raises(WorkspaceError, match=r"'nope\.csv' is not there"):
        execute(validate_file, {}, {"path": "nope.csv"})


def test_the_serialised_dag_names_no_path_and_no_address(tmp_path):
    script = textwrap.dedent("""
        import hashlib, json, sys
        from datetime import datetime as dt
        from airflow.sdk import DAG
        from airflow.providers.standard.operators.python import PythonOperator
        from airflow.serialization.serialized_objects import DagSerialization
        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.process import run_process
        with DAG("d", schedule=None) as dag:
            PythonOperator(
                task_id="t",
                python_callable=WorkerCall(run_process, {"base": sys.argv[1], "path": [sys.argv[1]]}),
                op_kwargs={"command": "echo {{ ds }}", "env": {"A": "b", "C": "d"}},
            )
        text = json.dumps(DagSerialization.to_dict(dag), sort_keys=True)
        assert "0x" not in text and "run_process" in text, text
        print(text)
    """)
    path = tmp_path / "serialise.py"
    path.write_text(script)

    def text(seed: str, base: str) -> str:
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(path), base], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()[-1]

    first = text("1", "/machine/one")
    assert first == text("2", "/machine/two")
    assert "/machine" not in first


def test_a_workspace_in_an_object_store(monkeypatch, tmp_path):
    import fsspec
    from airflow.sdk.io import attach

    from dagwright.runtime.process import run_command
    from dagwright.runtime.publish_file import publish_to_folder

    attach("memory", fs=fsspec.filesystem("memory"))
    workspace = open_workspace("memory://lake/work", "daily", RUN_ID)
    assert not workspace.is_local
    assert workspace.uri == "memory://lake/work/daily/manual__2026-01-01T00~3A00~3A00~2B00~3A00"
    with pytest.raises(WorkspaceError, match="is no folder of this machine"):
        _ = workspace.local_path
    with workspace.open("out/a.csv", "w") as file:
        file.write("day\nä\n")
    data = "day\nä\n".encode()
    assert workspace.size("out/a.csv") == len(data)
    with workspace.local_copy("out/a.csv") as path:
        assert (path.name, path.read_bytes()) == ("a.csv", data)
    assert not path.exists()
    with pytest.raises(WorkspaceError, match=r"'out/b\.csv' is not there"):
        workspace.open("out/b.csv")
    published = publish_to_folder(workspace, ["out/a.csv"], tmp_path)
    assert (tmp_path / "a.csv").read_bytes() == data
    assert published[0].bytes == len(data)
    run_command(["touch", "not-in-the-checkout"], workspace, {"PATH": os.environ["PATH"]})
    assert not Path("not-in-the-checkout").exists()


def test_a_scheme_that_nobody_knows():
    with pytest.raises(WorkspaceError, match="the workspace 'nope://host/x' cannot be opened"):
        open_workspace("nope://user:secret@host/x", "d", "r")
