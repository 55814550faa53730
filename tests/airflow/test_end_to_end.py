"""Projects in a real Airflow, seen through its REST API only: the same with LocalExecutor and with CeleryExecutor."""

from __future__ import annotations

import pytest

from demo.__main__ import DAG_FILE, read_publishing
from demo.published import compare, read_s3, read_sftp
from tests.airflow.cluster import Cluster
from tests.airflow.projects import BUNDLED

# The line and column of each task of the example, as its log says them.
PLACES = {
    "jobs.download": "3:7 (jobs.job_definitions[0]: container_job)",
    "jobs.clean": "6:7 (jobs.job_definitions[1]: container_job)",
    "jobs.summarise": "10:7 (jobs.job_definitions[2]: container_job)",
    "validators.out_penguins_csv": "16:7 (validators.files[0]: file_validation)",
    "validators.out_species_csv": "18:7 (validators.files[1]: file_validation)",
    "publishers.sftp": "21:3 (publishers.sftp: sftp_publisher)",
    "publishers.s3": "25:3 (publishers.s3: s3_publisher)",
}
# What Airflow says before the task's own first line.
PREAMBLE = ("::group::", "::endgroup::", "DAG bundles loaded", "Filling up the DagBag")
pytestmark = pytest.mark.timeout(600)

SYNCED = {"penguins": "typical/dags/penguins.yml.py", "steady": "survival/dags/steady.dag.yaml.py"}
BROKEN = {
    "stubs:typical/dags/bad_field.yml.py": ("error[DW203]", "--> dags/bad_field.yml:3:3   (jobs.job_definition)"),
    "stubs:typical/dags/bad_text.yml.py": ("error[DW103]", "--> dags/bad_text.yml:"),
    "acme:dags/bad_bundled.dag.yaml.py": ("error[DW201]", "--> dags/bad_bundled.dag.yaml:2:13   (tasks.a.type)"),
}


def said_first(messages: list[str]) -> str:
    return next(one for one in messages if not one.startswith(PREAMBLE) and not one.endswith("attempt=1.log"))


def test_each_dag_file_is_a_dag_and_each_bad_one_an_import_error_of_its_own(cluster: Cluster):
    cluster.until("three import errors", lambda: len(cluster.rest.import_errors()) == len(BROKEN))
    errors = cluster.rest.import_errors()
    assert errors.keys() == BROKEN.keys()
    for file, (code, place) in BROKEN.items():
        assert code in errors[file]
        assert place in errors[file]
    cluster.until("five DAGs", lambda: len(cluster.rest.dags()) == 5)
    dags = cluster.rest.dags()
    assert dags.keys() == {"penguins", "slow_publish", "slow_job", "steady", "bundled"}
    assert {dag_id: dags[dag_id]["relative_fileloc"] for dag_id in SYNCED} == SYNCED
    assert dags["bundled"]["bundle_name"] == "acme"
    assert not any(dag["has_import_errors"] for dag in dags.values())


def test_the_source_is_the_dag_file(cluster: Cluster):
    cluster.until("the DAGs", lambda: cluster.rest.dags().keys() >= {"penguins", "bundled"})
    assert cluster.rest.source("penguins") == DAG_FILE.read_text()
    assert cluster.rest.source("bundled") == BUNDLED


def test_the_typical_example_runs_and_publishes_the_right_bytes(cluster: Cluster):
    cluster.until("the DAG", lambda: "penguins" in cluster.rest.dags())
    cluster.s3.create_bucket("penguins")
    cluster.rest.start_run("penguins", "first")
    state = cluster.finish_run("penguins", "first")
    tasks = cluster.rest.tasks("penguins", "first")
    logs = {task: cluster.rest.log("penguins", "first", task) for task in tasks}
    assert state == "success", logs
    publishing, run = read_publishing(DAG_FILE), cluster.workspaces / "penguins" / "first"
    rows = [
        *compare("SFTP", publishing.sftp, read_sftp(cluster.partner), run),
        *compare("S3", publishing.s3, read_s3(cluster.s3, publishing.bucket), run),
    ]
    assert [row.verdict for row in rows] == ["OK"] * 4, rows
    assert {task: said_first(messages) for task, messages in logs.items()} == {
        task: f"this task comes from dags/penguins.yml:{place}" for task, place in PLACES.items()
    }


def test_the_log_of_a_failed_task_ends_with_the_origins_of_its_arguments(cluster: Cluster):
    cluster.until("the DAG", lambda: "bundled" in cluster.rest.dags())
    cluster.rest.start_run("bundled", "first")
    assert cluster.finish_run("bundled", "first") == "failed"
    states = {task_id: task["state"] for task_id, task in cluster.rest.tasks("bundled", "first").items()}
    assert states == {"hello": "success", "fails": "failed"}
    messages = cluster.rest.log("bundled", "first", "fails")
    assert said_first(messages) == "this task comes from dags/bundled.dag.yaml:5:3 (tasks.fails: operator)"
    (blame,) = [message for message in messages if message.startswith("the failed task comes from")]
    assert blame.splitlines() == [
        "the failed task comes from dags/bundled.dag.yaml:5:3 (tasks.fails: operator):",
        "  class              dags/bundled.dag.yaml:5:34",
        "  depends_on[0]      dags/bundled.dag.yaml:5:103",
        "  args.bash_command  dags/bundled.dag.yaml:5:132",
        "  task_args.retries  dags/bundled.dag.yaml:2:22",
    ]
    assert messages.index(blame) > messages.index("Task failed with exception")
