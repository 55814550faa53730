"""What a value of a built-in factory decides before any DAG runs; what a template decides is left to the worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagwright.binding import open_project
from dagwright.diagnostics import Diagnostic

JOB = {"type": "container_job", "docker_image": "rates", "command": "fetch"}
FILE = {"type": "file_publisher", "directory": "/srv/public", "files": ["out/rates.csv"]}
S3 = {"type": "s3_publisher", "bucket": "public", "files": ["out/rates.csv"]}
SFTP = {"type": "sftp_publisher", "connection_id": "partner", "files": ["out/rates.csv"]}
GCS = {"type": "gcs_publisher", "bucket": "public", "files": ["out/rates.csv"]}
AZURE = {"type": "azure_blob_publisher", "container": "public", "connection_id": "lake", "files": ["out/rates.csv"]}
SUITE = '{"expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "rate"}}]}'
VALIDATION = {"type": "file_validation", "path": "out/rates.csv", "validation_suite": "suite.json"}


def found_in(folder: Path, task: dict[str, Any], changes: dict[str, Any]) -> list[Diagnostic]:
    folder.joinpath("dagwright.toml").write_text("")
    folder.joinpath("dags").mkdir()
    folder.joinpath("dags", "suite.json").write_text(SUITE)
    folder.joinpath("dags", "a.dag.yaml").write_text(json.dumps({"tasks": {"a": {**task, **changes}}}))
    opened, problems = open_project(folder, inside_airflow=False)
    assert opened is not None, problems
    return list(opened.diagnostics)


@pytest.mark.parametrize(
    ("task", "changes", "where", "message"),
    [
        (JOB, {"docker_image": ""}, "docker_image", "expected at least 1 character, found the string ''"),
        (JOB, {"command": ""}, "command", "expected at least 1 character, found the string ''"),
        (JOB, {"command": []}, "command", "expected at least 1 item, found none"),
        (JOB, {"env": {"1ST": ""}}, "env.1ST", "'1ST' is no name of an environment variable"),
        (JOB, {"env": {"A": "1", "B=C": "1"}}, "env.B=C", "'B=C' is no name of an environment variable"),
        (JOB, {"env": {"": "1"}}, "env.", "'' is no name of an environment variable"),
        (JOB, {"env": {"{{ ds }}": "1"}}, "env.{{ ds }}", "'{{ ds }}' is no name of an environment variable"),
        (FILE, {"directory": "public/rates"}, "directory", "the folder 'public/rates' is not absolute"),
        (FILE, {"directory": ""}, "directory", "the folder '' is not absolute"),
        (FILE, {"directory": "out/{{ ds }}"}, "directory", "the folder 'out/{{ ds }}' is not absolute"),
        (FILE, {"directory": "file://elsewhere/in"}, "directory", "the folder is on another machine"),
        (FILE, {"directory": "file://u:hunter2@nas/in"}, "directory", "the folder is on another machine"),
        (S3, {"bucket": ""}, "bucket", "expected at least 1 character, found the string ''"),
        (S3, {"bucket": "s3://public"}, "bucket", "'s3://public' is no name of a bucket"),
        (S3, {"connection_id": ""}, "connection_id", "expected at least 1 character, found the string ''"),
        (SFTP, {"connection_id": ""}, "connection_id", "expected at least 1 character, found the string ''"),
        (FILE, {"files": ["a", "out/"]}, "files[1]", "'out/' names a folder, not a file"),
        (S3, {"files": ["out/{{ ds }}/"]}, "files[0]", "'out/{{ ds }}/' names a folder, not a file"),
        (SFTP, {"files": ["out/."]}, "files[0]", "'out/.' names a folder, not a file"),
        (SFTP, {"files": ["./"]}, "files[0]", "path './' names no file"),
        (S3, {"bucket": "key:secret@public"}, "bucket", "'key:secret@public' is no name of a bucket"),
        (GCS, {"bucket": "gs://public"}, "bucket", "'gs://public' is no name of a bucket"),
        (AZURE, {"container": "public@acme"}, "container", "'public@acme' is no name of a container"),
        (AZURE, {"account": "acme.blob"}, "account", "'acme.blob' is no name of a storage account"),
        (AZURE, {"connection_id": ""}, "connection_id", "expected at least 1 character, found the string ''"),
        (
            S3,
            {"files": ["out/**.csv"]},
            "files[0]",
            "'out/**.csv' has '**' beside other characters; it stands for whole folders, as in 'out/**/*.csv'",
        ),
        (FILE, {"files": ["out/*/"]}, "files[0]", "'out/*/' names a folder, not a file"),
        (FILE, {"files": ["../*.csv"]}, "files[0]", "path '../*.csv' leaves the workspace"),
        (FILE, {"manifest": "lists/rates.json"}, "manifest", "'lists/rates.json' is no name for the manifest"),
        (
            FILE,
            {"files": ["a.csv", "b/a.csv.gz"], "gzip": True},
            "files[1]",
            "'b/a.csv.gz' and 'a.csv' would both be published as 'a.csv.gz'",
        ),
        (
            FILE,
            {"files": ["out/manifest.json"], "manifest": True},
            "files[0]",
            "'out/manifest.json' and the manifest would both be published as 'manifest.json'",
        ),
        (
            FILE,
            {"if_exists": "replace"},
            "if_exists",
            "expected 'overwrite', 'error' or 'skip', found the string 'replace'",
        ),
        (VALIDATION, {"path": "out/"}, "path", "'out/' names a folder, not a file"),
    ],
)
def test_what_no_worker_could_use(
    tmp_path: Path, task: dict[str, Any], changes: dict[str, Any], where: str, message: str
):
    (found,) = found_in(tmp_path, task, changes)

    assert (found.path, found.message) == (f"tasks.a.{where}", message)
    codes = {"names no file": "DW211", "leaves the workspace": "DW211", "would both be published": "DW218"}
    assert found.code == next((code for text, code in codes.items() if text in message), "DW206")


@pytest.mark.parametrize(
    ("task", "changes"),
    [
        (JOB, {}),
        (JOB, {"docker_image": "{{ var.value.image }}", "command": "{{ params.command }}"}),
        (JOB, {"command": ["fetch", ""], "env": {"_A1": "", "discovery.type": "single-node", "MY-NAME": "{{ ds }}"}}),
        (FILE, {"directory": "/"}),
        (FILE, {"directory": "{{ var.value.share }}/rates"}),
        (FILE, {"directory": "/srv/{{ ds }}"}),
        (FILE, {"directory": "file:///srv/public"}),
        (FILE, {"files": ["{% if params.all %}out/{% endif %}rates.csv", "out/{{ ds }}", "out/.hidden"]}),
        (FILE, {"files": ["out/*.csv", "out/**", "**/rates[eur].?sv", "out/{{ 2 ** 3 }}.csv"]}),
        (FILE, {"manifest": "{{ ds }}/x.json"}),
        (FILE, {"manifest": False, "gzip": True, "if_exists": "error"}),
        (GCS, {"bucket": "{{ params.bucket }}", "connection_id": None}),
        (AZURE, {"container": "{{ params.c }}", "account": "{{ params.a }}"}),
        (S3, {"bucket": "{{ var.value.get('team/bucket') }}", "connection_id": "{{ params.lake }}"}),
        (S3, {"connection_id": None}),
        (SFTP, {"connection_id": "{{ params.partner }}"}),
        (VALIDATION, {"path": "out/{{ ds }}.csv"}),
    ],
)
def test_what_a_worker_may_get(tmp_path: Path, task: dict[str, Any], changes: dict[str, Any]):
    assert found_in(tmp_path, task, changes) == []
