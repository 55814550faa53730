"""`python -m benchmarks.warehouse`: loading a table against the engine's own bulk COPY, on the same machine.

One CSV file of 1,000,000 rows and 7 columns. Each round loads it in two ways, one after the other, in an order that
turns from round to round: as `warehouse_upload` does (mode `replace`, over a table that is there: lock, table beside,
COPY, swap, commit) and by the engine's own COPY of the file into a new, empty table, which nobody reads meanwhile and
which is not swapped. What is compared are the ratios within a round. The file is in the page cache before.

PostgreSQL is a server of its own in a temporary folder, with durability off for both ways. Its COPY is that of the
server reading the file itself, and that of `psql` sending it, which a client elsewhere has to use.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.pairs import ratio_of
from dagwright.runtime import LoadColumn, LoadTable, RunWorkspace
from tests.servers.postgres import PostgresServer, postgres_server

__all__ = ["main"]

_COLUMNS = (
    ("id", "BIGINT", "int64"),
    ("day", "DATE", "date"),
    ("currency", "VARCHAR", "text"),
    ("rate", "NUMERIC(12,4)", "decimal"),
    ("amount", "DOUBLE PRECISION", "float"),
    ("updated", "TIMESTAMP", "timestamp"),
    ("comment", "VARCHAR", "text"),
)
_DDL = ", ".join(f"{name} {kind}" for name, kind, _ in _COLUMNS)

Ways = dict[str, Callable[[], None]]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.warehouse", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--engine", choices=["duckdb", "postgres"], action="append")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="dagwright-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101  the server of another user reads the file
        os.environ["AIRFLOW_HOME"] = f"{folder}/airflow"
        logging.disable(logging.INFO)
        file = Path(folder, "rates.csv")
        _write(file, options.rows)
        print(f"{options.rows:,} rows x {len(_COLUMNS)} columns, {file.stat().st_size / 1e6:.0f} MB")
        for engine in options.engine or ["duckdb", "postgres"]:
            with (_duckdb if engine == "duckdb" else _postgres)(file) as ways:
                _compare(engine, ways, options.rounds)
    return 0


def _write(file: Path, rows: int) -> None:
    numbers = random.Random(7)
    words = ["", "late", "corrected by hand", "estimate, see note", 'said "final"', "x" * 30]
    with file.open("w", encoding="utf-8") as out:
        out.write(",".join(name for name, _, _ in _COLUMNS) + "\n")
        for number in range(rows):
            day = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
            comment = f"{numbers.choice(words)} {numbers.randrange(10**9)}"
            comment = '"' + comment.replace('"', '""') + '"' if set(comment) & set(',"') else comment
            out.write(
                f"{number},{day},C{number % 170},{numbers.randrange(10**8) / 10**4:.4f},{numbers.random() * 1e6!r},"
                f"{day} {number % 24:02}:{number % 60:02}:00,{comment}\n"
            )


def _table(file: Path) -> LoadTable:
    columns = tuple(LoadColumn(name=name, type=kind, kind=values) for name, kind, values in _COLUMNS)
    return LoadTable(schema="bench", name="rates", source_file=file.name, columns=columns)


@contextmanager
def _duckdb(file: Path) -> Iterator[Ways]:
    import duckdb

    from dagwright.runtime.warehouse.duckdb import ensure_duckdb_schema, load_into_duckdb

    database = str(file.parent / "tables.duckdb")
    ensure_duckdb_schema("bench", False, database)
    table, workspace = _table(file), RunWorkspace(file.parent)

    def copy() -> None:
        with duckdb.connect(database) as connection:
            connection.execute(f"CREATE OR REPLACE TABLE bench.copied ({_DDL})")
            connection.execute(f"COPY bench.copied FROM '{file}' (FORMAT csv, HEADER)")

    yield {"upload": lambda: _done(load_into_duckdb(workspace, table, database, key="bench")), "COPY": copy}


@contextmanager
def _postgres(file: Path) -> Iterator[Ways]:
    from dagwright.runtime.warehouse.postgres import ensure_postgres_schema, load_into_postgres

    with postgres_server() as server:
        os.environ.update(server.environment("bench"))
        ensure_postgres_schema("bench", False, "bench")
        table, workspace = _table(file), RunWorkspace(file.parent)

        def copy() -> None:
            with server.connect(autocommit=False) as connection:
                connection.execute("DROP TABLE IF EXISTS bench.copied")
                connection.execute(f"CREATE TABLE bench.copied ({_DDL})".encode())
                connection.execute(f"COPY bench.copied FROM '{file}' (FORMAT csv, HEADER)".encode())

        yield {
            "upload": lambda: _done(load_into_postgres(workspace, table, "bench", key="bench")),
            "COPY": copy,
            "psql \\copy": lambda: _psql(server, file),
        }


def _psql(server: PostgresServer, file: Path) -> None:
    statements = [
        "SET client_min_messages = warning",
        "DROP TABLE IF EXISTS bench.sent",
        f"CREATE TABLE bench.sent ({_DDL})",
        f"\\copy bench.sent from '{file}' (format csv, header)",
    ]
    command = [server.binaries / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", server.dsn]
    command += [f"--command={statement}" for statement in statements]
    subprocess.run([str(part) for part in command], check=True)


def _done(result: object) -> None:
    if not result:
        raise RuntimeError("nothing was loaded")


def _compare(engine: str, ways: Ways, rounds: int) -> None:
    for way in ways.values():
        way()  # imports, and files into the page cache
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            started = time.perf_counter()
            ways[name]()
            seconds[name].append(time.perf_counter() - started)
    for name in names:
        listed = " ".join(f"{one:.2f}" for one in seconds[name])
        print(f"{engine:9} {name:11} best {min(seconds[name]):6.2f} s   all {listed}")
    for name in names[1:]:
        ratio = ratio_of(seconds["upload"], seconds[name])
        print(f"{engine:9} upload / {name}: {ratio.median:.2f} (95 %: {ratio.low:.2f} to {ratio.high:.2f})")


if __name__ == "__main__":
    sys.exit(main())
