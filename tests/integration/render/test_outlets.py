"""The assets of publishers: stable, without credentials, and no more than is known when a DAG is parsed."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from dagwright import load

FILES = ["out/rates.csv", "out/report.json"]


def outlets(folder: Path, task: dict[str, Any]) -> list[tuple[str, str]]:
    file = folder / "a.dag.yaml"
    dag: Any = load(file, text=json.dumps({"tasks": {"a": {"files": FILES, **task}}})).make_dag()
    return [(asset.name, asset.uri) for asset in dag.get_task("a").outlets]


@pytest.mark.parametrize(
    ("task", "uris"),
    [
        ({"type": "s3_publisher", "bucket": "b", "prefix": "/p/"}, ["s3://b/p/rates.csv", "s3://b/p/report.json"]),
        ({"type": "gcs_publisher", "bucket": "b", "files": ["a.csv"]}, ["gs://b/a.csv"]),
        ({"type": "file_publisher", "directory": "/srv/x", "gzip": True, "files": ["a"]}, ["file:///srv/x/a.gz"]),
        (
            {"type": "azure_blob_publisher", "container": "c", "connection_id": "lake", "account": "acme"},
            [f"https://acme.blob.core.windows.net/c/{name}" for name in ("rates.csv", "report.json")],
        ),
        ({"type": "azure_blob_publisher", "container": "c", "connection_id": "lake"}, []),
        ({"type": "file_publisher", "directory": "/", "files": ["*", "a"]}, ["file:///", "file:///a"]),
        ({"type": "sftp_publisher", "connection_id": "p", "host": "h:22", "files": ["*"]}, ["sftp://h:22"]),
        ({"type": "s3_publisher", "bucket": "b", "files": ["out/*.csv", "out/a.json"]}, ["s3://b", "s3://b/a.json"]),
        (
            {"type": "s3_publisher", "bucket": "b", "prefix": "p", "files": ["*.csv", "x/**"], "manifest": True},
            ["s3://b/p", "s3://b/p/manifest.json"],
        ),
        ({"type": "s3_publisher", "bucket": "b", "files": ["{{ ds }}.csv"], "manifest": "l.json"}, ["s3://b/l.json"]),
        ({"type": "s3_publisher", "bucket": "{{ params.b }}", "manifest": True}, []),
        ({"type": "s3_publisher", "bucket": "b", "files": ["a"], "manifest": "{{ ds }}.json"}, ["s3://b/a"]),
    ],
)
def test_what_is_published(tmp_path: Path, task: dict[str, Any], uris: list[str]):
    found = outlets(tmp_path, task)

    assert [name for name, _ in found] == uris
    assert [uri.rstrip("/") for _, uri in found] == [uri.rstrip("/") for uri in uris]


@pytest.mark.parametrize(
    "task",
    [
        {"type": "file_publisher", "directory": "/srv"},
        {"type": "sftp_publisher", "connection_id": "p"},
        {"type": "s3_publisher", "bucket": "b"},
        {"type": "gcs_publisher", "bucket": "b"},
        {"type": "azure_blob_publisher", "container": "c", "connection_id": "lake"},
    ],
)
def test_the_worker_s_function_takes_what_the_operator_has(tmp_path: Path, task: dict[str, Any]):
    how = {"files": FILES, "gzip": True, "manifest": "{{ ds }}.json", "if_exists": "skip"}
    dag: Any = load(tmp_path / "a.dag.yaml", text=json.dumps({"tasks": {"a": {**task, **how}}})).make_dag()
    operator = dag.get_task("a")

    inspect.signature(operator.python_callable).bind(**operator.op_kwargs)

    assert operator.op_kwargs["sending"] == how
    assert "op_kwargs" in operator.template_fields


@pytest.mark.parametrize(
    "uri", ["https://user:hunter2@dav.example.com/in?sig=hunter2#hunter2", "s3://key:hunter2@bucket/in"]
)
def test_no_name_carries_a_credential(tmp_path: Path, uri: str, monkeypatch: pytest.MonkeyPatch):
    # Airflow cleans an asset's URI, and keeps the name that was made of it.
    from airflow.sdk import Asset

    from dagwright.builtin.file_publisher import FilePublisher

    with pytest.warns(UserWarning, match="should not contain a password"):
        assert "hunter2" in Asset("s3://key:hunter2@bucket/in").name
    monkeypatch.setattr(FilePublisher, "folder_uri", lambda self: uri)

    found = outlets(tmp_path, {"type": "file_publisher", "directory": "/srv", "manifest": True, "files": ["*"]})

    assert len(found) == 2
    assert "hunter2" not in repr(found)
