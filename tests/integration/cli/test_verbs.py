"""The verbs that need Airflow, each in a process of its own, as users call them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("airflow")

from dagwright.adapters import versions
from dagwright.cli import main

COMMAND = [sys.executable, "-c", "from dagwright.cli import main; main(prog_name='dagwright')"]

DAG = """
tasks:
  write:
    type: container_job
    docker_image: none
    command: echo "from the job" > out.txt
  fail:
    type: container_job
    depends_on: [write]
    docker_image: none
    command: 'cat out.txt; echo "$SECRET" > /dev/null; exit 3'
  after:
    type: container_job
    depends_on: [fail]
    docker_image: none
    command: echo never
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment whose home must stay as it is."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAGWRIGHT"))}
    return {**kept, "HOME": str(home), "COLUMNS": "100", "NO_COLOR": "1"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "dags").mkdir(parents=True)
    (folder / "dagwright.toml").write_text("", encoding="utf-8")
    (folder / "dags/job.dag.yaml").write_text(DAG.lstrip(), encoding="utf-8")
    return folder


def dagwright(folder: Path, environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=environ, capture_output=True, text=True, timeout=200, check=False
    )


def test_what_init_makes_runs(tmp_path: Path, environ: dict[str, str]):
    assert dagwright(tmp_path, environ, "init", "fresh").returncode == 0
    folder = tmp_path / "fresh"
    rendered = dagwright(folder, environ, "check", "--render", "--strict")
    assert (rendered.returncode, rendered.stdout, rendered.stderr) == (0, "", "1 file, no problems\n")
    result = dagwright(folder, environ, "run", "dags/hello.dag.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "hello succeeded after" in result.stdout
    (greeting,) = folder.glob(".dagwright/workspaces/hello/*/greeting.txt")
    assert greeting.read_text(encoding="utf-8") == "Hello from hello\n"
    assert (folder / ".dagwright/.gitignore").read_text(encoding="utf-8") == "*\n"
    assert list((tmp_path / "home").iterdir()) == []


def test_a_failed_task(project: Path, tmp_path: Path, environ: dict[str, str]):
    arguments = ("--workspace", str(tmp_path / "work"), "--log-dir", str(tmp_path / "logs"))
    result = dagwright(project, environ, "run", "dags/job.dag.yaml", *arguments)
    assert (result.returncode, result.stderr) == (1, "")
    events = [line.split()[1:3] for line in result.stdout.split("\n\n")[0].splitlines()]
    assert events == [
        ["running", "write"],
        ["success", "write"],
        ["running", "fail"],
        ["failed", "fail"],
        ["upstream_failed", "after"],
    ]
    assert "fail failed  --> dags/job.dag.yaml:6:3" in result.stdout
    assert "        from the job" in result.stdout.splitlines()
    (written,) = (tmp_path / "work").glob("job/*/out.txt")
    assert f"workspace: {written.parent}" in result.stdout
    assert len(list((tmp_path / "logs").glob("*/fail.log"))) == 1
    assert not (project / ".dagwright").exists()


def test_errors_of_the_file_stop_a_run(project: Path, environ: dict[str, str]):
    (project / "dags/job.dag.yaml").write_text("tasks: {a: {type: container_job}}\n", encoding="utf-8")
    result = dagwright(project, environ, "run", "dags/job.dag.yaml")
    assert (result.returncode, result.stdout) == (1, "")
    assert "error[DW204]: missing field 'command'" in result.stderr


def test_wrong_options_are_usage_errors(project: Path, environ: dict[str, str]):
    assert dagwright(project, environ, "run", "dags/job.dag.yaml", "--connections", "nothing.json").returncode == 2
    (project / "connections.txt").write_text("", encoding="utf-8")
    result = dagwright(project, environ, "run", "dags/job.dag.yaml", "--connections", "connections.txt")
    assert result.returncode == 2
    assert result.stderr.startswith("error: connections file 'connections.txt' must end in one of")


def test_secrets_do_not_reach_the_screen(project: Path, environ: dict[str, str]):
    (project / "jobs.py").write_text(
        "from airflow.sdk import BaseHook\n"
        "def leak():\n"
        "    connection = BaseHook.get_connection('store')\n"
        "    raise RuntimeError(f'cannot use {connection.password}')\n",
        encoding="utf-8",
    )
    (project / "dags/leak.dag.yaml").write_text("tasks: {t: {type: python_job, callable: 'jobs:leak'}}\n")
    (project / "c.json").write_text('{"store": {"conn_type": "ftp", "password": "geheim-4711"}}', encoding="utf-8")
    result = dagwright(project, environ, "run", "dags/leak.dag.yaml", "--connections", "c.json")
    assert result.returncode == 1
    assert "cannot use ***" in result.stdout
    assert "geheim-4711" not in result.stdout + result.stderr


def test_values_of_the_environment_reach_neither_screen_nor_logs(project: Path, environ: dict[str, str]):
    (project / "dagwright.toml").write_text('[vars]\ntoken = { from_env = "TOKEN" }\n', encoding="utf-8")
    (project / "jobs.py").write_text(
        "def leak(token):\n    print('print', token)\n    raise RuntimeError('cannot use ' + token)\n", encoding="utf-8"
    )
    (project / "dags/leak.dag.yaml").write_text(
        "workspace: work-${{ vars.token }}\n"
        "tasks:\n"
        "  shell: {type: container_job, docker_image: none, command: 'echo shell ${{ vars.token }}'}\n"
        "  call: {type: python_job, callable: 'jobs:leak', args: {token: '${{ vars.token }}'}}\n",
        encoding="utf-8",
    )
    result = dagwright(project, {**environ, "TOKEN": "geheim-4711"}, "run", "dags/leak.dag.yaml")
    assert result.returncode == 1
    assert list(project.glob("work-geheim-4711/leak/*"))
    assert "workspace: work-***/leak/" in result.stdout
    assert "RuntimeError: cannot use ***" in result.stdout
    (folder,) = project.glob(".dagwright/logs/*")
    logs = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert "shell ***" in logs["shell.log"]
    assert "print ***" in logs["call.log"]
    assert "geheim-4711" not in result.stdout + result.stderr + "".join(logs.values())


def test_a_failed_function_shows_its_own_lines_first(project: Path, environ: dict[str, str]):
    (project / "jobs.py").write_text("def fail():\n    raise RuntimeError('no')\n", encoding="utf-8")
    (project / "broken.py").write_text("raise RuntimeError('at import')\ndef never(): ...\n", encoding="utf-8")
    (project / "dags/fail.dag.yaml").write_text(
        "tasks:\n  a: {type: python_job, callable: 'jobs:fail'}\n  b: {type: python_job, callable: 'broken:never'}\n",
        encoding="utf-8",
    )
    dagwright(project, environ, "run", "dags/fail.dag.yaml", "--log-dir", "logs")
    for task_id, file in (("a", "jobs.py"), ("b", "broken.py")):
        (log,) = project.glob(f"logs/*/{task_id}.log")
        lines = log.read_text(encoding="utf-8").splitlines()
        first = lines.index("Traceback (most recent call last):") + 1
        assert f'{file}", line' in lines[first]


def test_an_interrupted_run(project: Path, environ: dict[str, str]):
    text = "tasks: {t: {type: container_job, docker_image: none, command: 'touch started; sleep 300'}}\n"
    (project / "dags/slow.dag.yaml").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "run", "dags/slow.dag.yaml"], cwd=project, env=environ, stdout=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 120
    while not list(project.glob(".dagwright/workspaces/slow/*/started")) and time.monotonic() < until:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "slow was interrupted after" in output


def test_factories_may_import_airflow_at_their_top(project: Path, environ: dict[str, str]):
    (project / "dagwright.toml").write_text('factories = ["mine"]\n', encoding="utf-8")
    (project / "mine.py").write_text(
        "from airflow.providers.standard.operators.bash import BashOperator\n"
        "from dagwright import OperatorFactory\n"
        "class Speak(OperatorFactory):\n"
        "    text: str\n"
        "    def make_operator(self):\n"
        "        print('noise')\n"
        "        return BashOperator(task_id=self.task_id, bash_command='echo ' + self.text)\n",
        encoding="utf-8",
    )
    (project / "dags/job.dag.yaml").write_text("tasks: {t: {type: speak, text: hi}}\n", encoding="utf-8")
    assert json.loads(dagwright(project, environ, "check", "--render", "--format", "json").stdout)["diagnostics"] == []
    assert dagwright(project, environ, "run", "dags/job.dag.yaml").returncode == 0
    assert list(Path(environ["HOME"]).iterdir()) == []


def test_pictures(project: Path, environ: dict[str, str]):
    tree = dagwright(project, environ, "graph", "dags/job.dag.yaml")
    assert tree.returncode == 0
    assert [line.split()[1] for line in tree.stdout.splitlines()[1:]] == ["write", "fail", "after"]
    written = dagwright(project, environ, "graph", "dags/job.dag.yaml", "--format", "svg", "--output", "job.svg")
    assert (written.returncode, written.stdout) == (0, "")
    assert (project / "job.svg").read_text(encoding="utf-8").startswith("<svg")


def test_errors_of_rendering_have_places(project: Path, environ: dict[str, str]):
    (project / "dagwright.toml").write_text('factories = ["mine"]\n', encoding="utf-8")
    (project / "mine.py").write_text(
        "from dagwright import OperatorFactory\n"
        "class Broken(OperatorFactory):\n"
        "    def make_operator(self):\n"
        "        raise ValueError('no way')\n",
        encoding="utf-8",
    )
    (project / "dags/job.dag.yaml").write_text("tasks:\n  t: {type: broken}\n", encoding="utf-8")
    assert dagwright(project, environ, "check").returncode == 0
    for arguments in (["check", "--render"], ["run", "dags/job.dag.yaml"]):
        result = dagwright(project, environ, *arguments)
        assert result.returncode == 1, arguments
        assert "error[DW501]" in result.stdout + result.stderr
        assert "--> dags/job.dag.yaml:2:3" in result.stdout + result.stderr
        assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize("verb", [("run", "dags/job.dag.yaml"), ("check", "--render"), ("graph", "dags/job.dag.yaml")])
def test_an_airflow_that_is_not_supported(project: Path, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]):
    monkeypatch.chdir(project)
    monkeypatch.setattr(versions, "airflow_version", lambda: "3.0.6")
    result = CliRunner().invoke(main, verb)
    assert result.exit_code == 2
    assert result.stderr == ("error: Airflow 3.0.6 is not supported: Dagwright needs Airflow 3.1 or newer, below 4\n")
    assert sorted(path.name for path in project.iterdir()) == ["dags", "dagwright.toml"]
