"""`dagwright doctor` with the installed Airflow."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("airflow")

from airflow.secrets import BaseSecretsBackend
from airflow.secrets.environment_variables import EnvironmentVariablesBackend

from dagwright.adapters import versions
from dagwright.adapters.doctor import asking, packages
from dagwright.cli import main

Doctor = Callable[..., dict[str, Any]]

DAG = """\
task_args: {pool: warehouse}
tasks:
  hello:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    args: {bash_command: echo hello}
"""
LOCAL = "airflow.dag_processing.bundles.local.LocalDagBundle"
BUNDLE = "dagwright.adapters.bundle.DagwrightBundle"
IMPORTER = "dagwright.adapters.importer.DagwrightImporter"
IMPORTERS = "AIRFLOW__DAG_PROCESSOR__DAG_IMPORTER_CONFIGS"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "dags").mkdir(parents=True)
    (folder / "dagwright.toml").write_text("[env.prod]\n", encoding="utf-8")
    (folder / "dags/rates.dag.yaml").write_text(DAG, encoding="utf-8")
    (tmp_path / "airflow-dags").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    configure(monkeypatch, {"name": "dags", "classpath": LOCAL, "kwargs": {"path": str(tmp_path / "airflow-dags")}})
    # The session's database has no tables before a DAG has run in it, so the pools are given, and nobody asks it for
    # connections.
    monkeypatch.setattr("airflow.configuration.secrets_backend_list", [EnvironmentVariablesBackend()])
    monkeypatch.setattr("airflow.models.pool.Pool.get_pool", {"warehouse": object()}.get)
    return folder


@pytest.fixture
def doctor() -> Doctor:
    def call(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
        result = CliRunner().invoke(main, ["doctor", "--format", "json", *arguments])
        assert result.exit_code == exit_code, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    return call


def configure(monkeypatch: pytest.MonkeyPatch, *bundles: dict[str, Any]) -> None:
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", json.dumps(bundles))


def sync(project: Path, *arguments: str) -> Path:
    output = project.parent / "airflow-dags/dagwright"
    assert CliRunner().invoke(main, ["sync", "--output", str(output), *arguments]).exit_code == 0
    return output


def problems(report: dict[str, Any], about: str) -> list[dict[str, Any]]:
    return [problem for problem in report["problems"] if problem["about"] == about]


def test_a_sound_deployment(project: Path, doctor: Doctor):
    output = sync(project)
    report = doctor()
    assert report["problems"] == []
    assert report["modes"] == [{"mode": "stubs", "where": str(output)}]
    assert (report["environment"], report["dag_files"]) == ("prod", 1)
    text = CliRunner().invoke(main, ["doctor"])
    assert text.exit_code == 0
    assert text.stdout.splitlines()[1:] == [
        f"project      {project}, 1 DAG file",
        "environment  prod",
        f"mode         stubs ({output})",
    ]


def test_nothing_finds_the_dags(project: Path, doctor: Doctor):
    (problem,) = doctor(exit_code=1)["problems"]
    assert (problem["about"], problem["message"]) == ("mode", "Airflow does not find the project's DAGs")
    text = CliRunner().invoke(main, ["doctor"])
    assert "mode         none\n\nerror: mode: Airflow does not find the project's DAGs\n  = help: " in text.stdout


def test_each_way_is_known(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    loader = project.parent / "airflow-dags/all.py"
    loader.write_text(
        "# airflow dag\nfrom dagwright import load_dags\nload_dags(globals(), '../project')\n", encoding="utf-8"
    )
    (project.parent / "airflow-dags/other.py").write_text("# dagwright\nimport json\njson.load()\n", encoding="utf-8")
    assert doctor()["modes"] == [{"mode": "loader", "where": str(loader)}]
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(project.parent / "bundles"))
    configure(monkeypatch, {"name": "acme", "classpath": BUNDLE, "kwargs": {"project": str(project)}})
    assert doctor()["modes"] == [{"mode": "bundle", "where": "acme"}]
    configure(monkeypatch, {"name": "acme", "classpath": BUNDLE, "kwargs": {"project": "/elsewhere"}})
    assert doctor(exit_code=1)["modes"] == []


@pytest.mark.parametrize("path", ["project", "project/dags", ".", "linked"])
def test_the_importer_in_a_bundle_that_holds_the_project(
    project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, path: str
):
    (project.parent / "linked").mkdir()
    (project.parent / "linked/here").symlink_to(project, target_is_directory=True)
    monkeypatch.setattr(versions, "airflow_version", lambda: "3.4.0")
    configure(monkeypatch, {"name": "b", "classpath": LOCAL, "kwargs": {"path": str(project.parent / path)}})
    monkeypatch.setenv(IMPORTERS, json.dumps([IMPORTER]))
    assert doctor()["modes"] == [{"mode": "importer", "where": "b"}]


@pytest.mark.parametrize("path", ["elsewhere", "project/python"])
def test_the_importer_in_bundles_that_hold_no_dag_file(
    project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, path: str
):
    (project.parent / path).mkdir()
    monkeypatch.setattr(versions, "airflow_version", lambda: "3.4.0")
    configure(
        monkeypatch,
        {"name": "a", "classpath": LOCAL, "kwargs": {"path": str(project.parent / path)}, "importers": [IMPORTER]},
        {"name": "b", "classpath": LOCAL, "kwargs": {"path": str(project)}},
    )
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["message"] == "Airflow does not find the project's DAGs"
    assert "none holds the project" in problem["help"]


def test_an_airflow_that_ignores_the_importer(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(versions, "airflow_version", lambda: "3.3.2")
    monkeypatch.setenv(IMPORTERS, json.dumps([IMPORTER]))
    ignored, not_found = doctor(exit_code=1)["problems"]
    assert ignored["message"].endswith(" ignores the importer: Airflow has importers since 3.4")
    assert (ignored["severity"], ignored["places"]) == ("warning", ["[dag_processor] dag_importer_configs"])
    assert not_found["message"] == "Airflow does not find the project's DAGs"
    sync(project)
    (ignored,) = doctor()["problems"]
    assert ignored["help"] == "upgrade Airflow or remove the setting"


LOADERS = {
    "lines": "from dagwright import (\n    load_project,\n    load_dags as fill,\n)\nfill(globals(), '../project')",
    "module": "import dagwright as d\nd.load_dags(globals(), folder='../project/dags')",
    "path": "from pathlib import Path\nimport dagwright\nROOT = Path(__file__).resolve().parents[1] / 'project'\n"
    "dagwright.load_project(ROOT)",
    "one file": "import os\nfrom dagwright import load\n"
    "dag = load(os.path.join(os.path.dirname(__file__), '..', 'project/dags/rates.dag.yaml')).make_dag()",
    "not known": "import os, dagwright\ndagwright.load_dags(globals(), os.environ['PROJECT'])",
}
OTHERS = {
    "another project": "from dagwright import load_dags\nload_dags(globals(), '../other')",
    "its own folder": "from dagwright import load_dags\nload_dags(globals())",
    "no call": "from dagwright import load_dags\n",
    "text": 'TEXT = "from dagwright import load_dags; load_dags(globals(), 1)"',
    "another load": "import dagwright, json\njson.load('../project')",
    "no Python": "from dagwright import load_dags\nload_dags(globals(), '../project'",
}


@pytest.mark.parametrize("text", LOADERS.values(), ids=LOADERS)
def test_files_that_load_the_project(project: Path, doctor: Doctor, text: str):
    loader = project.parent / "airflow-dags/all.py"
    loader.write_text(text, encoding="utf-8")
    assert doctor()["modes"] == [{"mode": "loader", "where": str(loader)}]


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_files_that_load_no_dag_of_the_project(project: Path, doctor: Doctor, text: str):
    (project.parent / "airflow-dags/all.py").write_text(text, encoding="utf-8")
    assert doctor(exit_code=1)["modes"] == []


@pytest.mark.parametrize("mode", ["importer", "bundle", "stubs", "loader"])
def test_the_way_names_the_environment(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, mode: str):
    """What the mode says is right; what `DAGWRIGHT_ENV` says elsewhere is not asked for."""

    def name(env: str) -> None:
        monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(project.parent / "bundles"))
        local = {"name": "b", "classpath": LOCAL, "kwargs": {"path": str(project.parent / "airflow-dags")}}
        if mode == "importer":
            monkeypatch.setattr(versions, "airflow_version", lambda: "3.4.0")
            importer = {"classpath": IMPORTER, "kwargs": {"env": env}}
            monkeypatch.setenv(IMPORTERS, json.dumps([IMPORTER]))
            configure(monkeypatch, {**local, "kwargs": {"path": str(project)}, "importers": [importer]})
        elif mode == "bundle":
            configure(monkeypatch, {"name": "b", "classpath": BUNDLE, "kwargs": {"project": str(project), "env": env}})
        elif mode == "stubs":
            output = sync(project, "--env", "prod")
            for stub in output.rglob("*.py") if env != "prod" else ():
                stub.write_text(stub.read_text("utf-8").replace('"prod"', f'"{env}"'), encoding="utf-8")
        else:
            text = f"import dagwright\ndagwright.load_dags(globals(), '../project', env='{env}')\n"
            (project.parent / "airflow-dags/all.py").write_text(text, encoding="utf-8")

    monkeypatch.delenv("DAGWRIGHT_ENV")
    name("prod")
    report = doctor()
    assert report["environment"] == "prod"
    assert [each["message"] for each in report["problems"] if each["about"] != "stubs"] == []
    name("pord")
    (problem,) = problems(doctor(exit_code=1), "environment")
    assert problem["message"] == "the project has no environment 'pord'"
    assert problem["help"] == "did you mean 'prod'? (environments: prod)"
    assert problem["places"][1].startswith(f"{mode} (")


class Fetched:
    """A bundle that brings stubs together with their project, as Git bundles do."""

    def __init__(self, *, name: str, folder: str) -> None:
        self.path = Path(folder, name)


def test_stubs_that_another_bundle_brings(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    stubs = project / "stubs"
    assert CliRunner().invoke(main, ["sync", "--output", str(stubs)]).exit_code == 0
    fetched = {"name": "stubs", "classpath": f"{__name__}.Fetched", "kwargs": {"folder": str(project)}}
    configure(monkeypatch, fetched)
    assert doctor()["modes"] == [{"mode": "stubs", "where": str(stubs)}]
    (project / "dags/rates.dag.yaml").rename(project / "dags/fees.dag.yaml")
    assert len(problems(doctor(exit_code=1), "stubs")) == 2
    configure(monkeypatch, {**fetched, "kwargs": {"no": "such argument"}})
    assert doctor(exit_code=1)["modes"] == []


def test_two_ways_at_once(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    sync(project)
    path = str(project.parent / "airflow-dags")
    configure(
        monkeypatch,
        {"name": "dags", "classpath": LOCAL, "kwargs": {"path": path}},
        {"name": "acme", "classpath": BUNDLE, "kwargs": {"project": str(project)}},
    )
    (problem,) = problems(doctor(), "mode")
    assert (problem["severity"], problem["message"]) == (
        "warning",
        "Airflow finds DAGs in more than one way: bundle, stubs",
    )


def test_stubs_that_are_not_as_they_should_be(project: Path, doctor: Doctor):
    output = sync(project)
    (project / "dags/new.dag.yaml").write_text(DAG, encoding="utf-8")
    assert [(each["message"], each["places"]) for each in problems(doctor(exit_code=1), "stubs")] == [
        ("there are DAG files without a stub: 1", ["dags/new.dag.yaml"])
    ]
    sync(project)
    (project / "dags/new.dag.yaml").unlink()
    stub = output / "dags/rates.dag.yaml.py"
    stub.write_text(stub.read_text("utf-8") + "# mine\n", encoding="utf-8")
    assert [(each["message"], each["places"]) for each in problems(doctor(exit_code=1), "stubs")] == [
        ("there are stubs of DAG files that are gone: 1", ["dags/new.dag.yaml"]),
        ("this stub was edited by hand: remove it, and the next sync writes it anew", [str(stub)]),
    ]


def change_modules(project: Path) -> None:
    dag_file = project / "dags/rates.dag.yaml"
    text = dag_file.read_text("utf-8").replace("operators.bash.BashOperator", "sensors.bash.BashSensor")
    dag_file.write_text(text, encoding="utf-8")


def change_id(project: Path) -> None:
    dag_file = project / "dags/rates.dag.yaml"
    dag_file.write_text(f"dag_id: another\n{dag_file.read_text('utf-8')}", encoding="utf-8")


def sync_check(project: Path, *arguments: str, exit_code: int) -> None:
    output = project.parent / "airflow-dags/dagwright"
    result = CliRunner().invoke(main, ["sync", "--check", "--output", str(output), *arguments])
    assert result.exit_code == exit_code, result.output


@pytest.mark.parametrize("bound", [[], ["--env", "prod"], ["--env", "dev"]])
@pytest.mark.parametrize("change", [change_modules, change_id])
def test_stubs_that_say_what_was(project: Path, doctor: Doctor, bound: list[str], change: Callable[[Path], None]):
    """Doctor says what `sync --check` says, in the environment that the stubs are bound to."""
    (project / "dagwright.toml").write_text("[env.prod]\n[env.dev]\n", encoding="utf-8")
    output = sync(project, *bound)
    sync_check(project, *bound, exit_code=0)
    assert problems(doctor("--env", "prod"), "stubs") == []
    change(project)
    sync_check(project, *bound, exit_code=4)
    (problem,) = doctor("--env", "prod", exit_code=1)["problems"]
    assert (problem["message"], problem["places"]) == (
        "there are stubs that are out of date: 1",
        ["dags/rates.dag.yaml"],
    )
    assert problem["help"] == " ".join(["dagwright sync --output", str(output), *bound])
    sync(project, *bound)
    assert doctor("--env", "prod")["problems"] == []


def test_stubs_with_old_rivals(project: Path, doctor: Doctor):
    sync(project)
    other = project / "dags/aaa.dag.yaml"
    other.write_text(f"dag_id: rates\n{DAG}", encoding="utf-8")
    output = project.parent / "airflow-dags/dagwright"
    CliRunner().invoke(main, ["sync", "--output", str(output)])
    assert "rivals=" in (output / "dags/aaa.dag.yaml.py").read_text("utf-8")
    (project / "dags/rates.dag.yaml").write_text(f"dag_id: fees\n{DAG}", encoding="utf-8")
    sync_check(project, exit_code=4)
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["message"] == "there are stubs that are out of date: 2"
    sync(project)
    assert doctor()["problems"] == []


def test_the_stubs_of_a_bundle(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    from dagwright.adapters.bundle import DagwrightBundle

    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(project.parent / "bundles"))
    configure(monkeypatch, {"name": "acme", "classpath": BUNDLE, "kwargs": {"project": str(project), "env": "prod"}})
    (problem,) = doctor()["problems"]
    assert (problem["severity"], problem["message"]) == ("warning", "the bundle 'acme' has no stubs on this machine")
    bundle = DagwrightBundle(name="acme", project=str(project), env="prod")
    bundle.initialize()
    (problem,) = doctor()["problems"]
    assert (problem["severity"], problem["message"]) == ("warning", "there are stubs that are out of date: 1")
    # As the bundle does it beside the DAG processor, in a process of its own.
    assert CliRunner().invoke(main, ["sync", "--output", str(bundle.path), "--env", "prod"]).exit_code == 0
    assert doctor()["problems"] == []
    (project / "dags/new.dag.yaml").write_text(DAG, encoding="utf-8")
    (problem,) = doctor()["problems"]
    assert (problem["severity"], problem["message"], problem["places"]) == (
        "warning",
        "there are DAG files without a stub: 1",
        ["dags/new.dag.yaml"],
    )
    bundle.initialize()
    stub = bundle.path / "dags/new.dag.yaml.py"
    stub.write_text(stub.read_text("utf-8") + "# mine\n", encoding="utf-8")
    (project / "dags/new.dag.yaml").unlink()
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["message"].startswith("its DAG file 'dags/new.dag.yaml' is gone, but it was edited by hand")
    assert problem["places"] == [str(stub)]


def test_a_bundle_that_cannot_be_made_says_no_secret(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    source = {"classpath": "airflow.providers.nobody.Bundle", "kwargs": {"token": "hush-hush"}}
    configure(monkeypatch, {"name": "acme", "classpath": BUNDLE, "kwargs": {"source": source}})
    report = doctor(exit_code=1)
    (problem,) = report["problems"]
    assert problem["message"] == "the bundle 'acme' cannot be made (ModuleNotFoundError)"
    assert "hush" not in json.dumps(report)


def test_stubs_without_a_project(project: Path, doctor: Doctor):
    output = sync(project)
    text = (output / "dags/rates.dag.yaml.py").read_text("utf-8")
    (output / "left.py").write_text(text.replace(str(project), "/gone"), encoding="utf-8")
    (problem,) = doctor()["problems"]
    assert (problem["severity"], problem["message"], problem["places"]) == (
        "warning",
        "this stub leads to no project",
        [str(output / "left.py")],
    )


def test_an_environment_is_not_chosen_or_unknown(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    sync(project)
    monkeypatch.delenv("DAGWRIGHT_ENV")
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["about"] == "environment"
    assert "loads only when one of them is chosen" in problem["message"]
    assert "DAGWRIGHT_ENV" in problem["help"]
    monkeypatch.setenv("DAGWRIGHT_ENV", "staging")
    (problem,) = doctor(exit_code=1)["problems"]
    assert "no environment 'staging'" in problem["message"]
    assert problem["help"] == "name one that there is (environments: prod)"
    assert doctor("--env", "prod")["environment"] == "prod"


def test_the_runtime_process_is_not_allowed(project: Path, doctor: Doctor):
    text = "tasks:\n  job: {type: container_job, docker_image: x, command: y, runtime: {type: process}}\n"
    (project / "dags/rates.dag.yaml").write_text(text, encoding="utf-8")
    sync(project)
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["about"] == "runtime"
    assert problem["places"][0].startswith("dags/rates.dag.yaml:2:")


def test_packages_that_are_missing(project: Path, doctor: Doctor):
    for name in ("a", "b"):
        text = DAG.replace("standard.operators.bash.BashOperator", "snowflake.operators.snowflake.SnowflakeOperator")
        (project / f"dags/{name}.dag.yaml").write_text(text, encoding="utf-8")
    (problem,) = problems(doctor(exit_code=1), "packages")
    assert problem["help"] == "pip install apache-airflow-providers-snowflake"
    assert problem["places"] == ["dags/a.dag.yaml:5:12", "dags/b.dag.yaml:5:12"]


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let some distributions not be installed, and all others be."""

    def lack(*names: str) -> None:
        def look(name: str) -> Distribution:
            if name in names:
                raise PackageNotFoundError(name)
            return distribution("dagwright")

        monkeypatch.setattr(packages, "distribution", look)

    return lack


FILES = "files: [x]"
SUITE = "validation_suite: suites/rates.json"
UPLOAD = "type: warehouse_upload, schema: s, warehouse: {type: duckdb, path: /w.db}"
ON_WORKERS = {
    "s3": (f"type: s3_publisher, bucket: b, {FILES}", "s3_publisher", "apache-airflow-providers-amazon", "s3"),
    "sftp": (
        f"type: sftp_publisher, connection_id: c, {FILES}",
        "sftp_publisher",
        "apache-airflow-providers-sftp",
        "sftp",
    ),
    "gcs": (f"type: gcs_publisher, bucket: b, {FILES}", "gcs_publisher", "gcsfs", "gcs"),
    "azure": (
        f"type: azure_blob_publisher, container: c, connection_id: c, {FILES}",
        "azure_blob_publisher",
        "apache-airflow-providers-microsoft-azure",
        "azure",
    ),
    "validation": (
        f"type: file_validation, path: x.csv, {SUITE}",
        "file_validation",
        "great-expectations",
        "validation",
    ),
    "suite of a table": (
        f"{UPLOAD}, tables: [{{name: t, source_file: a.csv, columns: [a], {SUITE}}}]",
        "warehouse_upload",
        "great-expectations",
        "validation",
    ),
    "parquet": (
        f"{UPLOAD}, tables: [{{name: t, source_file: a.parquet, columns: [a]}}]",
        "warehouse_upload",
        "pyarrow",
        "validation",
    ),
}


@pytest.mark.parametrize("said", ON_WORKERS.values(), ids=ON_WORKERS)
def test_packages_that_only_workers_import(
    project: Path,
    doctor: Doctor,
    lacking: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    said: tuple[str, str, str, str],
):
    task, factory, package, extra = said
    (project / "suites").mkdir()
    suite = {"name": "rates", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "a"}}]}
    (project / "suites/rates.json").write_text(json.dumps(suite), encoding="utf-8")
    for name in ("a", "b"):
        (project / f"dags/{name}.dag.yaml").write_text(f"tasks:\n  one: {{{task}}}\n", encoding="utf-8")
    monkeypatch.setenv("AIRFLOW_CONN_C", "ssh://")
    sync(project)
    lacking()
    assert doctor()["problems"] == []
    lacking(package)
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem == {
        "about": "packages",
        "message": f"'{package}' is not installed, which {factory} needs where its tasks run",
        "severity": "error",
        "help": f"pip install 'dagwright[{extra}]'",
        "places": ["dags/a.dag.yaml:2:3", "dags/b.dag.yaml:2:3"],
    }


def test_a_component_needs_a_package(project: Path, doctor: Doctor, lacking: Callable[..., None]):
    task = f"  one: {{{UPLOAD}, tables: [{{name: t, source_file: a.csv, columns: [a]}}]}}\n"
    (project / "dags/rates.dag.yaml").write_text(f"tasks:\n{task}", encoding="utf-8")
    sync(project)
    lacking("duckdb", "pyarrow", "great-expectations")
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["message"] == "'duckdb' is not installed, which duckdb needs where its tasks run"
    assert (problem["help"], problem["places"]) == (
        "pip install 'dagwright[duckdb]'",
        [f"dags/rates.dag.yaml:2:{task.index('warehouse:') + 1}"],
    )


FACTORY = """\
from dagwright import OperatorFactory


class Ask(OperatorFactory):
    def worker_packages(self):
        BODY

    def make_operator(self):
        from airflow.providers.standard.operators.empty import EmptyOperator

        return EmptyOperator(task_id=self.task_id)
"""


CANNOT_SAY = "ask cannot say which packages it needs on workers"
NOWHERE = "'acme-nowhere' is not installed, which ask needs where its tasks run"
SEE = "see 'worker_packages' of its class"
SAID = {
    "a list": (
        "return ['acme-nowhere[web]>=2', 'click', 'acme-else; python_version < \"3\"', 'dagwright[no-such]']",
        {"severity": "error", "message": NOWHERE, "help": "pip install 'acme-nowhere[web]>=2'"},
    ),
    "a string": (
        "return 'acme-nowhere'",
        {"severity": "error", "message": NOWHERE, "help": "pip install acme-nowhere"},
    ),
    "no requirement": (
        "return ['two words']",
        {
            "severity": "warning",
            "message": f"{CANNOT_SAY} ('two words' is no requirement as pip takes it)",
            "help": SEE,
        },
    ),
    "an exception": (
        "raise RuntimeError('hush-hush')",
        {"severity": "warning", "message": f"{CANNOT_SAY} (RuntimeError)", "help": SEE},
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_a_factory_of_others_says(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, name: str):
    body, expected = SAID[name]
    module = f"asking_{name.replace(' ', '_')}"
    (project / f"{module}.py").write_text(FACTORY.replace("BODY", body), encoding="utf-8")
    (project / "dagwright.toml").write_text(f'factories = ["{module}"]\n[env.prod]\n', encoding="utf-8")
    (project / "dags/rates.dag.yaml").write_text("tasks: {one: {type: ask}}\n", encoding="utf-8")
    monkeypatch.setattr("sys.path", [*sys.path])
    sync(project)
    (problem,) = doctor(exit_code=int(expected["severity"] == "error"))["problems"]
    assert problem == {"about": "packages", "places": ["dags/rates.dag.yaml:1:9"], **expected}


def test_errors_in_files_are_for_check(project: Path, doctor: Doctor):
    sync(project)
    (project / "dags/rates.dag.yaml").write_text(DAG.replace("task_args", "task_arg"), encoding="utf-8")
    (problem,) = doctor(exit_code=1)["problems"]
    assert (problem["message"], problem["help"]) == ("1 error in the project", "dagwright check --render")
    assert problem["places"] == ["dags/rates.dag.yaml:1:1 DW203"]


def test_connections_and_pools_that_airflow_lacks(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    text = """\
task_args: {pool: nowhere}
tasks:
  publish: {type: s3_publisher, connection_id: no_aws, bucket: b, files: [x]}
  again: {type: s3_publisher, connection_id: no_aws, bucket: c, files: [x]}
  there: {type: s3_publisher, connection_id: aws, bucket: d, files: [x]}
  later:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    args: {bash_command: "pool: none", env: {http_conn_id: no_http, x_conn_id: "{{ var.value.x }}"}}
"""
    (project / "dags/rates.dag.yaml").write_text(text, encoding="utf-8")
    sync(project)
    monkeypatch.setenv("AIRFLOW_CONN_AWS", "aws://key:hush-hush@/")
    report = doctor(exit_code=1)
    assert [(each["about"], each["message"], each["places"]) for each in report["problems"]] == [
        (
            "connections",
            "Airflow has no connection 'no_aws'",
            ["dags/rates.dag.yaml:3:48", "dags/rates.dag.yaml:4:46"],
        ),
        ("connections", "Airflow has no connection 'no_http'", ["dags/rates.dag.yaml:9:60"]),
        ("pools", "Airflow has no pool 'nowhere'", ["dags/rates.dag.yaml:1:19"]),
    ]
    assert [each["help"] for each in report["problems"]] == [
        "airflow connections add no_aws --conn-type TYPE, or set AIRFLOW_CONN_NO_AWS",
        "airflow connections add no_http --conn-type TYPE, or set AIRFLOW_CONN_NO_HTTP",
        "airflow pools set nowhere SLOTS DESCRIPTION",
    ]
    assert "hush" not in json.dumps(report)


def test_names_in_other_places(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    text = """\
workspace: s3://no_lake@bucket/folder@2
tasks:
  job:
    type: container_job
    command: "true"
    docker_image: x
    runtime: {type: process}
    secrets: {A: conn.no.partner.password, B: conn.no_extra.extra.a.b, C: var.value.x, D: conn.there.login}
    env: {E: conn.none.password, pool: none}
  operator:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    args: {bash_command: x, pool: nowhere, env: {pool: none}}
"""
    (project / "dags/rates.dag.yaml").write_text(text, encoding="utf-8")
    (project / "dagwright.toml").write_text('[env.prod]\nallow = ["process"]\n', encoding="utf-8")
    (project / "dags/fees.dag.yaml").write_text(f"workspace: s3://bucket/me@folder\n{DAG}", encoding="utf-8")
    monkeypatch.setenv("AIRFLOW_CONN_THERE", "http://me@host")
    sync(project)
    found = [(each["message"], each["places"]) for each in doctor(exit_code=1)["problems"]]
    assert found == [
        ("Airflow has no connection 'no.partner'", ["dags/rates.dag.yaml:8:18"]),
        ("Airflow has no connection 'no_extra'", ["dags/rates.dag.yaml:8:47"]),
        ("Airflow has no connection 'no_lake'", ["dags/rates.dag.yaml:1:12"]),
        ("Airflow has no pool 'nowhere'", ["dags/rates.dag.yaml:13:35"]),
    ]


class Unwell(BaseSecretsBackend):
    """A secrets backend that cannot be reached."""

    def get_connection(self, conn_id: str, team_name: str | None = None) -> None:
        raise ConnectionError(f"https://vault/{conn_id}?token=hush-hush")


def test_a_secrets_backend_that_fails(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    text = "tasks:\n  one: {type: s3_publisher, connection_id: aws, bucket: b, files: [x]}\n"
    (project / "dags/rates.dag.yaml").write_text(text, encoding="utf-8")
    sync(project)
    monkeypatch.setattr(
        "airflow.configuration.secrets_backend_list",
        [Unwell(), EnvironmentVariablesBackend(), EnvironmentVariablesBackend()],
    )
    report = doctor()
    (problem,) = report["problems"]
    assert (problem["about"], problem["severity"], problem["message"]) == (
        "connections",
        "warning",
        "Airflow cannot be asked for connections (ConnectionError)",
    )
    assert "hush" not in json.dumps(report)
    monkeypatch.setenv("AIRFLOW_CONN_AWS", "aws://")
    assert doctor()["problems"] == []


def test_an_airflow_that_cannot_say(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    sync(project)

    def broken(_: str) -> None:
        raise RuntimeError("postgresql://airflow:hush-hush@db/airflow")

    monkeypatch.setattr("airflow.models.pool.Pool.get_pool", broken)
    report = doctor()
    (problem,) = report["problems"]
    assert problem["message"] == "Airflow cannot be asked for pools (RuntimeError)"
    assert "airflow db check" in problem["help"]
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", "[")
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["message"].startswith("[dag_processor] dag_bundle_config_list cannot be read (")
    assert problem["help"].startswith("it has to be a list in JSON")


def test_an_airflow_that_is_not_supported(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(versions, "airflow_version", lambda: "3.0.6")
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["message"] == "Airflow 3.0.6 is not supported: Dagwright needs Airflow 3.1 or newer, below 4"


def test_no_airflow(project: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(versions, "airflow_version", lambda: None)

    def never() -> None:
        raise AssertionError

    monkeypatch.setattr(asking, "settings", never)
    (problem,) = doctor(exit_code=1)["problems"]
    assert problem["message"].startswith("Airflow is not installed: pip install")


def test_a_folder_without_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 2
    assert "no dagwright.toml and no DAG file in this folder or above" in result.stderr


def test_a_long_list_of_files_is_cut(project: Path, doctor: Doctor):
    sync(project)
    for number in range(12):
        (project / f"dags/new{number:02}.dag.yaml").write_text(DAG, encoding="utf-8")
    (problem,) = doctor(exit_code=1)["problems"]
    assert len(problem["places"]) == 12
    text = CliRunner().invoke(main, ["doctor"]).stdout
    assert "  --> dags/new09.dag.yaml\n  and 2 more\n  = help: dagwright sync --output " in text
