"""Uploads into a real PostgreSQL: what readers see, also when a load fails, dies or meets another one."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dagwright.adapters.local import Home
from dagwright.runtime.errors import WarehouseError
from dagwright.runtime.warehouse import postgres
from dagwright.runtime.warehouse.checking import check_in
from dagwright.runtime.warehouse.table import LoadColumn, LoadTable
from dagwright.runtime.warehouse.types import POSTGRES_TYPES, ColumnType, parse_type
from tests.servers.postgres import PostgresServer, postgres_server
from tests.uploads import RATES, Upload, rates_table, run_upload, workspace_with

OLD = "currency,day,rate\nUSD,2026-01-01,1.08\nCHF,2026-01-01,0.93\n"
NEW = "rate,currency,day\n1.09,USD,2026-01-02\n,CHF,2026-01-02\n"
OLD_ROWS = [("CHF", "2026-01-01", "0.9300"), ("USD", "2026-01-01", "1.0800")]
NEW_ROWS = [("CHF", "2026-01-02", None), ("USD", "2026-01-02", "1.0900")]

Run = Callable[..., Upload]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def database(server: PostgresServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PostgresServer:
    """An empty database, which Airflow knows as the connection `dw`."""
    name = re.sub(r"\W", "_", request.node.name)[-50:]
    made = server.create_database(name)
    for variable, value in made.environment("dw").items():
        monkeypatch.setenv(variable, value)
    return made


@pytest.fixture
def run(database: PostgresServer, airflow_home: Home, tmp_path: Path) -> Run:
    def upload(content: str, *, source: str = "rates.csv", run: str = "one", **table: Any) -> Upload:
        tables = [{"name": "daily", "source_file": source, "columns": RATES, **table}]
        warehouse = {"type": "postgres", "connection_id": "dw"}
        return run_upload(
            airflow_home, tmp_path, {source: content}, run=run, warehouse=warehouse, schema="fin", tables=tables
        )

    return upload


def rows(database: PostgresServer, table: str = "fin.daily") -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        found = connection.execute(f"SELECT currency, day::text, rate::text FROM {table} ORDER BY day, currency")
        return list(found.fetchall())


def tables(database: PostgresServer) -> list[str]:
    with database.connect() as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'fin' ORDER BY 1"
        )
        return [row[0] for row in found]


def make_old(database: PostgresServer, folder: Path) -> LoadTable:
    """Load OLD, and return the table with NEW as its file."""
    table = rates_table()
    postgres.ensure_postgres_schema("fin", True, "dw")
    postgres.load_into_postgres(workspace_with(folder, rates_csv=OLD), table, "dw", key="old")
    workspace_with(folder, rates_csv=NEW)
    return table


def recreate(database: PostgresServer, table: LoadTable, seconds: float = 60) -> None:
    with database.connect(autocommit=False) as connection:
        for statement in postgres.recreate_postgres(table, seconds):
            connection.execute(statement)


def test_the_shape_and_the_rows(run: Run, database: PostgresServer):
    done = run(OLD)
    assert done.result.state == "success", done.log
    assert done.shape == {
        "validate.daily": set(),
        "ensure_schema": {"validate.daily"},
        "daily.recreate": {"ensure_schema"},
        "daily.load": {"daily.recreate"},
    }
    assert rows(database) == OLD_ROWS
    done = run(NEW, run="two")
    assert done.result.state == "success", done.log
    assert rows(database) == NEW_ROWS
    assert "loaded 'rates.csv' into 'fin.daily' (replace): 2 rows" in done.logs["daily.load"]
    assert tables(database) == ["daily"]


def test_upsert_replaces_rows_with_the_same_keys(run: Run, database: PostgresServer):
    table: Any = {"mode": "upsert", "keys": ["day", "currency"]}
    run(OLD, **table)
    done = run("day,currency,rate\n2026-01-01,USD,7\n2026-01-03,USD,8\n", run="two", **table)
    assert done.result.state == "success", done.log
    assert rows(database) == [OLD_ROWS[0], ("USD", "2026-01-01", "7.0000"), ("USD", "2026-01-03", "8.0000")]


def test_the_same_key_twice_in_a_file_changes_nothing(run: Run, database: PostgresServer):
    table: Any = {"mode": "upsert", "keys": ["day", "currency"]}
    run(OLD, **table)
    done = run("day,currency,rate\n2026-01-05,USD,7\n2026-01-05,USD,8\n", run="two", **table)
    assert done.states["daily.load"] == "failed"
    assert "Key (day, currency)=(2026-01-05, USD) already exists" in done.logs["daily.load"]
    assert rows(database) == OLD_ROWS


def test_append_adds_the_rows_of_each_run_once(run: Run, database: PostgresServer):
    run(OLD, mode="append")
    done = run(NEW, run="two", mode="append")
    assert done.result.state == "success", done.log
    assert rows(database) == OLD_ROWS + NEW_ROWS
    assert tables(database) == ["dagwright_loads", "daily"]


@pytest.mark.usefixtures("database")
def test_append_into_a_schema_with_a_percent_sign(database: PostgresServer, tmp_path: Path):
    table = replace(rates_table(), schema="100%s", mode="append")
    postgres.ensure_postgres_schema(table.schema, True, "dw")
    for _ in range(2):
        postgres.load_into_postgres(workspace_with(tmp_path, rates_csv=OLD), table, "dw", key="one")
    assert rows(database, table.sql_name) == OLD_ROWS


def test_a_worker_that_dies_after_its_commit_appends_once(database: PostgresServer, tmp_path: Path):
    table = make_old(database, tmp_path)
    table = replace(table, mode="append")
    dies = f"load(); os.kill(os.getpid(), {int(signal.SIGKILL)})"
    with child(tmp_path, table, dies) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL
    assert rows(database) == OLD_ROWS + NEW_ROWS
    again = postgres.load_into_postgres(workspace_with(tmp_path), table, "dw", key="child")
    assert again == {"table": "fin.daily", "mode": "append", "rows": 2}
    assert rows(database) == OLD_ROWS + NEW_ROWS


def test_a_crash_between_recreate_and_load(run: Run, database: PostgresServer, tmp_path: Path):
    table = make_old(database, tmp_path)
    recreate(database, table)
    assert rows(database) == OLD_ROWS
    assert len(tables(database)) == 3
    assert run(NEW).result.state == "success"
    assert rows(database) == NEW_ROWS
    assert tables(database) == ["dagwright_loads", "daily"]


def test_a_worker_killed_in_mid_load(database: PostgresServer, tmp_path: Path):
    table = make_old(database, tmp_path)
    recreate(database, table)
    with child(tmp_path, table, "load(stall=True)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half of it is there\n"
        assert rows(database) == OLD_ROWS
        process.send_signal(signal.SIGKILL)
    assert rows(database) == OLD_ROWS
    postgres.load_into_postgres(workspace_with(tmp_path), table, "dw", key="next", wait_seconds=20)
    assert rows(database) == NEW_ROWS


def test_readers_do_not_wait_for_a_load(database: PostgresServer, tmp_path: Path):
    table = make_old(database, tmp_path)
    with child(tmp_path, table, "load(stall=True)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half of it is there\n"
        with database.connect() as connection:
            connection.execute("SET lock_timeout = '1s'")
            assert connection.execute("SELECT count(*) FROM fin.daily").fetchone() == (2,)
        process.kill()


def test_a_long_query_holds_up_the_swap_and_no_other_reader(database: PostgresServer, tmp_path: Path):
    table = make_old(database, tmp_path)
    with database.connect(autocommit=False) as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("SELECT count(*) FROM fin.daily")  # and its transaction goes on
        with pytest.raises(WarehouseError, match="has held the table for 1 s"):
            postgres.load_into_postgres(workspace_with(tmp_path), table, "dw", key="k", wait_seconds=1)
        loading = pool.submit(
            postgres.load_into_postgres, workspace_with(tmp_path), table, "dw", key="k", wait_seconds=60
        )
        for _ in range(8):
            with database.connect() as connection:
                connection.execute("SET lock_timeout = '10s'")
                assert connection.execute("SELECT count(*), min(day)::text FROM fin.daily").fetchone() == (
                    2,
                    "2026-01-01",
                )
            time.sleep(0.5)
        assert not loading.done()
        reader.rollback()
        assert loading.result(timeout=60)["rows"] == 2
    assert rows(database) == NEW_ROWS


def child(folder: Path, table: LoadTable, what: str) -> subprocess.Popen[str]:
    """Start a process that loads a table as the run `child`; `stall` stops after half of the file has been sent."""
    program = f"""
import json, os, sys, time
from pathlib import Path
from dagwright.runtime.warehouse import postgres
from dagwright.runtime.warehouse.table import LoadTable
from dagwright.runtime.workspace import RunWorkspace

def load(stall=False):
    whole = postgres.csv_chunks
    def half(workspace, table):
        columns, chunks = whole(workspace, table)
        def stalled():
            content = b"".join(chunks)
            yield content[: len(content) // 2 + 1]
            print("half of it is there", flush=True)
            time.sleep(120)
        return columns, stalled() if stall else chunks
    postgres.csv_chunks = half
    table = LoadTable.of(json.loads(sys.argv[1]))
    postgres.load_into_postgres(RunWorkspace(Path(sys.argv[2])), table, "dw", key="child")

{what}
"""
    arguments = [sys.executable, "-c", program, json.dumps(table.data()), str(folder)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def test_uploads_of_one_table_follow_one_another(database: PostgresServer, tmp_path: Path):
    make_old(database, tmp_path)
    (tmp_path / "both").mkdir()
    workspace = workspace_with(tmp_path / "both")
    each = 2000
    for name in "ABCD":
        lines = "".join(f"{name},2026-01-01,{number}\n" for number in range(each))
        (tmp_path / "both" / f"{name}.csv").write_text(f"currency,day,rate\n{lines}")

    def upload(name: str) -> None:
        table = rates_table(source_file=f"{name}.csv")
        recreate(database, table)
        postgres.load_into_postgres(workspace, table, "dw", key=name)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            for done in [pool.submit(upload, name) for name in "ABCD"]:
                done.result(timeout=120)
            with database.connect() as connection:
                found = connection.execute("SELECT currency, count(*) FROM fin.daily GROUP BY 1").fetchall()
            assert len(found) == 1
            assert found[0][1] == each
    assert tables(database) == ["dagwright_loads", "daily"]


def test_an_upload_that_waits_too_long_says_so(database: PostgresServer, tmp_path: Path):
    table = make_old(database, tmp_path)
    with database.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [postgres.lock_key("fin", "daily")])
        with pytest.raises(WarehouseError) as caught:
            postgres.load_into_postgres(workspace_with(tmp_path), table, "dw", key="k", wait_seconds=1)
    assert "another upload or a reader has held the table for 1 s" in str(caught.value)
    assert rows(database) == OLD_ROWS


def test_first_uploads_that_start_together(database: PostgresServer):
    start = threading.Barrier(6)

    def make() -> None:
        start.wait(timeout=30)
        postgres.ensure_postgres_schema("fin", True, "dw")

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(make) for _ in range(6)]:
            done.result(timeout=60)
    assert tables(database) == ["dagwright_loads"]


NAMES = ["select", "Größe %", "a; drop table x; --", "$1 %s {", "line /* */", "日付", "a" * 63]


def test_names_are_taken_as_they_are(database: PostgresServer, airflow_home: Home, tmp_path: Path):
    names = [name for name in NAMES if "{" not in name]
    header = ",".join(names)
    done = run_upload(
        airflow_home,
        tmp_path,
        {"in.csv": f"{header}\n{','.join('x' for _ in names)}\n"},
        warehouse={"type": "postgres", "connection_id": "dw"},
        schema="Drop; me",
        tables=[{"name": name, "source_file": "in.csv", "columns": names, "keys": [names[2]]} for name in names],
    )
    assert done.result.state == "success", done.log
    with database.connect() as connection:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'Drop; me'"
        assert {row[0] for row in connection.execute(query)} == set(names)
        found = connection.execute('SELECT * FROM "Drop; me"."select"')
        assert [column.name for column in found.description] == names
        assert found.fetchall() == [("x",) * len(names)]


def test_grants_and_views_stay(database: PostgresServer, tmp_path: Path):
    table = make_old(database, tmp_path)
    with database.connect() as connection:
        connection.execute('CREATE ROLE "read er"')
        connection.execute(
            'GRANT SELECT ON fin.daily TO "read er" WITH GRANT OPTION; GRANT SELECT ON fin.daily TO PUBLIC'
        )
        query = "SELECT relacl::text FROM pg_class WHERE oid = 'fin.daily'::regclass"
        before = connection.execute(query).fetchone()
        workspace = workspace_with(tmp_path)
        postgres.load_into_postgres(workspace, table, "dw", key="k")
        assert connection.execute(query).fetchone() == before
        connection.execute("CREATE VIEW fin.latest AS SELECT * FROM fin.daily")
        workspace_with(tmp_path, rates_csv=OLD)
        postgres.load_into_postgres(workspace, table, "dw", key="k")
        assert connection.execute(query).fetchone() == before
        assert connection.execute("SELECT count(*) FROM fin.latest").fetchone() == (2,)
    assert rows(database) == OLD_ROWS
    assert tables(database) == ["dagwright_loads", "daily", "latest"]


@pytest.mark.parametrize(
    ("guard", "still"),
    [
        (
            "ALTER TABLE fin.daily ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON fin.daily USING (currency = 'USD')",
            "SELECT relrowsecurity FROM pg_class WHERE oid = 'fin.daily'::regclass",
        ),
        (
            "GRANT SELECT (currency) ON fin.daily TO PUBLIC",
            "SELECT true FROM pg_attribute WHERE attrelid = 'fin.daily'::regclass AND attacl IS NOT NULL",
        ),
        (
            (
                "CREATE TRIGGER t BEFORE UPDATE ON fin.daily FOR EACH ROW"
                " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
            ),
            "SELECT true FROM pg_trigger WHERE tgrelid = 'fin.daily'::regclass",
        ),
    ],
    ids=["policy", "column", "trigger"],
)
def test_what_guards_a_table_stays(database: PostgresServer, tmp_path: Path, guard: str, still: str):
    table = make_old(database, tmp_path)
    with database.connect() as connection:
        connection.execute(guard)
        postgres.load_into_postgres(workspace_with(tmp_path), table, "dw", key="k")
        assert connection.execute(still).fetchone() == (True,)
    assert rows(database) == NEW_ROWS


def test_what_the_engine_alone_refuses_changes_nothing(run: Run, database: PostgresServer):
    run(OLD)
    done = run("currency,day,rate\nEUR,2026-01-01,999999.99999\n", run="two")  # one digit more when it is rounded
    assert done.states["daily.load"] == "failed"
    assert "numeric field overflow" in done.logs["daily.load"]
    assert "line 2, column rate" in done.logs["daily.load"]
    assert rows(database) == OLD_ROWS


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("varchar(2)", "xyz"),
        ("char", "xy"),
        ("real", "1e39"),
        ("real", "1e-46"),
        ("double precision", "1e309"),
        ("jsonb", "NaN"),
        ("jsonb", r'"\u0000"'),
        ("jsonb", r'"\ud800"'),
        ("text", "a\0b"),
        ("timestamptz", "2026-01-01 10:00+16:00"),
    ],
)
def test_what_postgresql_refuses_passes_on_no_laptop(tmp_path: Path, type_: str, value: str):
    """DuckDB takes most of these, so that nobody would find out before production."""
    found = parse_type(type_, POSTGRES_TYPES)
    assert isinstance(found, ColumnType)
    column = LoadColumn(name="a", type=found.sql, kind=found.kind)
    table = LoadTable(schema="fin", name="odd", source_file="odd.csv", columns=[column])
    quoted = value.replace('"', '""')
    workspace = workspace_with(tmp_path, odd_csv=f'a\n"{quoted}"\n')
    with pytest.raises(WarehouseError, match=r"'odd\.csv' does not fit"):
        check_in(workspace, table)
    postgres.ensure_postgres_schema("fin", False, "dw")
    with pytest.raises(WarehouseError, match="cannot load"):
        postgres.load_into_postgres(workspace, table, "dw", key="k")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("value", ["1e-44", "3.4e38", "0e999", "-Infinity", "123456789012345678901234567890123456"])
def test_numbers_that_postgresql_takes(tmp_path: Path, value: str):
    column = LoadColumn(name="a", type="REAL", kind="float")
    table = LoadTable(schema="fin", name="odd", source_file="odd.csv", columns=[column])
    workspace = workspace_with(tmp_path, odd_csv=f"a\n{value}\n")
    check_in(workspace, table)
    postgres.ensure_postgres_schema("fin", False, "dw")
    assert postgres.load_into_postgres(workspace, table, "dw", key="k")["rows"] == 1


def test_a_file_that_does_not_fit_reaches_no_server(run: Run, database: PostgresServer):
    done = run("currency,day,date,rate\nUSD,2026-01-01,x,1\n")
    assert done.states == {
        "validate.daily": "failed",
        "ensure_schema": "upstream_failed",
        "daily.recreate": "upstream_failed",
        "daily.load": "upstream_failed",
    }
    assert (
        "the table has no 'date' (file: 'currency', 'day', 'date', 'rate'; table: 'currency', 'day', 'rate')"
        in done.log
    )
    assert tables(database) == []


def test_other_formats(run: Run, database: PostgresServer):
    import pyarrow as pa
    from pyarrow import parquet

    first = '{"currency": "U\\"S\\\\D", "day": "2026-01-01", "rate": 0.12345678901234567890}'
    lines = first + '\n{"currency": "", "day": null}\n'
    done = run(gzip.compress(lines.encode()), source="rates.jsonl.gz", run="lines")
    assert done.result.state == "success", done.log
    assert rows(database) == [('U"S\\D', "2026-01-01", "0.1235"), ("", None, None)]
    assert run(gzip.compress(NEW.encode()), source="rates.csv.gz", run="packed").result.state == "success"
    assert rows(database) == NEW_ROWS
    table = pa.table({"rate": [1.5, None], "currency": ["", 'a"b,c\n'], "day": ["2026-01-01", "2026-01-02"]})
    data = pa.BufferOutputStream()
    parquet.write_table(table, data)
    assert run(data.getvalue().to_pybytes(), source="rates.parquet", run="parquet").result.state == "success"
    assert rows(database) == [("", "2026-01-01", "1.5000"), ('a"b,c\n', "2026-01-02", None)]


def test_an_empty_field_is_null_with_and_without_quotes(run: Run, database: PostgresServer):
    run('\ufeffcurrency,day,rate\r\n"",2026-01-01,""\r\n,2026-01-02,\r\n')
    assert rows(database) == [(None, "2026-01-01", None), (None, "2026-01-02", None)]


def test_a_million_rows(database: PostgresServer, tmp_path: Path):
    count = 1_000_000
    with (tmp_path / "rates.csv").open("w") as file:
        file.write("currency,day,rate\n")
        for number in range(count):
            file.write(f"C{number % 97},2026-01-{number % 28 + 1:02},{number % 1000}.{number % 10000:04}\n")
    postgres.ensure_postgres_schema("fin", False, "dw")
    done = postgres.load_into_postgres(workspace_with(tmp_path), rates_table(), "dw", key="k")
    assert done["rows"] == count
    with database.connect() as connection:
        found = connection.execute(
            "SELECT count(*), sum(rate)::text, count(DISTINCT currency) FROM fin.daily"
        ).fetchone()
    exact = sum((number % 1000) * 10000 + number % 10000 for number in range(count))
    assert found == (count, f"{exact // 10000}.{exact % 10000:04}", 97)


def test_all_types_are_postgresqls(database: PostgresServer):
    with database.connect() as connection:
        for name in POSTGRES_TYPES:
            kind = parse_type(name.replace("(n)", "(7)").replace("(p,s)", "(12, 2)"), POSTGRES_TYPES)
            assert isinstance(kind, ColumnType)
            connection.execute(f"CREATE TEMPORARY TABLE t (a {kind.sql}); DROP TABLE t")


@pytest.mark.parametrize("answers", [False, True], ids=["closed", "silent"])
def test_a_server_that_cannot_be_reached(answers, airflow_home, tmp_path, database, monkeypatch):
    monkeypatch.setattr(postgres, "_CONNECT_SECONDS", 2)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if answers:
            listener.listen(1)  # and never a word
        port = listener.getsockname()[1]
        monkeypatch.setenv("AIRFLOW_CONN_DW", database.connection(port=port))
        started = time.monotonic()
        done = run_upload(
            airflow_home,
            tmp_path,
            {"rates.csv": OLD},
            warehouse={"type": "postgres", "connection_id": "dw"},
            schema="fin",
            tables=[{"name": "daily", "source_file": "rates.csv", "columns": RATES}],
        )
    assert time.monotonic() - started < 40
    assert done.states["ensure_schema"] == "failed"
    said = f"cannot reach PostgreSQL at 127.0.0.1:{port}/{database.database} by the connection 'dw'"
    assert said in done.logs["ensure_schema"]
    assert database.password not in done.log


def test_credentials_that_are_refused_are_not_shown(airflow_home, tmp_path, database, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_DW", database.connection(password="s3cr3t-that-expired"))
    done = run_upload(
        airflow_home,
        tmp_path,
        {"rates.csv": OLD},
        warehouse={"type": "postgres", "connection_id": "dw"},
        schema="fin",
        tables=[{"name": "daily", "source_file": "rates.csv", "columns": RATES}],
    )
    assert 'password authentication failed for user "tester"' in done.logs["ensure_schema"]
    assert "s3cr3t" not in done.log


def test_no_such_connection(tmp_path):
    with pytest.raises(WarehouseError, match="there is no connection 'nowhere' for loading into PostgreSQL"):
        postgres.load_into_postgres(workspace_with(tmp_path, rates_csv=OLD), rates_table(), "nowhere", key="k")


def test_the_older_driver_copies_too(database: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    psycopg2 = import_module("psycopg2")
    table = make_old(database, tmp_path)
    monkeypatch.setattr(postgres, "_connect", lambda connection_id: (psycopg2.connect(database.dsn), "here"))
    assert postgres.load_into_postgres(workspace_with(tmp_path), table, "dw", key="k")["rows"] == 2
    assert rows(database) == NEW_ROWS
    wide = replace(table, columns=(LoadColumn(name="currency", type="VARCHAR(1)"), *table.columns[1:]))
    with pytest.raises(WarehouseError, match="value too long"):
        postgres.load_into_postgres(workspace_with(tmp_path), wide, "dw", key="k")


def test_assets_are_known_by_address_alone(run: Run, database: PostgresServer, airflow_home: Home, tmp_path: Path):
    assert run(OLD).outlets == []
    address = f"127.0.0.1:{database.port}/{database.database}"
    done = run_upload(
        airflow_home,
        tmp_path,
        {"rates.csv": OLD},
        run="two",
        warehouse={"type": "postgres", "connection_id": "dw", "address": address},
        schema="fin",
        tables=[{"name": "daily", "source_file": "rates.csv", "columns": RATES}],
    )
    assert done.result.state == "success"
    assert done.outlets == [f"postgres://{address}/fin/daily"]
    assert "leads to" not in done.log


def test_the_example_loads_into_postgresql_too(database: PostgresServer, tmp_path: Path):
    example = Path(__file__).parents[2] / "examples" / "warehouse"
    project = shutil.copytree(example, tmp_path / "project", ignore=shutil.ignore_patterns(".dagwright", "*.duckdb"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAGWRIGHT"))}
    done = subprocess.run(
        [sys.executable, "-m", "dagwright", "run", "dags/rates.dag.yaml", "--env", "staging"],
        cwd=project,
        env=clean | database.environment("dw"),
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with database.connect() as connection:
        query = "SELECT (SELECT count(*) FROM rates.currencies), count(*) FROM rates.daily"
        assert connection.execute(query).fetchone() == (3, 3)
    assert database.password not in done.stdout + done.stderr
