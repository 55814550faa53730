"""Acme's warehouse: SQLite behind the built-in upload."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dagwright import LoadError, load
from dagwright.runtime import LoadColumn, LoadTable, RunWorkspace, WarehouseError
from tests.acme.example_project import HERE, Project
from tests.acme.web_server import WebServer
from tests.acme.worker_programs import Worker

needs_airflow = pytest.mark.skipif(find_spec("airflow") is None, reason="needs Airflow")

Load = Callable[..., dict[str, Any]]


@contextmanager
def reading(folder: Path, schema: str = "fin") -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / f"{schema}.db", timeout=0)) as database:
        yield database


def rows(folder: Path, sql: str = "SELECT * FROM rates ORDER BY 1") -> list[tuple[Any, ...]]:
    with reading(folder) as database:
        return database.execute(sql).fetchall()


def tables(folder: Path) -> set[str]:
    return {name for (name,) in rows(folder, "SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def load_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a text into the table `fin.rates`."""
    monkeypatch.syspath_prepend(str(HERE / "src"))
    from acme.worker.sqlite import fill, make_marks

    workspace = RunWorkspace(tmp_path / "run")
    make_marks("fin", str(tmp_path), patience=5)

    def run(text: str, mode: str = "replace", key: str = "first", patience: float = 5, rate: str = "REAL") -> Any:
        with workspace.open("rates.csv", "wb") as file:
            file.write(text.encode())
        columns = [LoadColumn(name="day", type="DATE", nullable=False), LoadColumn(name="rate", type=rate)]
        keys = ["day"] if mode == "upsert" else []
        table = LoadTable(schema="fin", name="rates", source_file="rates.csv", columns=columns, mode=mode, keys=keys)
        return fill(workspace, LoadTable.of(table.data()), str(tmp_path), key, patience=patience)

    return run


def test_replace(load_rows: Load, tmp_path: Path):
    assert load_rows("rate,day\n1.5,2026-01-01\n,2026-01-02\n") == {"table": "fin.rates", "rows": 2}
    assert rows(tmp_path) == [("2026-01-01", 1.5), ("2026-01-02", None)]
    load_rows("day,rate\n2026-01-03,2\n", rate="INTEGER")

    assert rows(tmp_path) == [("2026-01-03", 2)]
    assert tables(tmp_path) == {"acme_loads", "rates"}
    load_rows("day,rate\n")
    assert rows(tmp_path) == []


def test_append_adds_rows_once_for_each_load(load_rows: Load, tmp_path: Path):
    for key in ("first", "first", "second"):
        load_rows("day,rate\n2026-01-01,1\n", mode="append", key=key)

    assert rows(tmp_path) == [("2026-01-01", 1.0)] * 2


def test_upsert(load_rows: Load, tmp_path: Path):
    load_rows("day,rate\n2026-01-01,1\n2026-01-02,2\n", mode="upsert")
    for _ in range(2):
        load_rows("day,rate\n2026-01-02,7\n2026-01-03,3\n", mode="upsert")

    assert rows(tmp_path) == [("2026-01-01", 1.0), ("2026-01-02", 7.0), ("2026-01-03", 3.0)]


@pytest.mark.parametrize("mode", ["replace", "append", "upsert"])
def test_a_load_that_fails_leaves_the_table_as_it_was(load_rows: Load, tmp_path: Path, mode: str):
    load_rows("day,rate\n2026-01-01,1\n", mode=mode)
    before = rows(tmp_path), tables(tmp_path)

    with pytest.raises(WarehouseError, match="NOT NULL constraint failed"):
        load_rows("day,rate\n2026-01-02,2\n,3\n", mode=mode, key="second")

    assert (rows(tmp_path), tables(tmp_path)) == before
    load_rows("day,rate\n2026-01-02,2\n", mode=mode, key="second")  # which was not remembered as loaded
    assert ("2026-01-02", 2.0) in rows(tmp_path)


def test_a_view_of_the_table_outlives_it(load_rows: Load, tmp_path: Path):
    load_rows("day,rate\n2026-01-01,1\n")
    with reading(tmp_path) as database:
        database.execute("CREATE VIEW days AS SELECT day FROM rates")
    load_rows("day,rate\n2026-01-02,2\n")

    assert rows(tmp_path, "SELECT * FROM days") == [("2026-01-02",)]


def test_two_loads_follow_one_another(load_rows: Load, tmp_path: Path):
    load_rows("day,rate\n2026-01-01,1\n")
    with reading(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WarehouseError, match="database is locked"):
            load_rows("day,rate\n2026-01-02,2\n", patience=0.1)
        assert rows(tmp_path) == [("2026-01-01", 1.0)]  # readers do not wait
        thread = threading.Thread(target=load_rows, args=["day,rate\n2026-01-03,3\n"])
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        other.rollback()
        thread.join(10)

    assert rows(tmp_path) == [("2026-01-03", 3.0)]


def test_names_are_written_as_uris_have_them(installed: Path):
    from acme.sqlite_warehouse import SqliteWarehouse

    found = SqliteWarehouse(folder="/srv/our files").table_uri("fin", "rates #1")
    assert found == "sqlite:///srv/our%20files/fin.db/rates%20%231"


UPLOAD = """
tasks:
  load:
    type: warehouse_upload
    warehouse: {type: sqlite, folder: /srv}
    schema: fin
    tables:
      - {name: rates, source_file: rates.csv, columns: [day, {name: rate, type: TYPE}]}
"""


@pytest.mark.parametrize(
    ("type_", "message", "label"),
    [
        ("rael", "is not known in sqlite_warehouse", "did you mean 'real'?"),
        ("money", "is not known in sqlite_warehouse", ""),
        ("bigint", "is not known in sqlite_warehouse", ""),  # the built-in warehouses have it
    ],
)
def test_a_type_of_another_engine_is_found_offline(project: Project, type_: str, message: str, label: str):
    with pytest.raises(LoadError) as caught:
        load("dags/broken.dag.yaml", text=UPLOAD.replace("TYPE", type_))

    (found,) = caught.value.diagnostics
    assert (found.code, str(found.span)) == ("DW206", "dags/broken.dag.yaml:8:81")
    assert found.message == f"the type '{type_}' of column 'rate' {message}"
    assert found.label == label
    assert found.help == "types: integer, real, numeric(p,s), boolean, date, timestamp, text, varchar(n)"


@pytest.mark.parametrize("type_", ["real", "NUMERIC", "'numeric(12)'", "'numeric(12, 4)'", "varchar(20)", "Date"])
def test_the_types_that_are_right(project: Project, type_: str):
    load("dags/right.dag.yaml", text=UPLOAD.replace("TYPE", type_))


def test_what_is_wrong_with_a_warehouse_is_shown_at_its_field(project: Project):
    text = UPLOAD.replace("TYPE", "real").replace("{type: sqlite, folder: /srv}", "{folder: srv}")

    with pytest.raises(LoadError) as caught:
        load("dags/broken.dag.yaml", text=text)

    (found,) = caught.value.diagnostics  # that it is `sqlite` is in the project file
    assert (found.path, found.message) == ("tasks.load.warehouse.folder", "'srv' is no absolute path")


def test_a_schema_that_the_engine_has_already(project: Project):
    with pytest.raises(LoadError) as caught:
        load("dags/main.dag.yaml", text=UPLOAD.replace("TYPE", "real").replace("fin", "main"))

    (found,) = caught.value.diagnostics
    assert (found.path, found.message) == ("tasks.load.schema", "SQLite itself calls something 'main'")


RATES = 'day,rate,remark\n2026-01-01,1.25,\n2026-01-02,2.5,"late, but there"\n'
IN = "rates.csv"


@needs_airflow
def test_rows_arrive_and_a_load_that_fails_leaves_them(worker: Worker, web: WebServer, tmp_path: Path):
    archive = tmp_path / "archive"
    awake = archive / ".awake"
    toml = worker.project.folder / "dagwright.toml"
    text = toml.read_text(encoding="utf-8").replace('"/srv/acme/archive"', f'"{archive}"')
    text = text.replace('"${{ vars.archive }}" }', f'"${{{{ vars.archive }}}}", awake = "{awake}" }}')
    toml.write_text(text, encoding="utf-8")
    web.root.joinpath(IN).write_text(RATES, encoding="utf-8")

    first = worker.run("dags/archive.dag.yaml", tmp_path / "first")

    assert first.exit_code == 0, first.output
    upload = ["validate.rates", "resume", "ensure_schema", "rates.recreate", "rates.load", "pause"]
    tasks = ["rates_csv", "sign", "out_rates_csv", *(f"archive.{task}" for task in upload), "http", "done"]
    assert first.states == dict.fromkeys(tasks, "success")
    assert rows(archive) == [("2026-01-01", 1.25, None), ("2026-01-02", 2.5, "late, but there")]
    assert not awake.exists()
    published = json.loads(web.root.joinpath("archive", "manifest.json").read_bytes())["files"]
    assert [each["file"] for each in published] == ["out/rates.csv", "out/rates.sum"]
    assert {path.name for path in web.root.joinpath("archive").iterdir()} == {
        "manifest.json",
        "rates.csv.gz",
        "rates.sum.gz",
    }

    web.root.joinpath(IN).write_text(RATES + "2026-01-02,9,again\n", encoding="utf-8")
    second = worker.run("dags/archive.dag.yaml", tmp_path / "second")

    assert second.exit_code == 1
    assert second.states["archive.validate.rates"] == "success"
    assert (second.states["archive.rates.load"], second.states["http"]) == ("failed", "upstream_failed")
    assert "cannot load 'out/rates.csv' into 'fin.rates': UNIQUE constraint failed" in second.log("archive.rates.load")
    assert second.states["archive.pause"] == "success"
    assert not awake.exists()
    assert len(rows(archive)) == 2

    web.root.joinpath(IN).write_text(RATES + "2026-01-32,x,\n", encoding="utf-8")
    third = worker.run("dags/archive.dag.yaml", tmp_path / "third")

    assert third.states["archive.validate.rates"] == "failed"
    assert "2026-01-32" in third.log("archive.validate.rates")
    assert third.states["archive.rates.load"] == "upstream_failed"
    assert len(rows(archive)) == 2

    web.root.joinpath(IN).write_text("day,rate,remark\n2026-01-03,3,\n2026-01-04,,\n", encoding="utf-8")
    fourth = worker.run("dags/archive.dag.yaml", tmp_path / "fourth")

    assert rows(archive) == [("2026-01-03", 3, None), ("2026-01-04", None, None)]
    assert fourth.states["http"] == "failed"  # `if_exists: error`, and the partner has other files of these names
    assert "is there already, with other content" in fourth.log("http")
