"""Uploads into a real DuckDB file: what readers see, also when a load fails, dies or meets another process."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dagwright import LoadError, load
from dagwright.adapters.local import Home
from dagwright.runtime.errors import MissingPackageError, UnreadableFile, WarehouseError
from dagwright.runtime.warehouse import duckdb
from dagwright.runtime.warehouse.checking import check_in
from dagwright.runtime.warehouse.table import LoadColumn
from dagwright.runtime.warehouse.types import DUCKDB_TYPES, ColumnType, parse_type
from tests.uploads import RATES, Upload, rates_table, run_upload, workspace_with

OLD = "currency,day,rate\nUSD,2026-01-01,1.08\nCHF,2026-01-01,0.93\n"
NEW = "rate,currency,day\n1.09,USD,2026-01-02\n,CHF,2026-01-02\n"
OLD_ROWS = [("CHF", "2026-01-01", "0.9300"), ("USD", "2026-01-01", "1.0800")]
NEW_ROWS = [("CHF", "2026-01-02", None), ("USD", "2026-01-02", "1.0900")]

Run = Callable[..., Upload]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "made" / "warehouse.duckdb"


@pytest.fixture
def run(airflow_home: Home, tmp_path: Path, file: Path) -> Run:
    def upload(content: str | bytes, *, source: str = "rates.csv", run: str = "one", **table: Any) -> Upload:
        tables = [{"name": "daily", "source_file": source, "columns": RATES, **table}]
        warehouse = {"path": str(file)}
        return run_upload(
            airflow_home, tmp_path, {source: content}, run=run, warehouse=warehouse, schema="fin", tables=tables
        )

    return upload


def ask(file: Path, query: str) -> list[Any]:
    import duckdb as engine

    with engine.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def rows(file: Path) -> list[Any]:
    return ask(file, "SELECT currency, day::varchar, rate::varchar FROM fin.daily ORDER BY day, currency")


def tables(file: Path) -> list[str]:
    return [row[0] for row in ask(file, "SELECT table_name FROM duckdb_tables() ORDER BY 1")]


def test_the_shape_and_the_rows(run: Run, file: Path):
    done = run(OLD)
    assert done.result.state == "success", done.log
    assert done.shape == {
        "validate.daily": set(),
        "ensure_schema": {"validate.daily"},
        "daily.recreate": {"ensure_schema"},
        "daily.load": {"daily.recreate"},
    }
    assert done.outlets == [f"duckdb:{file}/fin/daily"]  # as Airflow writes duckdb:///...
    assert rows(file) == OLD_ROWS
    assert run(NEW, run="two").result.state == "success"
    assert rows(file) == NEW_ROWS
    assert tables(file) == ["daily"]


def test_upsert_replaces_rows_with_the_same_keys(run: Run, file: Path):
    table: Any = {"mode": "upsert", "keys": ["day", "currency"]}
    run(OLD, **table)
    run("day,currency,rate\n2026-01-01,USD,7\n2026-01-03,USD,8\n", run="two", **table)
    after = [OLD_ROWS[0], ("USD", "2026-01-01", "7.0000"), ("USD", "2026-01-03", "8.0000")]
    assert rows(file) == after
    done = run("day,currency,rate\n2026-01-05,USD,7\n2026-01-05,USD,8\n", run="three", **table)
    assert done.states["daily.load"] == "failed"
    assert "2 rows would have the same keys (day 2026-01-05, currency USD)" in done.logs["daily.load"]
    assert rows(file) == after


def test_append_adds_the_rows_of_each_run_once(run: Run, file: Path):
    run(OLD, mode="append")
    done = run(NEW, run="two", mode="append")
    assert done.result.state == "success", done.log
    assert rows(file) == OLD_ROWS + NEW_ROWS


def test_append_refuses_a_key_that_is_there(run: Run, file: Path):
    table: Any = {"mode": "append", "keys": ["day", "currency"]}
    run(OLD, **table)
    done = run("day,currency,rate\n2026-01-01,USD,7\n", run="two", **table)
    assert "2 rows would have the same keys (day 2026-01-01, currency USD)" in done.logs["daily.load"]
    assert rows(file) == OLD_ROWS


def test_a_worker_that_dies_after_its_commit_appends_once(tmp_path: Path, file: Path, caplog: pytest.LogCaptureFixture):
    duckdb.ensure_duckdb_schema("fin", True, str(file))
    workspace = workspace_with(tmp_path, rates_csv=OLD)
    table = rates_table(mode="append")
    with child(tmp_path, file, table.data(), f"load(); os.kill(os.getpid(), {int(signal.SIGKILL)})") as process:
        assert process.wait(timeout=60) == -signal.SIGKILL
    done = duckdb.load_into_duckdb(workspace, table, str(file), key="child")
    assert done == {"table": "fin.daily", "mode": "append", "rows": 2}
    assert "this run appended 2 rows to 'fin.daily'" in caplog.text
    assert rows(file) == OLD_ROWS


def test_a_worker_killed_in_mid_load(tmp_path: Path, file: Path):
    duckdb.ensure_duckdb_schema("fin", True, str(file))
    workspace = workspace_with(tmp_path, rates_csv=OLD)
    table = rates_table()
    duckdb.load_into_duckdb(workspace, table, str(file), key="old")
    duckdb.recreate_duckdb("fin", duckdb.recreate_statements(table), str(file))
    workspace_with(tmp_path, rates_csv=NEW)
    with child(tmp_path, file, table.data(), "load(stall=True)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "the old table is gone\n"
        process.send_signal(signal.SIGKILL)
    assert rows(file) == OLD_ROWS
    duckdb.load_into_duckdb(workspace, table, str(file), key="new")
    assert rows(file) == NEW_ROWS


def child(folder: Path, file: Path, table: Any, what: str) -> subprocess.Popen[str]:
    """Start a process that loads a table as the run `child`; `stall` stops before the new table is renamed."""
    program = f"""
import json, os, sys, time
from pathlib import Path
from dagwright.runtime.warehouse import duckdb
from dagwright.runtime.warehouse.table import LoadTable
from dagwright.runtime.workspace import RunWorkspace

def load(stall=False):
    def quote_name(*names):
        if stall and names == ("daily",):
            print("the old table is gone", flush=True)
            time.sleep(120)
        return quote(*names)
    quote, duckdb.quote_name = duckdb.quote_name, quote_name
    table = LoadTable.of(json.loads(sys.argv[1]))
    duckdb.load_into_duckdb(RunWorkspace(Path(sys.argv[2])), table, sys.argv[3], key="child")

{what}
"""
    arguments = [sys.executable, "-c", program, json.dumps(table), str(folder), str(file)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def test_a_file_that_another_process_has_open(tmp_path: Path, file: Path):
    duckdb.ensure_duckdb_schema("fin", False, str(file))
    holds = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    arguments = [sys.executable, "-c", holds, str(file)]
    workspace = workspace_with(tmp_path, rates_csv=OLD)
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "open\n"
        started = time.monotonic()
        said = rf"within 1 s, as only one process at a time can.*PID {holder.pid}"
        with pytest.raises(WarehouseError, match=said):
            duckdb.load_into_duckdb(workspace, rates_table(), str(file), key="k", wait_seconds=1)
        assert time.monotonic() - started < 10
        holder.stdin.close()
        duckdb.load_into_duckdb(workspace, rates_table(), str(file), key="k", wait_seconds=60)
    assert rows(file) == OLD_ROWS


def test_processes_that_load_one_table_follow_one_another(tmp_path: Path, file: Path):
    duckdb.ensure_duckdb_schema("fin", False, str(file))
    each = 5000
    for name in "AB":
        lines = "".join(f"{name},2026-01-01,{number}\n" for number in range(each))
        (tmp_path / f"{name}.csv").write_text(f"currency,day,rate\n{lines}")
    started = [child(tmp_path, file, rates_table(source_file=f"{name}.csv").data(), "load()") for name in "AB"]
    for process in started:
        with process:
            assert process.wait(timeout=120) == 0
    assert ask(file, "SELECT count(*), count(DISTINCT currency) FROM fin.daily") == [(each, 1)]


def test_something_else_than_a_database(tmp_path: Path):
    (tmp_path / "x.duckdb").write_text("this is no database, and nobody waits for it\n" * 9)
    started = time.monotonic()
    with pytest.raises(WarehouseError, match="cannot open the database"):
        duckdb.ensure_duckdb_schema("fin", False, str(tmp_path / "x.duckdb"))
    with pytest.raises(WarehouseError, match="cannot open the database"):
        duckdb.ensure_duckdb_schema("fin", False, str(tmp_path / "x.duckdb" / "y"))
    assert time.monotonic() - started < 5
    with pytest.raises(WarehouseError, match=r"'warehouse\.duckdb' is a relative path"):
        duckdb.ensure_duckdb_schema("fin", False, "warehouse.duckdb")


def test_what_the_engine_alone_refuses_changes_nothing(tmp_path: Path, file: Path):
    duckdb.ensure_duckdb_schema("fin", False, str(file))
    workspace = workspace_with(tmp_path, rates_csv=OLD)
    duckdb.load_into_duckdb(workspace, rates_table(), str(file), key="k")
    workspace_with(tmp_path, rates_csv="currency,day,rate\nUSD,2026-01-01,1\nUSD,2026-13-01,1\n")
    with pytest.raises(WarehouseError, match="2026-13-01"):
        duckdb.load_into_duckdb(workspace, rates_table(), str(file), key="k")
    assert rows(file) == OLD_ROWS


def test_other_formats(run: Run, file: Path):
    import pyarrow as pa
    from pyarrow import parquet

    first = '{"currency": "U\\"S\\\\D", "day": "2026-01-01", "rate": 0.12345678901234567890}'
    done = run(
        gzip.compress(f'{first}\n{{"currency": "", "day": null}}\n'.encode()), source="rates.jsonl.gz", run="lines"
    )
    assert done.result.state == "success", done.log
    assert rows(file) == [('U"S\\D', "2026-01-01", "0.1235"), ("", None, None)]
    assert run(gzip.compress(NEW.encode()), source="rates.csv.gz", run="packed").result.state == "success"
    assert rows(file) == NEW_ROWS
    table = pa.table({"rate": [1.5, None], "currency": ["", 'a"b,c\n'], "day": ["2026-01-01", "2026-01-02"]})
    data = pa.BufferOutputStream()
    parquet.write_table(table, data)
    assert run(data.getvalue().to_pybytes(), source="rates.parquet", run="parquet").result.state == "success"
    assert rows(file) == [("", "2026-01-01", "1.5000"), ('a"b,c\n', "2026-01-02", None)]


def test_lines_of_json_are_those_of_other_engines(tmp_path: Path, file: Path):
    table = replace(rates_table(source_file="a.jsonl"), columns=[LoadColumn(name="a", type="JSON", kind="json")])
    duckdb.ensure_duckdb_schema("fin", False, str(file))
    workspace = workspace_with(tmp_path, a_jsonl='{"a": "x"}\n{"a": {"b": 1}}\n{"a": null}\n')
    duckdb.load_into_duckdb(workspace, table, str(file), key="k")
    assert ask(file, "SELECT a::varchar FROM fin.daily") == [('"x"',), ('{"b":1}',), (None,)]
    workspace_with(tmp_path, a_jsonl=b'\xef\xbb\xbf{"a": "x"}\n')
    for refuse in (check_in, duckdb.load_into_duckdb):
        more: Any = {} if refuse is check_in else {"path": str(file), "key": "k"}
        with pytest.raises(UnreadableFile, match="begins with a byte order mark"):
            refuse(workspace, table, **more)


def test_an_empty_field_is_null_with_and_without_quotes(run: Run, file: Path):
    run('\ufeffcurrency,day,rate\r\n"",2026-01-01,""\r\n,2026-01-02,\r\n')
    assert rows(file) == [(None, "2026-01-01", None), (None, "2026-01-02", None)]


@pytest.mark.parametrize("source", ["a*.csv", "a[1].csv", "it's ?.csv", "$1; drop.csv"])
def test_a_file_name_is_no_pattern(run: Run, file: Path, source: str):
    done = run(OLD, source=source)
    assert done.result.state == "success", done.log
    assert rows(file) == OLD_ROWS


def test_names_are_taken_as_they_are(tmp_path: Path, file: Path):
    names = ["select", "Größe %", "a; drop table x; --", "$1 ?", "日付", "a" * 63]
    columns = [LoadColumn(name=name, type="VARCHAR", kind="text") for name in names]
    workspace = workspace_with(tmp_path, rates_csv=f"{','.join(names)}\n{','.join('x' for _ in names)}\n")
    duckdb.ensure_duckdb_schema("Drop; me", False, str(file))
    for name in names:
        table = rates_table(schema="Drop; me", name=name, columns=columns, keys=(names[2],))
        duckdb.load_into_duckdb(workspace, table, str(file), key="k")
        table = replace(table, mode="upsert")
        duckdb.load_into_duckdb(workspace, table, str(file), key="k")
    assert tables(file) == sorted(names)
    assert ask(file, 'SELECT * FROM "Drop; me"."select"') == [("x",) * len(names)]


def test_a_suite_stands_beside_the_comparison(run: Run, tmp_path: Path, file: Path):
    suite = {"name": "s", "expectations": [{"type": "expect_table_row_count_to_equal", "kwargs": {"value": 2}}]}
    (tmp_path / "s.json").write_text(json.dumps(suite))
    done = run(OLD, validation_suite="s.json")
    assert done.result.state == "success", done.log
    assert done.shape["ensure_schema"] == {"validate.daily", "validate.daily-suite"}
    done = run(OLD + "EUR,2026-01-01,1\n", run="two", validation_suite="s.json")
    assert done.states["validate.daily-suite"] == "failed"
    assert done.states["daily.load"] == "upstream_failed"
    assert rows(file) == OLD_ROWS


def test_a_schema_may_be_called_as_the_file(tmp_path: Path):
    file = tmp_path / "Rates.2026.duckdb"
    workspace = workspace_with(tmp_path, rates_csv=OLD)
    for schema in ("rates", "Rates.2026".partition(".")[0], "fin"):
        duckdb.ensure_duckdb_schema(schema, False, str(file))
        table = rates_table(schema=schema)
        duckdb.recreate_duckdb(schema, duckdb.recreate_statements(table), str(file))
        duckdb.load_into_duckdb(workspace, table, str(file), key="k")
    assert tables(file) == ["daily", "daily"]


def test_what_installs_a_missing_package(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch):
    for module in ("duckdb", "airflow.providers.postgres", "airflow.providers.amazon.aws.operators.redshift_data"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackageError, match=r"pip install 'dagwright\[duckdb\]'"):
        duckdb.ensure_duckdb_schema("fin", False, str(file))
    warehouses = {
        "postgres": {"connection_id": "dw"},
        "redshift": {"database": "lake", "cluster": "dw"},
    }
    for name, fields in warehouses.items():
        text = json.dumps(
            {
                "workspace": "s3://lake/work",
                "tasks": {
                    "load": {
                        "type": "warehouse_upload",
                        "warehouse": {"type": name, **fields},
                        "schema": "fin",
                        "tables": [{"name": "daily", "source_file": "rates.csv", "columns": RATES}],
                    }
                },
            }
        )
        with pytest.raises(LoadError) as caught:
            load(tmp_path / f"{name}.dag.json", text=text).make_dag()
        (found,) = caught.value.diagnostics
        assert (found.code, found.help) == ("DW509", f"pip install 'dagwright[{name}]'")


def test_all_types_are_duckdbs():
    import duckdb as engine

    with engine.connect() as connection:
        for name in DUCKDB_TYPES:
            kind = parse_type(name.replace("(n)", "(7)").replace("(p,s)", "(12, 2)"), DUCKDB_TYPES)
            assert isinstance(kind, ColumnType)
            connection.execute(f"CREATE OR REPLACE TABLE t (a {kind.sql})")
