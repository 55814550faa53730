"""What acme's package does in Airflow: it renders, runs for real, and fails as it should."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.acme.example_project import HERE
from tests.acme.web_server import PASSWORD, WebServer
from tests.acme.worker_programs import DAGWRIGHT, Worker
from tests.processes import is_running

# Airflow itself is imported by the programs that these tests start: its home is chosen at its first import, and this
# process may have one already.
pytestmark = pytest.mark.skipif(find_spec("airflow") is None, reason="needs Airflow")

RENDER = """
import json
from airflow.sdk import DAG
from acme.download_feed import DownloadFeed
from acme.row_count import RowCount
from dagwright import chain, load_project
from dagwright.render import dag_graph

project = load_project(".", env="dev")
assert not project.diagnostics, project.diagnostics
dags = [factory.make_dag() for factory in project.dags]
with DAG("by_hand") as by_hand:
    feed = DownloadFeed(file="a.csv")
    chain([feed, DownloadFeed(name="second", file="b.csv")], RowCount(path="in/a.csv"))
graphs = [dag_graph(dag) for dag in [*dags, by_hand]]
edges = {g.dag_id: {t.task_id: sorted(t.upstream) for t in g.tasks} for g in graphs}
operators = sorted({t.operator for g in graphs for t in g.tasks})
outlets = [asset.name for dag in dags for task in dag.tasks for asset in task.outlets]
inlets = [asset.name for dag in dags for task in dag.tasks for asset in task.inlets]
print(json.dumps({"edges": edges, "operators": operators, "outlets": outlets, "inlets": inlets}))
"""

DOCTOR = """
import json, sys
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from dagwright.adapters.doctor import examine, packages

def distribution(name):
    if name == "apache-airflow-providers-common-compat":
        raise metadata.PackageNotFoundError(name)
    return metadata.distribution(name)

packages.distribution = distribution
problems = [asdict(each) for each in examine(Path.cwd(), env="dev").problems]
print(json.dumps([each for each in problems if each["about"] == "packages"]))
"""


def test_doctor_says_what_a_runtime_of_acme_needs_on_workers(worker: Worker):
    done = worker.start(sys.executable, "-c", DOCTOR)

    assert done.returncode == 0, done.stderr
    (problem,) = json.loads(done.stdout.splitlines()[-1])
    assert problem["message"] == (
        "'apache-airflow-providers-common-compat' is not installed, which sandbox_runtime needs where its tasks run"
    )
    assert problem["help"] == "pip install apache-airflow-providers-common-compat"
    assert problem["places"] == ["dagwright.toml:13:1", "dags/typical.dag.yaml:8:7"]


def test_every_dag_renders_to_stock_operators(worker: Worker):
    done = worker.start(sys.executable, "-c", RENDER)

    assert done.returncode == 0, done.stderr
    rendered = json.loads(done.stdout.splitlines()[-1])
    assert rendered["operators"] == ["BashOperator", "PythonOperator", "PythonSensor"]
    assert rendered["outlets"] == [
        "https://acme.example.com/signed",  # `task_args` of a job
        "sqlite:///srv/acme/archive/fin.db/rates",
        "https://partner.example.com/archive",  # of a pattern
        "https://partner.example.com/archive/manifest.json",
        "https://partner.example.com/in/rates.csv",
        "file:///mnt/acme/numbers.csv",
    ]
    assert rendered["inlets"] == ["https://partner.example.com/in/rates.csv"]
    assert rendered["edges"] == {
        "rates": {
            "rates_csv": [],
            "tidy": ["rates_csv"],
            "out_rates_csv": ["tidy"],
            "http": ["out_rates_csv"],
            "done": ["http"],
        },
        "archive": {
            "rates_csv": [],
            "sign": ["rates_csv"],
            "out_rates_csv": ["sign"],
            "archive.validate.rates": ["out_rates_csv"],
            "archive.ensure_schema": ["archive.validate.rates"],
            "archive.rates.recreate": ["archive.ensure_schema"],
            "archive.rates.load": ["archive.rates.recreate"],
            "http": ["archive.rates.load"],
            "done": ["http"],
        },
        "trades": {
            "trades_csv.wait": [],
            "trades_csv.copy": ["trades_csv.wait"],
            "fx": [],
            "done": ["fx", "trades_csv.copy"],
        },
        "night": {"begun": [], "tell": ["begun"], "report": ["tell"], "web": ["report"]},
        "typical": {
            "jobs.fetch": [],
            "validators.out_numbers_csv": ["jobs.fetch"],
            "publishers.webdav": ["validators.out_numbers_csv"],
            "publishers.share": ["validators.out_numbers_csv"],
        },
        "by_hand": {"a_csv": [], "second": [], "in_a_csv": ["a_csv", "second"]},
    }


def test_a_dataflow_runs(worker: Worker, web: WebServer, tmp_path: Path):
    web.root.joinpath("rates.csv").write_text("b,1\na,2\na,2\nc,3\n", encoding="utf-8")

    run = worker.run("dags/rates.dag.yaml", tmp_path)

    assert run.exit_code == 0, run.output
    assert run.states == dict.fromkeys(["rates_csv", "tidy", "out_rates_csv", "http", "done"], "success")
    assert web.root.joinpath("in", "rates.csv").read_text(encoding="utf-8") == "a,2\nb,1\nc,3\n"
    operations = [re.sub(r"\.[0-9a-f]{12}\.part", ".MARK.part", operation) for operation in web.operations]
    assert operations == ["GET /rates.csv", "PUT /in/.rates.csv.MARK.part", "MOVE /in/.rates.csv.MARK.part"]
    assert re.search(r"tidied on \d{4}-\d\d-\d\d as tidy", run.log("tidy"))
    assert "all is out: rates of" in run.log("done")
    assert PASSWORD not in "".join(run.log(task) for task in run.states) + run.output


HARD = """
tasks:
  sees:
    type: container_job
    docker_image: x
    command: env > environment; ulimit -n > files
    runtime: {limits: {open_files: 99}}
  words:
    type: container_job
    docker_image: x
    command: [sh, -c, 'printf "%s|" "$@" > words', "-", "a b", "$HOME", "{{ dag.dag_id }}"]
  skips: {type: container_job, docker_image: x, command: exit 7, skip_exit_code: 7}
  fails: {type: container_job, docker_image: x, command: echo to stderr >&2; exit 3}
  loops: {type: container_job, docker_image: x, command: "while :; do :; done", runtime: {limits: 1}}
  hangs:
    type: container_job
    docker_image: x
    command: sleep 600 & echo $! > child; wait
    task_args: {execution_timeout: 2s}
  many: {type: row_count, depends_on: [words], path: words, header: false, at_most: 0, at_least: 0}
  none: {type: row_count, depends_on: [words], path: none}
  unchecked: {type: http_publisher, depends_on: [many], connection_id: partner_web, files: [words]}
  refused: {type: http_publisher, depends_on: [words], connection_id: partner_web, files: [words], move: false}
"""


def test_tasks_fail_as_they_should(worker: Worker, web: WebServer, tmp_path: Path):
    worker.project.write("dags/hard.dag.yaml", HARD)
    web.refused.add("PUT")

    run = worker.run("dags/hard.dag.yaml", tmp_path)

    assert run.exit_code == 1, run.output
    assert run.states == {
        "sees": "success",
        "words": "success",
        "skips": "skipped",
        "fails": "failed",
        "loops": "failed",
        "hangs": "failed",
        "many": "failed",
        "none": "failed",
        "unchecked": "upstream_failed",
        "refused": "failed",
    }
    environment = run.file("environment").read_text(encoding="utf-8")
    assert "DAGWRIGHT_DAG_ID=hard\n" in environment
    assert "DAGWRIGHT_TASK_ID=sees\n" in environment
    assert "ACME_TOKEN" not in environment
    assert "AIRFLOW" not in environment
    assert run.file("files").read_text(encoding="utf-8") == "99\n"
    assert run.file("words").read_text(encoding="utf-8") == "a b|$HOME|hard|"
    assert "to stderr" in run.log("fails")
    assert "the job ended with exit code 3" in run.log("fails")
    assert "'words' has 1 rows, at most 0 are expected" in run.log("many")
    assert "cannot publish 'words'" in run.log("refused")
    assert web.operations == ["PUT /words"]
    assert not is_running(int(run.file("child").read_text(encoding="utf-8")))


def test_a_factory_error_is_shown_at_its_field(worker: Worker):
    worker.project.write(
        "dags/test.dag.yaml", "type: acme_daily\nfeeds:\n  - {file: a.csv, connection_id: files_test}\n"
    )

    done = worker.start(DAGWRIGHT, "check", "--render", "--env", "prod", "--format", "json", "dags/test.dag.yaml")

    assert done.returncode == 1, done.stderr
    (found,) = json.loads(done.stdout)["diagnostics"]
    assert (found["message"], found["path"]) == ("connection 'files_test' is for tests", "feeds[0].connection_id")


def test_the_wheel_holds_what_the_tests_install(site: Path, tmp_path: Path):
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=HERE, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if not name.endswith(("RECORD", "WHEEL"))}
    installed = {
        str(path.relative_to(site)): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held.keys() == installed.keys()
    (metadata,) = [name for name in held if name.endswith("METADATA")]
    assert b"Name: acme-dataflows\nVersion: 2.1.0\n" in held.pop(metadata)
    assert {name: data.strip() for name, data in held.items()} == {
        name: data.strip() for name, data in installed.items() if name != metadata
    }


SAME = """
tasks:
  told:
    type: container_job
    docker_image: x
    command: [sh, -c, 'printf "%s|" "$PLAIN" "$LOGIN" "$TOKEN" > told; echo "token $TOKEN"; exit 3']
    env: {PLAIN: "{{ dag.dag_id }}"}
    secrets: {LOGIN: conn.partner_web.login, TOKEN: var.value.greeting}
  argues:
    type: container_job
    docker_image: x
    command: [sh, -c, "cat /proc/$PPID/cmdline /proc/$$/cmdline > argued; [ -z $NONE ] && exit 7"]
    secrets: {TOKEN: var.value.greeting}
    cpu: 0.5
    memory: 64Mi
    skip_exit_code: 7
  no_variable: {type: container_job, docker_image: x, command: touch began, secrets: {TOKEN: var.value.none}}
  no_connection: {type: container_job, docker_image: x, command: touch began, secrets: {TOKEN: conn.none.password}}
"""
TOKEN = "battery staple"


@pytest.mark.parametrize("runtime", ["sandbox", "process"])
def test_fields_of_a_job_mean_what_they_mean_elsewhere(worker: Worker, tmp_path: Path, runtime: str):
    text = worker.project.read("dagwright.toml")
    worker.project.write("dagwright.toml", re.sub(r'{ type = "sandbox".*', f'{{ type = "{runtime}" }}', text))
    worker.project.write("dags/same.dag.yaml", SAME)
    worker.environment["AIRFLOW_VAR_GREETING"] = TOKEN

    run = worker.run("dags/same.dag.yaml", tmp_path)

    assert run.states == {**dict.fromkeys(["told", "no_variable", "no_connection"], "failed"), "argues": "skipped"}
    assert ("IS IGNORED" in run.log("argues")) == (runtime == "process")  # that it is the one that is meant
    assert run.file("told").read_text(encoding="utf-8") == f"same|acme|{TOKEN}|"
    assert TOKEN not in run.file("argued").read_text(encoding="utf-8")
    assert "var.value.none" in run.log("no_variable")
    assert list(tmp_path.rglob("began")) == []
    told = run.log("told")
    assert "token ***" in told
    assert "the job ended with exit code 3" in told
    assert TOKEN not in "".join(run.log(task) for task in run.states) + run.output


OWN = """
tasks:
  sees: {type: container_job, command: env > environment, secrets: {TOKEN: var.value.greeting}}
  bare: {type: container_job, command: nproc > cores && ulimit -v > memory, cpu: 0.5, memory: 64Mi}
  greedy: {type: container_job, command: "head -c 300000000 /dev/zero | tail -c 200000000 > /dev/null", memory: 64Mi}
"""


def test_what_a_sandbox_makes_of_them(worker: Worker, tmp_path: Path):
    worker.project.write("dags/own.dag.yaml", OWN)
    worker.environment["AIRFLOW_VAR_GREETING"] = TOKEN

    run = worker.run("dags/own.dag.yaml", tmp_path)

    assert run.states == {"sees": "success", "bare": "success", "greedy": "failed"}
    environment = run.file("environment").read_text(encoding="utf-8")
    assert f"TOKEN={TOKEN}\n" in environment
    of_its_own_shell = {"PWD", "SHLVL", "_"}
    assert {line.partition("=")[0] for line in environment.splitlines()} - of_its_own_shell == {
        *("PATH", "TOKEN"),
        *(f"DAGWRIGHT_{name}" for name in ("DAG_ID", "LOGICAL_DATE", "RUN_ID", "TASK_ID", "WORKSPACE")),
    }
    assert run.file("cores").read_text(encoding="utf-8") == "1\n"
    assert run.file("memory").read_text(encoding="utf-8") == "65536\n"
