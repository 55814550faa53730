"""What `check` says about uploads, beyond the cases of tests/cases, and what assets they have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagwright.binding import open_project
from dagwright.builtin.duckdb_warehouse import DuckdbWarehouse
from dagwright.builtin.postgres_warehouse import PostgresWarehouse
from dagwright.builtin.redshift_warehouse import RedshiftWarehouse
from dagwright.builtin.warehouse_upload import _task_id

TABLE = {"name": "daily", "source_file": "out/rates.csv", "columns": ["day"]}
ROLE = "arn:aws:iam::123456789012:role/copy"


def messages(folder: Path, *, inside_airflow: bool = False, workspace: str = "s3://lake/w", **upload: Any) -> list[str]:
    folder.joinpath("dagwright.toml").write_text("")
    folder.joinpath("dags").mkdir()
    task = {"type": "warehouse_upload", "schema": "fin", "tables": [TABLE], **upload}
    folder.joinpath("dags", "a.dag.yaml").write_text(json.dumps({"workspace": workspace, "tasks": {"a": task}}))
    opened, problems = open_project(folder, inside_airflow=inside_airflow)
    assert opened is not None, problems
    return [one.message for one in opened.diagnostics]


@pytest.mark.parametrize(
    "upload",
    [
        {},
        {"warehouse": {"path": "/srv/dw.duckdb"}},
        {"warehouse": {"type": "postgres", "connection_id": "dw"}},
        {"warehouse": {"type": "postgres", "connection_id": "dw", "address": "dw.example.com:6432/lake"}},
        {"warehouse": {"type": "redshift", "database": "lake", "cluster": "dw", "iam_role": ROLE, "pause": True}},
        {"warehouse": {"type": "redshift", "database": "lake", "cluster": "dw", "iam_role": f"{ROLE},{ROLE}-2"}},
        {"warehouse": {"type": "redshift", "database": "lake", "workgroup": "adhoc"}},
        {"tables": [{**TABLE, "source_file": "{{ params.file }}"}]},
    ],
)
def test_what_is_right(tmp_path: Path, upload: dict[str, Any]):
    assert messages(tmp_path, **upload) == []


@pytest.mark.parametrize(
    ("warehouse", "said"),
    [
        ({"database": "lake"}, "neither of 'cluster' and 'workgroup' is given"),
        ({"cluster": "dw", "iam_role": "AKIAIOSFODNN7EXAMPLE"}, "'iam_role' is neither the ARN of an IAM role nor"),
        (
            {"cluster": "dw", "iam_role": f"{ROLE}' ACCESS_KEY_ID 'x"},
            "'iam_role' is neither the ARN of an IAM role nor",
        ),
        ({"cluster": "dw", "db_user": "u", "secret_arn": "arn"}, "'secret_arn' says who the user is already"),
        ({"workgroup": "w", "pause": True}, "'pause' is for a cluster, and the workgroup 'w' is serverless"),
    ],
)
def test_redshift(tmp_path: Path, warehouse: dict[str, Any], said: str):
    (found,) = messages(tmp_path, warehouse={"type": "redshift", "database": "lake", **warehouse})
    assert found.startswith(said)
    assert "AKIA" not in found


@pytest.mark.parametrize(
    "address",
    ["dw.example.com", "u:p@dw/lake", "dw:x/lake", "dw/lake/s", "/lake", "{{ x }}/lake", "dw/lake?password=p"],
)
def test_what_is_no_address(tmp_path: Path, address: str):
    warehouse = {"type": "postgres", "connection_id": "dw", "address": address}
    assert messages(tmp_path, warehouse=warehouse) == ["this is no address of a database"]


def test_a_relative_path_is_for_one_machine(tmp_path: Path):
    said = "the database 'warehouse.duckdb' is a relative path, which each worker would find elsewhere"
    assert messages(tmp_path, inside_airflow=True) == [said]


def test_redshift_needs_files_in_s3(tmp_path: Path):
    warehouse = {"type": "redshift", "database": "lake", "cluster": "dw"}
    said = "Redshift loads files from S3, and the workspace is '/srv/work'"
    assert messages(tmp_path, warehouse=warehouse, workspace="/srv/work") == [said]


def test_no_message_repeats_who_reads_the_workspace(tmp_path: Path):
    warehouse = {"type": "redshift", "database": "lake", "cluster": "dw"}
    (found,) = messages(tmp_path, warehouse=warehouse, workspace="gs://AKIAEXAMPLE@lake/w")
    assert found == "Redshift loads files from S3, and the workspace is 'gs://lake/w'"


def test_assets_have_no_credentials_and_no_guessed_host():
    assert DuckdbWarehouse().table_uri("s", "t") is None
    assert DuckdbWarehouse(path="/srv/d w.duckdb").table_uri("s", "t#1") == "duckdb:///srv/d%20w.duckdb/s/t%231"
    assert PostgresWarehouse(connection_id="dw").table_uri("s", "t") is None
    postgres = PostgresWarehouse(connection_id="dw", address="DW.example.com/lake")
    assert postgres.table_uri("s", "a/b") == "postgres://dw.example.com:5432/lake/s/a%2Fb"
    assert DuckdbWarehouse(path="/srv/w.duckdb").table_uri("a/b", "t/u") == "duckdb:///srv/w.duckdb/a%2Fb/t%2Fu"
    redshift = RedshiftWarehouse(database="lake", cluster="dw", region="eu-west-1", secret_arn="arn:secret")
    assert redshift.table_uri("s", "t") == "redshift://dw.eu-west-1/lake/s/t"


def test_task_ids_never_meet():
    names = ["daily", "validate", "resume", "a b", "a_b", "a+b", "日付", "daily-suite", "daily-suite-suite", "pause"]
    ids = [_task_id(name) for name in names]
    assert len(set(ids)) == len(names)
    assert ids[0] == "daily"
    assert ids[4] == "a_b"
    assert not {"validate", "resume", "pause", "ensure_schema", "daily-suite"} & set(ids)
