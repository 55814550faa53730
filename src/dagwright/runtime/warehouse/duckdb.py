"""Tables in DuckDB: one file, which one process at a time can have open.

A task opens the file for as long as its transaction takes and waits, within bounds, while another process has it.
DuckDB reads CSV, JSON lines and Parquet itself.
"""

# ruff: noqa: S608  every name in a statement went through quote_name, every value is bound or quote_text's

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagwright.runtime.errors import WarehouseError
from dagwright.runtime.extras import need
from dagwright.runtime.warehouse.marks import load_key, warn_appended
from dagwright.runtime.warehouse.names import marks_name, quote_name, quote_text
from dagwright.runtime.warehouse.source import file_columns, fit_columns, known_format
from dagwright.runtime.warehouse.table import LoadTable
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["ensure_duckdb_schema", "load_duckdb", "load_into_duckdb", "recreate_duckdb"]

log = logging.getLogger("dagwright.runtime.warehouse")

_POLL_SECONDS = 0.5
_SAY_SECONDS = 30
_SAID_LINES = 3
_MAGIC = slice(8, 12)


def ensure_duckdb_schema(
    schema: str, marks: bool, path: str, *, root: str | None = None, wait_seconds: float = 600
) -> None:
    """Make a schema where it is missing, and the database with it.

    Args:
        schema: its name.
        marks: whether to make the table that remembers appended runs too.
        path: the database's file.
        root: the folder from which a relative path counts.
        wait_seconds: how long to wait for another process that has the file open.
    """
    with _transaction(path, root, schema, wait_seconds, f"make the schema '{schema}'") as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_name(schema)}")
        if marks:
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {quote_name(schema, marks_name())} (load_key TEXT,"
                " table_name TEXT NOT NULL, row_count BIGINT NOT NULL, loaded_at TIMESTAMPTZ NOT NULL)"
            )


def recreate_duckdb(
    schema: str, statements: list[str], path: str, *, root: str | None = None, wait_seconds: float = 600
) -> None:
    """Run the statements that make an empty table beside in a schema, in one transaction."""
    with _transaction(path, root, schema, wait_seconds, "make the table") as connection:
        for statement in statements:
            connection.execute(statement)


def recreate_statements(table: LoadTable) -> list[str]:
    """Return the statements that make an empty table beside."""
    return [
        f"DROP TABLE IF EXISTS {table.sql_staging}",
        f"CREATE TABLE {table.sql_staging} ({table.definition()})",
    ]


def load_duckdb(
    table: Mapping[str, Any], path: str, *, root: str | None = None, wait_seconds: float = 600, base: str | None = None
) -> dict[str, Any]:
    """Load a table from a file of the running task's workspace.

    Args:
        table: what `LoadTable.data()` returned.
        path: the database's file.
        root: the folder from which a relative path counts.
        wait_seconds: how long to wait for another process that has the file open.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        `table`, `mode` and `rows`, the number of rows of the file.
    """
    return load_into_duckdb(
        run_workspace(base), LoadTable.of(table), path, key=load_key(), root=root, wait_seconds=wait_seconds
    )


def load_into_duckdb(
    workspace: RunWorkspace,
    table: LoadTable,
    path: str,
    *,
    key: str,
    root: str | None = None,
    wait_seconds: float = 600,
) -> dict[str, Any]:
    """Load a table; see `load_duckdb`. `key` names the run: its rows are appended once.

    Raises:
        WarehouseError: when it cannot be loaded; then it is as it was.
    """
    done = {"table": table.shown, "mode": table.mode}
    columns = file_columns(workspace, table.source_file)
    if known_format(table.source_file) != "jsonl":
        fit_columns(table, columns)
    doing = f"load '{table.source_file}' into '{table.shown}'"
    with (
        workspace.local_copy(table.source_file) as local,
        _transaction(path, root, table.schema, wait_seconds, doing) as connection,
    ):
        if table.mode == "append":
            before = _appended_before(connection, table, key)
            if before is not None:
                return {**done, "rows": before}
        # Another upload of the table has taken the one that `recreate` made, where it came first.
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table.sql_staging} ({table.definition()})")
        connection.execute(f"TRUNCATE {table.sql_staging}")
        names = table.sql_columns
        inserted = connection.execute(
            f"INSERT INTO {table.sql_staging} ({names}) SELECT {names} FROM {_reader(table, columns)}",
            [_literal_path(local)],
        )
        rows = int(inserted.fetchone()[0])
        _refuse_duplicates(connection, table, table.sql_staging)
        match table.mode:
            case "replace":
                connection.execute(f"DROP TABLE IF EXISTS {table.sql_name}")
                connection.execute(f"ALTER TABLE {table.sql_staging} RENAME TO {quote_name(table.name)}")
            case "append":
                _insert(connection, table)
                _refuse_duplicates(connection, table, table.sql_name)
                connection.execute(
                    f"INSERT INTO {quote_name(table.schema, marks_name())} VALUES (?, ?, ?, now())",
                    [key, table.name, rows],
                )
            case _:
                connection.execute(f"CREATE TABLE IF NOT EXISTS {table.sql_name} ({table.definition()})")
                same = table.same_keys("present", "arriving")
                connection.execute(
                    f"DELETE FROM {table.sql_name} present USING {table.sql_staging} arriving WHERE {same}"
                )
                _insert(connection, table)
    log.info("loaded '%s' into '%s' (%s): %d rows", table.source_file, table.shown, table.mode, rows)
    return {**done, "rows": rows}


def _reader(table: LoadTable, columns: list[str]) -> str:
    """Return the table function that reads the file whose path is bound."""
    by_name = {one.name: one for one in table.columns}
    match known_format(table.source_file):
        case "csv":
            packed = "gzip" if table.source_file.lower().endswith(".gz") else "none"
            types = _struct({name: by_name[name].type for name in columns})
            return (
                f"read_csv(?, columns = {types}, auto_detect = false, header = true, delim = ',', quote = '\"',"
                f" escape = '\"', nullstr = '', compression = '{packed}')"
            )
        case "jsonl":
            packed = "gzip" if table.source_file.lower().endswith(".gz") else "uncompressed"
            types = _struct({one.name: one.type for one in table.columns})
            return f"read_json(?, format = 'newline_delimited', columns = {types}, compression = '{packed}')"
        case _:
            return "read_parquet(?)"


def _struct(types: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quote_text(name)}: {quote_text(kind)}" for name, kind in types.items()) + "}"


def _literal_path(path: Path) -> str:
    """Return a path in which nothing is a pattern: DuckDB would read whatever matches."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))


def _insert(connection: Any, table: LoadTable) -> None:
    """Move the rows from the table beside, which then goes."""
    names = table.sql_columns
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table.sql_name} ({table.definition()})")
    connection.execute(f"INSERT INTO {table.sql_name} ({names}) SELECT {names} FROM {table.sql_staging}")
    connection.execute(f"DROP TABLE {table.sql_staging}")


def _refuse_duplicates(connection: Any, table: LoadTable, where: str) -> None:
    if not table.keys:
        return
    keys = table.sql_keys
    found = connection.execute(
        f"SELECT {keys}, count(*) FROM {where} GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys} LIMIT 1"
    ).fetchone()
    if found is not None:
        values = ", ".join(f"{key} {value!s}" for key, value in zip(table.keys, found, strict=False))
        doing = f"load '{table.source_file}' into '{table.shown}'"
        raise WarehouseError(f"cannot {doing}: {found[-1]} rows would have the same keys ({values})")


def _appended_before(connection: Any, table: LoadTable, key: str) -> int | None:
    found = connection.execute(
        f"SELECT row_count, loaded_at::VARCHAR FROM {quote_name(table.schema, marks_name())} WHERE load_key = ?",
        [key],
    ).fetchone()
    if found is None:
        return None
    warn_appended(table, rows=found[0], at=found[1])
    return int(found[0])


@contextmanager
def _transaction(path: str, root: str | None, schema: str, wait_seconds: float, doing: str) -> Iterator[Any]:
    """Give a connection inside of one transaction, which is committed unless something fails."""
    duckdb = need("duckdb", extra="duckdb")
    file = Path(path).expanduser() if root is None else Path(root, Path(path).expanduser())
    if not file.is_absolute():
        raise WarehouseError(f"the database '{path}' is a relative path; name an absolute one")
    connection = _open(duckdb, file, schema, wait_seconds)
    try:
        connection.execute("BEGIN TRANSACTION")
        yield connection
        connection.execute("COMMIT")
    except duckdb.Error as error:
        raise WarehouseError(f"cannot {doing} ({file}): {_said(error)}") from error
    finally:
        connection.close()  # what is not committed never was


def _open(duckdb: Any, file: Path, schema: str, wait_seconds: float) -> Any:
    """Open the file as soon as no other process has it."""
    end = time.monotonic() + wait_seconds
    say = 0.0
    while True:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            return _connect(duckdb, file, schema)
        except OSError as error:
            raise WarehouseError(f"cannot open the database '{file}': {error.strerror or error}") from error
        except duckdb.IOException as error:
            if not _is_database(file):
                raise WarehouseError(f"cannot open the database '{file}': {_said(error)}") from error
            if time.monotonic() >= end:
                raise WarehouseError(
                    f"cannot open the database '{file}' within {wait_seconds:g} s, as only one process at a time can: "
                    f"{_said(error)}"
                ) from error
            if time.monotonic() >= say:
                log.info("waiting for the database '%s': %s", file, _said(error))
                say = time.monotonic() + _SAY_SECONDS
        time.sleep(_POLL_SECONDS)


def _connect(duckdb: Any, file: Path, schema: str) -> Any:
    """Connect so that the file's own name is not the schema's: `rates.daily` in `rates.duckdb` would be ambiguous."""
    connection = duckdb.connect(str(file))
    if connection.execute("SELECT current_database()").fetchone()[0].lower() != schema.lower():
        return connection
    connection.close()
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quote_text(str(file))} AS dagwright_warehouse")
        connection.execute("USE dagwright_warehouse")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as data:
            return data.read(_MAGIC.stop)[_MAGIC] == b"DUCK"
    except OSError:
        return False


def _said(error: Exception) -> str:
    """Return the beginning of a message: the rest is settings of the reader and advice on them."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines[:_SAID_LINES])
