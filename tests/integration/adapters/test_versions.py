"""Airflow's version of a DAG changes with every value of its data, and with nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dagwright import load

PROJECT = """\
allow = ["process"]
[vars]
bucket = "acme"
secret = { from_env = "VERSIONS_SECRET", default = "s" }
[defaults.dag]
owner = "data"
[defaults.container_job]
runtime = { type = "process", path = ["jobs"] }
[env.prod]
"""
RATES = """\
schedule: "@daily"
start_date: 2026-01-01
description: Rates of the day
doc_md: About rates
tags: [finance, daily]
params: {day: monday}
task_args: {retries: 2, retry_delay: 5m}
tasks:
  fetch:
    type: container_job
    docker_image: ecb-rates
    command: [python, fetch.py]
    env: {TOKEN: "${{ vars.secret }}"}
  bash:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    depends_on: [fetch]
    task_args: {pool: small}
    args:
      bash_command: echo LONG
      skip_on_exit_code: [7, 8]
      output_encoding: utf-8
  count:
    type: python_job
    callable: operator:add
    args: {a: 1, b: 2}
  suite:
    type: file_validation
    path: out/rates.csv
    validation_suite: suite.json
  share:
    type: s3_publisher
    depends_on: [suite, count]
    connection_id: aws
    bucket: "${{ vars.bucket }}"
    prefix: rates/
    files: [out/rates.csv, out/days.csv]
""".replace("LONG", "x" * 5000 + "end")
SUITE = '{"name": "s", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "a"}}]}'
CHANGES = [
    ('"@daily"', '"@hourly"'),
    ("2026-01-01", "2026-01-02"),
    ("Rates of the day", "Rates of a day"),
    ("About rates", "About all rates"),
    ("[finance, daily]", "[finance]"),
    ("monday", "friday"),
    ("retries: 2", "retries: 3"),
    ("retry_delay: 5m", "retry_delay: 6m"),
    ("  fetch:\n", "  fetched:\n"),
    ("[fetch]", "[]"),
    ("docker_image: ecb-rates", "docker_image: ecb-rates:2"),  # the runtime `process` ignores it
    ("[python, fetch.py]", "[fetch.py, python]"),  # the order of texts is no part of Airflow's hash
    ("TOKEN:", "TOKENS:"),
    ("BashOperator", "BashSensor"),
    ("pool: small", "pool: large"),
    ("xend", "xEND"),  # beyond the 4096 characters that Airflow stores
    ("[7, 8]", "[7, 9]"),  # no template
    ("output_encoding: utf-8", "output_encoding: latin-1"),  # no template
    ("operator:add", "operator:sub"),
    ("b: 2", "b: 3"),
    ("path: out/rates.csv", "path: out/rates2.csv"),
    ("suite: suite.json", "suite: suite2.json"),
    ("[suite, count]", "[suite]"),
    ("connection_id: aws", "connection_id: aws2"),
    ("prefix: rates/", "prefix: rate/"),
    ("[out/rates.csv, out/days.csv]", "[out/days.csv, out/rates.csv]"),
    ("schedule:", "max_active_runs: 3\nschedule:"),
]
HASH = """
import json, sys
from dagwright import load
from dagwright.render.compat import serialized
from airflow.models.serialized_dag import SerializedDagModel

def version(path, text=None):
    stored = serialized(load(path, env="prod", text=text).make_dag())
    # Where the file lies is no part of a version.
    stored.pop("fileloc", None)
    stored.pop("_processor_dags_folder", None)
    stored = json.loads(json.dumps({"dag": stored, "__version": 3}, sort_keys=True))
    return SerializedDagModel.hash(stored), stored
"""


def write(folder: Path) -> Path:
    (folder / "dags").mkdir(parents=True)
    (folder / "jobs").mkdir()
    (folder / "dagwright.toml").write_text(PROJECT)
    for name in ("suite.json", "suite2.json"):
        (folder / "dags" / name).write_text(SUITE)
    file = folder / "dags" / "rates.dag.yaml"
    file.write_text(RATES)
    return file


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("versions"))


def version(path: Path, text: str | None = None) -> str:
    names: dict[str, object] = {}
    exec(HASH, names)
    compute = names["version"]
    assert callable(compute)
    return str(compute(path, text)[0])


@pytest.fixture(scope="module")
def before(rates: Path) -> str:
    return version(rates)


@pytest.mark.parametrize(("old", "new"), CHANGES, ids=[old.strip() for old, _ in CHANGES])
def test_every_value_of_the_data_is_part_of_the_version(rates: Path, before: str, old: str, new: str):
    assert RATES.count(old) >= 1
    text = RATES.replace(old, new)
    if "fetched" in new:
        text = text.replace("[fetch]", "[fetched]")
    if new == "BashSensor":
        text = text.replace("operators.bash", "sensors.bash").replace("      skip_on_exit_code: [7, 8]\n", "")
    assert version(rates, text) != before


def test_every_line_of_the_data_has_a_change():
    told = "".join(old for old, _ in CHANGES)
    structure = ("tasks:", "args:", "bash:", "count:", "suite:", "share:", "type:")
    for line in RATES.splitlines():
        words = line.strip()
        if words.startswith(structure) or "vars." in words:  # those are changed in the project file, below
            continue
        assert any(old.strip() in line for old, _ in CHANGES), (line, told)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"acme"', '"acme2"'),
        ('"data"', '"data2"'),
        ('default = "s"', 'default = "t"'),
        ('["jobs"]', '["jobs", "dags"]'),
    ],
)
def test_what_the_project_says_is_part_of_the_version(tmp_path: Path, before: str, old: str, new: str):
    file = write(tmp_path / "project")
    (tmp_path / "project" / "dagwright.toml").write_text(PROJECT.replace(old, new))
    assert version(file) != before


def test_comments_blanks_quotes_and_the_order_of_keys_are_not(rates: Path, before: str):
    lines = RATES.splitlines(keepends=True)
    head, tasks = lines[:7], lines[7:]
    text = "# new\n\n" + "".join(tasks).replace("- ", "-  ") + "\n# between\n" + "".join(reversed(head))
    text = text.replace("args: {a: 1, b: 2}", "args: {b: 2, a: 1}  # sum").replace(
        "docker_image: ecb", 'docker_image: "ecb'
    )
    text = text.replace('"ecb-rates', '"ecb-rates"')
    assert load(rates, env="prod", text=text).description == "Rates of the day"
    assert version(rates, text) == before


def test_the_order_of_tasks_is_not(rates: Path, before: str):
    head, _, tasks = RATES.partition("tasks:\n")
    each = re.split(r"(?m)^(?=  \w)", tasks)[1:]
    assert len(each) == 5
    text = f"{head}tasks:\n" + "".join(reversed(each))
    assert version(rates, text) == before


RUNTIMES = {
    "ecs": """{type: ecs, cluster: c, region: eu-west-1, subnets: [s], security_groups: [g], execution_role: "arn:r",
               log_group: jobs, efs: {file_system_id: fs-1}, tags: {a: "1", b: "2"}}""",
    "kubernetes": "{type: kubernetes, namespace: jobs, workspace_claim: claim}",
}
SECRETS = {"ecs": "arn:aws:ssm:eu-west-1:123456789012:parameter/", "kubernetes": "vault/"}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_order_of_what_a_container_is_told_is_not(tmp_path: Path, runtime: str):
    """ECS and Kubernetes want lists, whose order Airflow takes for a change."""
    pytest.importorskip({"ecs": "airflow.providers.amazon", "kubernetes": "airflow.providers.cncf.kubernetes"}[runtime])
    (tmp_path / "dagwright.toml").write_text("[env.prod]\n")
    file = tmp_path / "job.dag.yaml"
    one = f"""\
workspace: /mnt/shared
tasks:
  job:
    type: container_job
    docker_image: x
    command: y
    env: {{A: "1", B: "2"}}
    secrets: {{C: "{SECRETS[runtime]}c", D: "{SECRETS[runtime]}d"}}
    runtime: {RUNTIMES[runtime]}
"""
    other = one.replace('{A: "1", B: "2"}', '{B: "2", A: "1"}').replace('{a: "1", b: "2"}', '{b: "2", a: "1"}')
    secrets = [f'C: "{SECRETS[runtime]}c"', f'D: "{SECRETS[runtime]}d"']
    other = other.replace(", ".join(secrets), ", ".join(reversed(secrets)))
    file.write_text(one)
    assert version(file, other) == version(file)
    assert version(file, one.replace('"2"', '"3"')) != version(file)


def test_the_order_of_params_is_that_of_the_form(rates: Path):
    text = RATES.replace("{day: monday}", "{day: monday, week: 1}")
    assert version(rates, text) != version(rates, text.replace("{day: monday, week: 1}", "{week: 1, day: monday}"))


def test_processes_hash_seeds_and_folders_are_not(tmp_path: Path, rates: Path):
    script = HASH + "print(json.dumps(version(sys.argv[1])))"
    found = []
    for seed, name in (("0", "a"), ("1", "b/deeper"), ("4242", "c")):
        folder = tmp_path / name
        shutil.copytree(rates.parent.parent, folder)
        done = subprocess.run(
            [sys.executable, "-c", script, str(folder / "dags" / "rates.dag.yaml")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout.splitlines()[-1]))
    assert found[1] == found[0]
    assert found[2] == found[0]
