"""Pods as the Kubernetes API wants them: rendered for a DAG run, compared with the schema of the API in strict mode.

There is no cluster here. That a cluster takes the pod, runs it, and how its end, output and loss reach Airflow is
therefore not shown: it is the work of the provider's KubernetesPodOperator, whose arguments these tests fix.
"""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import kubernetes_validate
import pytest

from dagwright import LoadError, load
from dagwright.adapters.local import Home, run_dag

# Oldest and newest of the versions that Kubernetes' authors keep up.
VERSIONS = ("1.31", "1.36")
RUN = SimpleNamespace(dag_id="daily", run_id="manual__2026-01-01", task_id="fetch", map_index=-1, try_number=1)
TOKEN = "t0ken-of-the-jobs-account"
TEMPLATE = """\
apiVersion: v1
kind: Pod
metadata: {labels: {team: market-data}}
spec:
  priorityClassName: low
  tolerations: [{key: spot, operator: Exists}]
  containers:
    - name: anything
      securityContext: {runAsNonRoot: true}
      resources: {limits: {ephemeral-storage: 1Gi}}
    - {name: proxy, image: "proxy:1"}
"""


@pytest.fixture(autouse=True)
def _airflow(airflow_home: Home) -> None:
    """Airflow has a home before it is imported."""


def operator(folder: Path, runtime: dict[str, Any], *, workspace: str | None = None, **job: Any) -> Any:
    """Return the operator of a job, its templates rendered for a DAG run."""
    project = folder / "project"
    project.joinpath("dags").mkdir(exist_ok=True, parents=True)
    project.joinpath("dagwright.toml").touch()
    workspace = workspace or str(folder / "work")
    task = {
        "type": "container_job",
        "docker_image": "rates:1",
        "command": "sh fetch.sh {{ ds }}",
        "runtime": {"type": "kubernetes", "namespace": "etl", **runtime},
        **job,
    }
    text = json.dumps({"workspace": workspace, "tasks": {"fetch": task}})
    dag = load(project / "dags" / "daily.dag.json", text=text).make_dag()
    made = dag.get_task("fetch").prepare_for_execution()
    noon = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    made.render_template_fields({"ti": RUN, "dag": dag, "ds": "2026-01-01", "logical_date": noon})
    return made


def template(folder: Path) -> Path:
    folder.joinpath("project").mkdir()
    return folder / "project" / "pod.yaml"


def manifest(operator: Any) -> dict[str, Any]:
    """Return the pod that the operator would ask for, as the API gets it; it is one for every version."""
    from kubernetes.client import ApiClient

    pod: dict[str, Any] = ApiClient().sanitize_for_serialization(operator.build_pod_request_obj(dry_run=True))
    for version in VERSIONS:
        kubernetes_validate.validate(pod, version, strict=True)
    return pod


def test_the_schema_finds_what_is_wrong(tmp_path: Path):
    pod = manifest(operator(tmp_path, {"workspace_claim": "work"}))
    pod["spec"]["containers"][0]["workDir"] = "/"
    with pytest.raises(kubernetes_validate.ValidationError, match="'workDir' was unexpected"):
        kubernetes_validate.validate(pod, VERSIONS[0], strict=True)


def test_a_pod_with_a_workspace_claim(tmp_path: Path):
    work = tmp_path / "work"
    pod = manifest(
        operator(
            tmp_path,
            {"workspace_claim": {"name": "work", "sub_path": "dagwright"}, "service_account": "jobs"},
            workspace=f"file://{work}",
            env={"DAY": "{{ ds }}"},
            secrets={"TOKEN": "partner/token"},
            cpu=0.5,
            memory="2Gi",
        )
    )
    folder = work / "daily" / "manual__2026-01-01"
    (container,) = pod["spec"]["containers"]
    assert (container["image"], container["command"]) == ("rates:1", ["/bin/sh"])
    assert container["args"] == ["-c", "sh fetch.sh 2026-01-01"]
    # By name, whatever the order of the data: Airflow would take another order for another DAG.
    assert container["env"] == [
        {"name": "DAGWRIGHT_DAG_ID", "value": "daily"},
        {"name": "DAGWRIGHT_LOGICAL_DATE", "value": "2026-01-01T12:00:00+00:00"},
        {"name": "DAGWRIGHT_RUN_ID", "value": "manual__2026-01-01"},
        {"name": "DAGWRIGHT_TASK_ID", "value": "fetch"},
        {"name": "DAGWRIGHT_WORKSPACE", "value": str(folder)},
        {"name": "DAY", "value": "2026-01-01"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "partner", "key": "token"}}},
    ]
    assert container["workingDir"] == str(folder)
    assert folder.is_dir()
    assert container["volumeMounts"] == [
        {"name": "dagwright-workspace", "mountPath": str(work), "subPath": "dagwright"}
    ]
    assert pod["spec"]["volumes"] == [{"name": "dagwright-workspace", "persistentVolumeClaim": {"claimName": "work"}}]
    assert container["resources"] == {"requests": {"cpu": "0.5", "memory": "2Gi"}, "limits": {"memory": "2Gi"}}
    assert pod["spec"]["serviceAccountName"] == "jobs"
    assert pod["spec"]["restartPolicy"] == "Never"
    assert pod["metadata"]["namespace"] == "etl"


def test_a_pod_with_a_template(tmp_path: Path):
    template(tmp_path).write_text(TEMPLATE)
    runtime = {
        "pod_template_file": "pod.yaml",
        "node_selector": {"disk": "ssd"},
        "tolerations": [{"key": "dedicated", "value": "etl", "effect": "NoExecute", "toleration_seconds": 60}],
        "image_pull_secrets": ["registry"],
        "labels": {"part-of": "rates"},
        "annotations": {"note": "{{ ds }}"},
        "resources": {"limits": {"cpu": "2"}},
        "pull": "Always",
    }
    pod = manifest(operator(tmp_path, runtime, workspace="s3://lake/work", memory="1Gi"))
    spec = pod["spec"]
    first, second = spec["containers"]
    assert (first["name"], second["name"]) == ("base", "proxy")
    assert first["securityContext"] == {"runAsNonRoot": True}
    assert first["resources"] == {
        "requests": {"memory": "1Gi"},
        "limits": {"ephemeral-storage": "1Gi", "memory": "1Gi", "cpu": "2"},
    }
    assert first["imagePullPolicy"] == "Always"
    assert "workingDir" not in first
    assert spec["priorityClassName"] == "low"
    assert spec["nodeSelector"] == {"disk": "ssd"}
    assert spec["tolerations"] == [
        {"key": "spot", "operator": "Exists"},
        {"key": "dedicated", "operator": "Equal", "value": "etl", "effect": "NoExecute", "tolerationSeconds": 60},
    ]
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["metadata"]["annotations"] == {"note": "2026-01-01"}
    assert {"team": "market-data", "part-of": "rates"}.items() <= pod["metadata"]["labels"].items()


def test_a_key_of_the_template_that_no_pod_has(tmp_path: Path):
    template(tmp_path).write_text(TEMPLATE.replace("securityContext", "securtyContext"))
    with pytest.raises(LoadError) as caught:
        operator(tmp_path, {"pod_template_file": "pod.yaml"})
    (found,) = caught.value.diagnostics
    assert found.message == "'pod.yaml' has a key that no pod has: 'spec.containers[0].securtyContext'"
    assert found.path == "tasks.fetch.runtime.pod_template_file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "is no YAML: line 1"),
        ("- a\n", "is no manifest of a pod"),
        ("kind: Job\n", "is no manifest of a pod"),
        ("spec: {containers: {}}\n", "has no list of containers"),
    ],
)
def test_a_template_that_is_none(tmp_path: Path, text: str, message: str):
    template(tmp_path).write_text(text)
    with pytest.raises(LoadError, match=message):
        operator(tmp_path, {"pod_template_file": "pod.yaml"})


def test_the_entry_point_of_the_image_stays_on_request(tmp_path: Path):
    runtime = {"workspace_claim": "work", "keep_entrypoint": True}
    (container,) = manifest(operator(tmp_path, runtime, command=["fetch.py", "{{ ds }}"]))["spec"]["containers"]
    assert not container.get("command")
    assert container["args"] == ["fetch.py", "2026-01-01"]


def test_a_time_limit_is_the_clusters_where_the_triggerer_waits(tmp_path: Path):
    limit = {"execution_timeout": "5m"}
    here = operator(tmp_path, {"workspace_claim": "work"}, task_args=limit)
    assert "activeDeadlineSeconds" not in manifest(here)["spec"]
    there = operator(tmp_path, {"workspace_claim": "work", "deferrable": True}, task_args=limit)
    assert there.deferrable
    assert manifest(there)["spec"]["activeDeadlineSeconds"] == 300


def test_what_the_operator_does_with_the_pod(tmp_path: Path):
    runtime = {"workspace_claim": "work", "on_finish": "delete_succeeded_pod", "startup_timeout": "3m"}
    made = operator(tmp_path, runtime, skip_exit_code=99)
    assert made.on_finish_action.value == "delete_succeeded_pod"
    assert made.startup_timeout_seconds == 180
    assert made.skip_on_exit_code == [99]
    assert made.do_xcom_push is False
    assert made.get_logs is True
    assert made.kubernetes_conn_id == "kubernetes_default"


def run(folder: Path, home: Home, connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Run a job for real, against whatever answers at the address of a cluster; return its state and its log."""
    token = {"user": {"token": TOKEN}, "name": "jobs"}
    cluster = {"name": "etl", "cluster": connection}
    context = {"name": "etl", "context": {"cluster": "etl", "user": "jobs", "namespace": "etl"}}
    config = {"clusters": [cluster], "contexts": [context], "users": [token], "current-context": "etl"}
    extra = {"kube_config": json.dumps({"apiVersion": "v1", "kind": "Config", **config})}
    monkeypatch.setenv("AIRFLOW_CONN_KUBERNETES_DEFAULT", json.dumps({"conn_type": "kubernetes", "extra": extra}))
    project = folder / "project"
    project.mkdir()
    project.joinpath("dagwright.toml").touch()
    runtime = {"type": "kubernetes", "namespace": "etl", "workspace_claim": "work"}
    task = {"type": "container_job", "docker_image": "rates:1", "command": "true", "runtime": runtime}
    text = json.dumps({"workspace": str(folder / "work"), "tasks": {"fetch": task}})
    result = run_dag(lambda: load(project / "pods.dag.json", text=text).make_dag(), home, on_event=lambda _: None)
    (outcome,) = result.tasks
    assert outcome.log_path is not None
    return outcome.state, outcome.log_path.read_text()


def test_a_cluster_that_nobody_answers_at(tmp_path: Path, airflow_home: Home, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://127.0.0.1:{closed.getsockname()[1]}"
    started = time.monotonic()
    state, log = run(tmp_path, airflow_home, {"server": url}, monkeypatch)
    assert state == "failed"
    assert "Connection refused" in log
    assert TOKEN not in log
    assert time.monotonic() - started < 120


class Refusing(BaseHTTPRequestHandler):
    """A cluster that takes nobody's credentials any more."""

    def do_GET(self) -> None:
        body = json.dumps({"kind": "Status", "status": "Failure", "reason": "Unauthorized", "code": 401}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  as the base class calls it

    def log_message(self, *arguments: Any) -> None:
        pass


def test_credentials_that_have_expired(tmp_path: Path, airflow_home: Home, monkeypatch: pytest.MonkeyPatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever).start()
        started = time.monotonic()
        state, log = run(tmp_path, airflow_home, {"server": f"http://127.0.0.1:{server.server_port}"}, monkeypatch)
        server.shutdown()
    assert state == "failed"
    assert "Unauthorized" in log
    assert TOKEN not in log
    assert time.monotonic() - started < 120
