"""What acme's people see without Airflow: files load, commands describe them, mistakes are shown at their places."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from dagwright import LoadError, load, load_project
from tests.acme.example_project import HERE, Project

TYPES = {
    "acme_daily": "dag",
    "announce": "operator_factory",
    "download_feed": "feed",
    "file_channel": "channel",
    "http_publisher": "publisher",
    "log_channel": "channel",
    "row_count": "validator",
    "sandbox_runtime": "runtime",
    "share_feed": "feed",
    "sqlite_warehouse": "warehouse",
    "touch_marker": "operator_factory",
}


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_the_project_is_clean(project: Project, env: str):
    result = project.dagwright("check", "--strict", "--env", env)

    assert (result.stdout, result.stderr, result.exit_code) == ("", "5 files, no problems\n", 0)


def test_a_laptop_chooses_no_environment_and_loads_no_airflow(project: Project, installed: Path):
    program = """
import sys, dagwright

project = dagwright.load_project(".")
assert len(project.dags) == 5 and not project.diagnostics, project.diagnostics
sys.exit("airflow" in sys.modules)
"""

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project.folder, env={"PYTHONPATH": str(installed)}, check=False
    )

    assert done.returncode == 0


def test_slots_are_filled(project: Project):
    factory: Any = load("dags/rates.dag.yaml", env="dev")

    assert type(factory).__name__ == "AcmeDaily"
    (feed,) = factory.feeds
    assert (type(feed).__name__, feed.file, feed.connection_id) == ("DownloadFeed", "rates.csv", "acme_files")
    tidy = factory.jobs["tidy"]
    assert (type(tidy).__name__, type(tidy.runtime).__name__) == ("ContainerJob", "SandboxRuntime")
    assert (tidy.runtime.limits.cpu_seconds, tidy.runtime.limits.open_files) == (60, 1024)
    assert type(factory.publishers["http"]).__name__ == "HttpPublisher"
    assert (type(factory.done).__name__, factory.done.prefix) == ("LogChannel", "all is out:")


def test_an_environment_fills_a_slot(project: Project):
    by_env: dict[str, Any] = {env: load("dags/partners/trades.yml", env=env) for env in ("dev", "prod")}

    assert (type(by_env["dev"].done).__name__, by_env["dev"].done.prefix) == ("LogChannel", "done:")
    assert (type(by_env["prod"].done).__name__, by_env["prod"].feeds[0].folder) == ("FileChannel", "/mnt/production")


def test_old_names_keep_working(project: Project):
    text = (
        "type: acme_nightly\n"
        "feeds: [{type: web, file: a.csv}]\n"
        "checks: [{type: line_count, path: in/a.csv}]\n"
        "publishers: {webdav: {connection_id: partner_web, files: [in/a.csv]}}\n"
        "done: {type: journal, path: /tmp/journal}\n"
    )
    factory: Any = load("dags/old.dag.yaml", text=text)

    held = [factory, factory.feeds[0], factory.checks[0], factory.publishers["webdav"], factory.done]
    assert [type(each).__name__ for each in held] == [
        "AcmeDaily",
        "DownloadFeed",
        "RowCount",
        "HttpPublisher",
        "FileChannel",
    ]


def test_tasks_have_the_names_of_keys_names_and_fields(project: Project):
    tasks = json.loads(project.dagwright("ls", "tasks", "--format", "json").stdout)["tasks"]

    assert {(f"{task['dag_id']}.{task['task_id']}", task["type"]) for task in tasks} >= {
        ("rates.rates_csv", "download_feed"),
        ("rates.tidy", "container_job"),
        ("rates.out_rates_csv", "row_count"),
        ("rates.http", "http_publisher"),
        ("trades.trades_csv", "share_feed"),
        ("trades.fx", "download_feed"),
        ("night.begun", "touch_marker"),
        ("night.tell", "announce"),
    }


def test_ls_names_what_the_package_brings(project: Project):
    factories = json.loads(project.dagwright("ls", "factories", "--format", "json").stdout)["factories"]

    assert {each["full_name"]: each["slot"] for each in factories if each["package"] == "acme"} == TYPES


@pytest.mark.parametrize("name", [*TYPES, "feed", "channel", "acme:row_count"])
def test_describe(project: Project, name: str):
    result = project.dagwright("describe", name)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(name.removeprefix("acme:"))


def test_describe_says_of_acmes_warehouse_what_it_says_of_the_others(project: Project):
    own, slot = (project.dagwright("describe", name).stdout for name in ("sqlite", "warehouse"))

    assert own.startswith("sqlite_warehouse (component, acme.sqlite_warehouse.SqliteWarehouse)\n")
    assert "\ntype: sqlite   (slot warehouse)\n" in own
    assert '\n  patience: duration, such as 5m, default "10m"\n' in own
    assert re.search(r"^  sqlite +A folder of SQLite files", slot, re.MULTILINE)


def test_what_only_one_of_several_workers_has(project: Project):
    with pytest.raises(LoadError) as caught:
        load("dags/rates.dag.yaml", env="fleet")

    found = [(each.code, str(each.span), each.path) for each in caught.value.diagnostics]
    assert found == [
        ("DW219", "dags/rates.dag.yaml:7:5", "feeds[0]"),
        ("DW219", "dags/rates.dag.yaml:9:3", "jobs.tidy"),
    ]
    project.write("dagwright.toml", project.read("dagwright.toml") + 'defaults.dag = { workspace = "/mnt/shared" }\n')
    load("dags/rates.dag.yaml", env="fleet")


def test_show_says_where_a_value_comes_from(project: Project):
    shown = project.dagwright("show", "--origins", "--env", "prod", "dags/partners/trades.yml").stdout

    assert re.search(r"folder: /mnt/production +# dags/partners/trades\.yml:3 from dagwright\.toml:24\n", shown)
    assert re.search(r"path: /var/log/acme/dataflows\.log +# dagwright\.toml:27\n", shown)


EXAMPLES = {
    path.stem: textwrap.dedent(block)
    for path in sorted((HERE / "src" / "acme").glob("*.py"))
    for block in re.findall(r"^ *```yaml\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
}


def test_every_factory_has_an_example():
    assert {*EXAMPLES, "channel", "feed"} == {path.stem for path in (HERE / "src" / "acme").glob("[!_]*.py")}


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES)
def test_the_examples_of_docstrings_load(project: Project, text: str):
    load("dags/example.dag.yaml", text=text)


HEAD = "type: acme_daily\n"
MISTAKES = {
    "shorthand": (
        HEAD + "feeds: [7]\n",
        "DW205 2:9 feeds[0].file: expected a string, found the integer 7",
    ),
    "own-slot": (
        HEAD + "feeds:\n  - {type: shared, folder: /mnt, file: a.csv}\n",
        "DW201 3:12 feeds[0].type: unknown type 'shared' for slot feed",
    ),
    "own-field": (
        HEAD + "feeds: [a.csv]\npublishers:\n  http: {connection_id: a, files: [b], moves: true}\n",
        "DW203 4:40 publishers.http.moves: unknown field 'moves' in http_publisher",
    ),
    "component-inside-a-runtime": (
        "tasks:\n  t: {type: container_job, docker_image: x, command: y, runtime: {type: sandbox, limits: {cpu: 3}}}\n",
        "DW203 2:91 tasks.t.runtime.limits.cpu: unknown field 'cpu' in limits",
    ),
    "constraint": (
        HEAD + "feeds: []\n",
        "DW206 2:1 feeds: expected at least 1 item, found none",
    ),
    "check-of-a-validator": (
        "tasks:\n  t: {type: row_count, path: a, at_least: 2, at_most: 1}\n",
        "DW210 2:55 tasks.t.at_most: no file has at most 1 and at least 2 rows",
    ),
    "check-of-a-runtime": (
        "tasks:\n  t: {type: container_job, docker_image: x, command: y, runtime: {path: [/bin, bin]}}\n",
        "DW210 2:80 tasks.t.runtime.path[1]: 'bin' is no absolute path",
    ),
    "no-folder-for-a-runtime": (
        "workspace: s3://lake/w\ntasks:\n  t: {type: container_job, command: y, runtime: {limits: 1}}\n",
        "DW219 3:40 tasks.t.runtime: a sandbox needs a folder for its workspace, not 's3://lake/w'",
    ),
    "check-of-a-job-by-its-runtime": (
        "tasks:\n  t: {type: container_job, command: y, memory: 2Gi, runtime: {limits: {memory_mib: 1024}}}\n",
        "DW210 2:48 tasks.t.memory: a job gets at most 1024 MiB here, not '2Gi'",
    ),
    "secret": (
        "tasks:\n  t: {type: container_job, command: y, secrets: {TOKEN: hunter2}}\n",
        "DW206 2:57 tasks.t.secrets.TOKEN: the secret 'TOKEN' leads nowhere",
    ),
    "variable-and-secret": (
        "tasks:\n  t: {type: container_job, command: y, env: {A: x}, secrets: {A: var.value.a}}\n",
        "DW206 2:46 tasks.t.env.A: 'A' is one of the secrets too",
    ),
    "check-of-a-dag-at-a-key": (
        HEAD + "feeds: [a.csv]\npublishers:\n  http: {connection_id: a, files: [b]}\n",
        "DW210 3:1 publishers: nothing is published unchecked at acme",
    ),
    "check-of-a-base": (
        "tasks:\n  t: {type: http_publisher, connection_id: a, files: [a/c, b/c]}\n",
        "DW218 2:60 tasks.t.files[1]: 'b/c' and 'a/c' would both be published as 'c'",
    ),
    "workspace-path": (
        HEAD + "feeds: [../a.csv]\n",
        "DW211 2:9 feeds[0].file: path '../a.csv' leaves the workspace",
    ),
    "function": (
        "tasks:\n  t: {type: announce, text: 7}\n",
        "DW205 2:29 tasks.t.text: expected a string, found the integer 7",
    ),
    "plain-dataclass": (
        "tasks:\n  t: {type: touch_marker, marker: {foldr: /tmp}}\n",
        "DW203 2:36 tasks.t.marker.foldr: unknown field 'foldr' in marker",
    ),
    "name-from": (
        HEAD + "feeds: [a.csv, {file: a/csv}, a.csv]\n",
        "DW304 2:31 feeds[2]: duplicate task name 'a_csv'",
    ),
    "depends-on": (
        HEAD + "feeds: [a.csv, {file: b.csv, depends_on: [a]}]\n",
        "DW301 2:43 feeds[1].depends_on[0]: task 'b_csv' depends on 'a', which is no sibling of it",
    ),
    "channel-without-default": (
        HEAD + "feeds: [a.csv]\ndone: {type: file}\n",
        "DW204 3:1 done: missing field 'path' in file_channel",
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_shown_at_its_place(project: Project, text: str, expected: str):
    with pytest.raises(LoadError) as caught:
        load("dags/broken.dag.yaml", text=text)

    found = [
        f"{each.code} {str(each.span).removeprefix('dags/broken.dag.yaml:')} {each.path}: {each.message}"
        for each in caught.value.diagnostics
    ]
    assert expected in found


def test_a_broken_file_costs_no_other(project: Project):
    project.write("dags/broken.dag.yaml", "type: acme_daily\nfeeds: [7]\n")

    loaded = load_project(".")

    assert [each.file_name for each in loaded.diagnostics] == ["dags/broken.dag.yaml"]
    assert len(loaded.dags) == 5
