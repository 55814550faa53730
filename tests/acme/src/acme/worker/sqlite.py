"""Loads tables of SQLite: one file for each schema, attached under the schema's name, so that SQL says `"fin"."rates"`.

Whatever a task does is one transaction of one file. SQLite lets one writer at a time have it; the others wait.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from dagwright.runtime import LoadTable, RunWorkspace, WarehouseError, csv_rows, load_key, quote_name, run_workspace

__all__ = ["fill", "load_table", "make_beside", "make_marks"]


@contextmanager
def transaction(folder: str, schema: str, patience: float) -> Iterator[sqlite3.Connection]:
    """Let the block have a schema for itself; what it did is there when it has ended well."""
    with closing(sqlite3.connect(":memory:", timeout=patience, isolation_level=None)) as database:
        database.execute("ATTACH DATABASE ? AS " + quote_name(schema), [f"{folder}/{schema}.db"])
        database.execute("PRAGMA legacy_alter_table = ON")  # a view of the old table is a view of the new one
        database.execute("BEGIN IMMEDIATE")
        yield database
        database.execute("COMMIT")


def make_marks(schema: str, folder: str, *, patience: float) -> None:
    """Make the file, and in it the table of what was appended."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    marks = quote_name(schema, "acme_loads")
    try:
        with transaction(folder, schema, patience) as database:
            database.execute(f"CREATE TABLE IF NOT EXISTS {marks} (load_key TEXT PRIMARY KEY)")
    except sqlite3.Error as error:
        raise WarehouseError(f"cannot make the schema '{schema}': {error}") from error


def make_beside(table: Mapping[str, Any], folder: str, *, patience: float) -> None:
    """Make an empty table beside."""
    made = LoadTable.of(table)
    try:
        with transaction(folder, made.schema, patience) as database:
            renew(database, made)
    except sqlite3.Error as error:
        raise WarehouseError(f"cannot make a table beside '{made.shown}': {error}") from error


def renew(database: sqlite3.Connection, table: LoadTable) -> None:
    """Make an empty table beside in place of an old one."""
    database.execute(f"DROP TABLE IF EXISTS {table.sql_staging}")
    database.execute(f"CREATE TABLE {table.sql_staging} ({table.definition(primary_key=True)})")


def load_table(table: Mapping[str, Any], folder: str, *, patience: float, base: str | None = None) -> dict[str, Any]:
    """Load a file of the workspace, and return how many rows it had.

    Raises:
        WarehouseError: when it is not what the table takes; the table is as it was.
    """
    return fill(run_workspace(base), LoadTable.of(table), folder, load_key(), patience=patience)


def fill(workspace: RunWorkspace, table: LoadTable, folder: str, key: str, *, patience: float) -> dict[str, Any]:
    """Load a file; `key` is what this load is remembered by, where rows are appended."""
    target, beside, names = table.sql_name, table.sql_staging, table.sql_columns
    try:
        with transaction(folder, table.schema, patience) as database:
            if table.mode == "append":
                marks = quote_name(table.schema, "acme_loads")
                if database.execute(f"INSERT OR IGNORE INTO {marks} VALUES (?)", [key]).rowcount == 0:
                    return {"table": table.shown, "rows": 0}
            renew(database, table)
            places = ", ".join("?" for _ in table.columns)
            count = database.executemany(f"INSERT INTO {beside} VALUES ({places})", csv_rows(workspace, table)).rowcount
            if table.mode == "replace":
                database.execute(f"DROP TABLE IF EXISTS {target}")
                database.execute(f"ALTER TABLE {beside} RENAME TO {quote_name(table.name)}")
            else:
                database.execute(f"CREATE TABLE IF NOT EXISTS {target} ({table.definition(primary_key=True)})")
                if table.mode == "upsert":
                    same = table.same_keys("loaded", "old")
                    there = f"SELECT 1 FROM {beside} AS loaded WHERE {same}"
                    database.execute(f"DELETE FROM {target} AS old WHERE EXISTS ({there})")
                database.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM {beside}")
                database.execute(f"DROP TABLE {beside}")
    except sqlite3.Error as error:
        raise WarehouseError(f"cannot load '{table.source_file}' into '{table.shown}': {error}") from error
    return {"table": table.shown, "rows": max(count, 0)}
