"""A real DAG processor on stubs, of `dagwright sync` and of the bundle, and on DAG files, where Airflow has importers.

One run shows all, since it takes seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("airflow")

# Half a dozen programs of Airflow's in a row, on machines that have other things to do.
pytestmark = pytest.mark.timeout(900)

GOOD = """\
# A comment that only the file itself has.
schedule: "@daily"
tasks:
  hello:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    args: {bash_command: "hello.sh"}
"""
BAD = GOOD.replace("schedule", "scheduled")

has_importers = find_spec("airflow.sdk.importers") is not None
needs_importers = pytest.mark.skipif(not has_importers, reason="importers arrive with Airflow 3.4")

# Says whether Dagwright was there before this file was read, as the DAG processor had imported it before the fork.
WITNESS = """
# airflow dag
import sys
from pathlib import Path
Path({said!r}).write_text(str("dagwright.render" in sys.modules))
"""

READ = """
import json
from sqlalchemy import select
from airflow.models.dag import DagModel
from airflow.models.dagcode import DagCode
from airflow.models.errors import ParseImportError
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
with create_session() as session:
    print("READ" + json.dumps({
        "dags": {dag.dag_id: [dag.bundle_name, dag.relative_fileloc, DagCode.get_latest_dagcode(dag.dag_id).source_code,
                              SerializedDagModel.get(dag.dag_id).dag.task_ids]
                 for dag in session.scalars(select(DagModel))},
        "errors": {error.bundle_name + ":" + error.filename: error.stacktrace
                   for error in session.scalars(select(ParseImportError))},
    }))
"""


@dataclass(frozen=True, kw_only=True)
class Processed:
    folder: Path
    environ: Mapping[str, str]
    dags: Mapping[str, Any]
    errors: Mapping[str, str]
    log: str


def process(environ: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, *command], env=environ, capture_output=True, text=True, timeout=200, check=False
    )
    assert result.returncode in {0, 1}, result.stdout + result.stderr
    return result


def airflow(*arguments: str) -> tuple[str, ...]:
    return ("-m", "airflow", *arguments)


@pytest.fixture(scope="module")
def processed(tmp_path_factory: pytest.TempPathFactory) -> Processed:
    folder = tmp_path_factory.mktemp("processor")
    for project in ("synced", "bundled", "imported"):
        dags = folder / project / "dags"
        dags.mkdir(parents=True)
        (folder / project / "dagwright.toml").write_text("[env.prod]\n", encoding="utf-8")
        (dags / "hello.sh").write_text("echo {{ ds }}\n", encoding="utf-8")
        for name, text in (("good", GOOD), ("bad", BAD), ("gone", GOOD)):
            (dags / f"{project}_{name}.dag.yaml").write_text(text, encoding="utf-8")
    (folder / "imported/dags/zz_twice.dag.yaml").write_text(f"{GOOD}dag_id: imported_good\n", encoding="utf-8")
    # As a deployment may have it that checks out a whole project and links its DAG files.
    (folder / "linked").symlink_to(folder / "imported/dags")
    (folder / "airflow-dags").mkdir()
    witness = WITNESS.format(said=str(folder / "witness.txt"))
    (folder / "airflow-dags/zz_witness.py").write_text(witness, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAGWRIGHT"))}
    bundles = [
        {
            "name": "stubs",
            "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
            "kwargs": {"path": str(folder / "airflow-dags")},
        },
        {
            "name": "acme",
            "classpath": "dagwright.adapters.bundle.DagwrightBundle",
            "kwargs": {"project": str(folder / "bundled")},
        },
    ]
    if has_importers:
        bundles.append(
            {
                "name": "files",
                "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
                "kwargs": {"path": str(folder / "linked")},
                "importers": ["dagwright.adapters.importer.DagwrightImporter"],
            }
        )
    environ = {
        **kept,
        "HOME": str(folder),
        "AIRFLOW_HOME": str(folder / "home"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "airflow-dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(folder / "bundles"),
        "AIRFLOW__DAG_PROCESSOR__FILE_PARSING_SORT_MODE": "alphabetical",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DAGWRIGHT_ENV": "prod",
    }
    process(environ, *airflow("db", "migrate"))
    process(environ, "-m", "dagwright", "sync", "--project", str(folder / "synced"))
    (folder / "synced/dags/synced_gone.dag.yaml").unlink()
    ran = process(environ, *airflow("dag-processor", "--num-runs", "1"))
    read = process(environ, "-c", READ).stdout
    found = json.loads(read.partition("READ")[2].splitlines()[0])
    return Processed(folder=folder, environ=environ, log=ran.stdout + ran.stderr, **found)


def test_each_dag_file_is_a_dag_of_its_own(processed: Processed):
    imported = {"imported_good", "imported_gone"} if has_importers else set()
    assert set(processed.dags) == {"synced_good", "bundled_good", "bundled_gone"} | imported
    assert processed.dags["synced_good"][:2] == ["stubs", "dagwright/dags/synced_good.dag.yaml.py"]
    assert processed.dags["bundled_good"][:2] == ["acme", "dags/bundled_good.dag.yaml.py"]
    assert processed.dags["bundled_good"][3] == ["hello"]


def test_each_broken_file_is_an_import_error_of_its_own(processed: Processed):
    imported = {"files:imported_bad.dag.yaml", "files:zz_twice.dag.yaml"} if has_importers else set()
    assert (
        set(processed.errors)
        == {
            "stubs:dagwright/dags/synced_bad.dag.yaml.py",
            "stubs:dagwright/dags/synced_gone.dag.yaml.py",
            "acme:dags/bundled_bad.dag.yaml.py",
        }
        | imported
    )
    for error in (name for name in processed.errors if "bad" in name):
        text = processed.errors[error]
        assert "error[DW203]: unknown field 'scheduled' in pipeline" in text
        assert "_bad.dag.yaml:2:1   (scheduled)" in text
    assert "the DAG file of this stub does not exist any more" in next(
        text for name, text in processed.errors.items() if "gone" in name
    )


@needs_importers
def test_an_importer_reads_the_dag_file_itself(processed: Processed):
    assert processed.dags["imported_good"][:3] == ["files", "imported_good.dag.yaml", GOOD]
    twice = processed.errors["files:zz_twice.dag.yaml"]
    assert "error[DW305]: duplicate DAG id 'imported_good'" in twice
    assert "--> dags/zz_twice.dag.yaml:8:9   (dag_id)" in twice
    ran = process(processed.environ, *airflow("dags", "test", "imported_good", "2030-01-31", "--bundle-name", "files"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "echo 2030-01-31" in ran.stdout + ran.stderr


@pytest.mark.skipif(
    has_importers,
    reason="since Airflow 3.4 the Code tab shows what a file's importer says: of a stub, the stub",
)
def test_the_code_tab_shows_the_dag_file(processed: Processed):
    for dag in processed.dags.values():
        assert dag[2] == GOOD


def test_the_processor_is_warm_for_later_files(processed: Processed):
    assert (processed.folder / "witness.txt").read_text(encoding="utf-8") == "True"


def test_a_task_runs_from_its_stub(processed: Processed):
    """`airflow dags test` reads the stub anew, finds it, and the template beside the DAG file."""
    ran = process(processed.environ, *airflow("dags", "test", "synced_good", "2030-01-31"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "echo 2030-01-31" in ran.stdout + ran.stderr
