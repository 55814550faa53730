"""How real processes of Airflow find DAG files, and what they show of broken ones."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import pytest

from tests.airflow.conftest import Installation

LOADER = "# An Airflow DAG file.\nfrom dagwright import load_dags\n\nload_dags(globals())\n"
BASH = "type: operator, class: airflow.providers.standard.operators.bash.BashOperator"
RATES = f"""\
# The rates of the day.
task_args: {{retries: 0}}
tasks:
  start:
    type: operator
    class: airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator
    args: {{trigger_dag_id: sibling}}
  fetch: {{{BASH}, depends_on: [start], args: {{bash_command: "exit 3"}}}}
"""
SIBLING = f"dag_id: sibling\ntasks:\n  a: {{{BASH}, args: {{bash_command: 'true'}}}}\n"
FILES = {
    "dagwright.toml": "",
    "dags/rates.dag.yaml": RATES,
    "dags/other.dag.yaml": SIBLING,
    "dags/bad.dag.yaml": "tasks:\n  a: {type: no_such_thing}\n",
    "dags/values.yaml": "a: 1\n",
}
Install = Callable[..., Installation]

needs_importers = pytest.mark.skipif(
    find_spec("airflow.sdk.importers") is None, reason="importers arrive with Airflow 3.4"
)
no_importers = pytest.mark.skipif(
    find_spec("airflow.sdk.importers") is not None,
    reason="since Airflow 3.4 the Code tab shows what the importer of the file says: use that of Dagwright",
)


def test_the_processor_reads_all_dags_through_one_loader(installation: Install):
    airflow = installation({**FILES, "dags/loader.py": LOADER})
    logged = airflow.process_dags()
    assert airflow.rows("select dag_id, relative_fileloc, is_paused from dag order by dag_id") == [
        ("dagwright_problems_loader", "loader.py", 1),
        ("rates", "loader.py", 1),
        ("sibling", "loader.py", 1),
    ]
    assert airflow.rows("select * from import_error") == []
    assert "DW201: unknown type 'no_such_thing'" in logged
    # The bad file is mended: the notice is gone with its reason.
    (airflow.dags / "bad.dag.yaml").write_text(SIBLING.replace("sibling", "mended"))
    airflow.process_dags()
    assert ("mended", 0) in airflow.rows("select dag_id, is_stale from dag")


@no_importers
def test_the_code_tab_shows_the_dag_file(installation: Install):
    airflow = installation({**FILES, "dags/loader.py": LOADER})
    airflow.process_dags()
    assert airflow.rows("select fileloc, source_code from dag_code where dag_id = 'rates'") == [
        (str(airflow.dags / "rates.dag.yaml"), RATES)
    ]


def test_a_test_run_finds_siblings_and_says_where_tasks_come_from(installation: Install):
    airflow = installation({**FILES, "dags/loader.py": LOADER})
    said = airflow.airflow("dags", "test", "rates", fails=True)
    assert {dag_id for (dag_id,) in airflow.rows("select dag_id from dag")} >= {"rates", "sibling"}
    assert airflow.rows("select dag_id from dag_run where dag_id = 'sibling'") == [("sibling",)]
    assert "this task comes from dags/rates.dag.yaml:4:3 (tasks.start: operator)" in said
    assert said.count("the failed task comes from") == 1
    assert "the failed task comes from dags/rates.dag.yaml:8:3 (tasks.fetch: operator)" in said


@needs_importers
@pytest.mark.parametrize("where", ["global", "bundle"])
def test_the_importer_gives_each_file_its_own_error_and_source(installation: Install, where: str):
    classpath = '[{"classpath": "dagwright.adapters.importer.DagwrightImporter"}]'
    bundle = '[{{"name": "b", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {{}}{}}}]'
    settings = (
        {"AIRFLOW__DAG_PROCESSOR__DAG_IMPORTER_CONFIGS": classpath}
        if where == "global"
        else {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": bundle.format(f', "importers": {classpath}')}
    )
    airflow = installation(FILES, **settings)
    said = airflow.process_dags()
    found = airflow.rows("select dag_id, relative_fileloc from dag order by dag_id")
    assert found == [("rates", "rates.dag.yaml"), ("sibling", "other.dag.yaml")], said
    ((name, message),) = airflow.rows("select filename, stacktrace from import_error")
    assert name == "bad.dag.yaml"
    assert "--> dags/bad.dag.yaml:2:13   (tasks.a.type)" in message
    assert airflow.rows("select source_code from dag_code where dag_id = 'rates'") == [(RATES,)]
    said = airflow.airflow("dags", "test", "rates", fails=True)
    assert "the failed task comes from dags/rates.dag.yaml:8:3 (tasks.fetch: operator)" in said
