"""Tables in PostgreSQL: COPY into a table beside, then one transaction puts its rows where readers look.

Everything that changes the table stands in one transaction under one lock, whose key is the table's name: two
uploads of a table follow one another, and readers see what was there before until the transaction is over.
"""

# ruff: noqa: S608  every name in a statement went through quote_name, every value is bound or quote_text's

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from dagwright.runtime.errors import WarehouseError
from dagwright.runtime.extras import need
from dagwright.runtime.warehouse.marks import load_key, warn_appended
from dagwright.runtime.warehouse.names import marks_name, quote_name
from dagwright.runtime.warehouse.source import csv_chunks, known_format
from dagwright.runtime.warehouse.table import LoadTable
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["ensure_postgres_schema", "load_into_postgres", "load_postgres", "lock_key", "recreate_postgres"]

log = logging.getLogger("dagwright.runtime.warehouse")

_CONNECT_SECONDS = 10
_TURN_SECONDS = 2
_KEEP_ALIVE = {"keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 6, "tcp_user_timeout": 120_000}


def ensure_postgres_schema(
    schema: str,
    marks: bool,
    connection_id: str,
    *,
    address: str | None = None,
    wait_seconds: float = 600,
) -> None:
    """Make a schema where it is missing: the first time that an upload reaches the server.

    Args:
        schema: its name.
        marks: whether to make the table that remembers appended runs too.
        connection_id: a connection to PostgreSQL.
        address: where the assets say that the connection leads; the log warns where it does not.
        wait_seconds: how long to wait for the locks of others.
    """
    with _transaction(connection_id, wait_seconds, doing=f"make the schema '{schema}'", address=address) as cursor:
        # CREATE ... IF NOT EXISTS fails where two do it at once, so one waits for the other.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key(schema)])
        cursor.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", [schema])
        if cursor.fetchone() is None:  # looked up first: who may not make schemas may use one that is there
            cursor.execute(f"CREATE SCHEMA {quote_name(schema)}")
            log.info("made the schema '%s'", schema)
        if marks:
            cursor.execute(_make_marks(schema))


def recreate_postgres(table: LoadTable, wait_seconds: float) -> list[str]:
    """Return the statements of one transaction that make an empty table beside."""
    return [
        f"SET LOCAL lock_timeout = '{int(wait_seconds)}s'",
        f"SELECT pg_advisory_xact_lock({lock_key(table.schema, table.name)})",
        f"DROP TABLE IF EXISTS {table.sql_staging}",
        f"CREATE TABLE {table.sql_staging} ({table.definition(primary_key=True)})",
    ]


def load_postgres(
    table: Mapping[str, Any],
    connection_id: str,
    *,
    wait_seconds: float = 600,
    base: str | None = None,
) -> dict[str, Any]:
    """Load a table from a file of the running task's workspace.

    Args:
        table: what `LoadTable.data()` returned.
        connection_id: a connection to PostgreSQL.
        wait_seconds: how long to wait for other uploads of the table.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        `table`, `mode` and `rows`, the number of rows of the file.
    """
    return load_into_postgres(
        run_workspace(base),
        LoadTable.of(table),
        connection_id,
        key=load_key(),
        wait_seconds=wait_seconds,
    )


def load_into_postgres(
    workspace: RunWorkspace,
    table: LoadTable,
    connection_id: str,
    *,
    key: str,
    wait_seconds: float = 600,
) -> dict[str, Any]:
    """Load a table; see `load_postgres`. `key` names the run: its rows are appended once.

    Raises:
        WarehouseError: when it cannot be loaded; then it is as it was.
    """
    columns, chunks = csv_chunks(workspace, table)
    done = {"table": table.shown, "mode": table.mode}
    doing = f"load '{table.source_file}' into '{table.shown}'"
    with _transaction(connection_id, wait_seconds, doing=doing) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key(table.schema, table.name)])
        if table.mode == "append":
            before = _appended_before(cursor, table, key)
            if before is not None:
                return {**done, "rows": before}
        # Another upload of the table has taken the one that `recreate` made, where it came first.
        _make_if_missing(cursor, table, table.staging)
        cursor.execute(f"TRUNCATE {table.sql_staging}")
        rows = _copy(cursor, table, columns, chunks)
        match table.mode:
            case "replace":
                _replace(cursor, table, wait_seconds)
            case "append":
                _make_if_missing(cursor, table, table.name)
                _insert(cursor, table)
                cursor.execute(
                    f"INSERT INTO {_marks(table)} VALUES (%s, %s, %s, now())",
                    [key, table.name, rows],
                )
            case _:
                _make_if_missing(cursor, table, table.name)
                same = table.same_keys("present", "arriving")
                cursor.execute(f"DELETE FROM {table.sql_name} present USING {table.sql_staging} arriving WHERE {same}")
                _insert(cursor, table)
    log.info("loaded '%s' into '%s' (%s): %d rows", table.source_file, table.shown, table.mode, rows)
    return {**done, "rows": rows}


def lock_key(*names: str) -> int:
    """Return the key of the advisory lock that all uploads of a table, or of a schema, ask for."""
    text = "\0".join(("dagwright", *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def _copy(cursor: Any, table: LoadTable, columns: Sequence[str], chunks: Iterable[bytes]) -> int:
    listed = ", ".join(quote_name(name) for name in columns)
    # In a CSV file an empty field is null, with and without quotes: other engines cannot tell these apart.
    null = f", FORCE_NULL ({listed})" if known_format(table.source_file) == "csv" else ""
    statement = f"COPY {table.sql_staging} ({listed}) FROM STDIN WITH (FORMAT csv, HEADER true, ENCODING 'UTF8'{null})"
    if hasattr(cursor, "copy_expert"):  # psycopg2
        cursor.copy_expert(statement, _Reader(iter(chunks)))
    else:
        with cursor.copy(statement) as copy:
            for chunk in chunks:
                copy.write(chunk)
    return int(cursor.rowcount)


class _Reader:
    """Chunks as the file that psycopg2 reads; it does not mind a longer answer than it asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken


def _replace(cursor: Any, table: LoadTable, wait_seconds: float) -> None:
    """Put the table beside in the table's place, its grants kept, or refill the table where others depend on it."""
    cursor.execute("SELECT to_regclass(%s)", [table.sql_name])
    if cursor.fetchone()[0] is None:
        cursor.execute(f"ALTER TABLE {table.sql_staging} RENAME TO {quote_name(table.name)}")
        return
    if _is_guarded(cursor, table):
        log.info("policies, triggers or grants on columns stand on '%s': its rows are replaced", table.shown)
        _refill(cursor, table)
        return
    _lock(cursor, table, wait_seconds)
    grants = _grants(cursor, table)
    try:
        cursor.execute(f"DROP TABLE {table.sql_name}")
    except _errors("DependentObjectsStillExist"):
        cursor.execute("ROLLBACK TO SAVEPOINT before_lock")  # readers need not wait for what follows
        log.info("views or keys depend on '%s': it keeps its place, and its rows are replaced", table.shown)
        _refill(cursor, table)
        return
    cursor.execute(f"ALTER TABLE {table.sql_staging} RENAME TO {quote_name(table.name)}")
    for statement in grants:
        cursor.execute(statement)


def _refill(cursor: Any, table: LoadTable) -> None:
    cursor.execute(f"DELETE FROM {table.sql_name}")
    _insert(cursor, table)


def _is_guarded(cursor: Any, table: LoadTable) -> bool:
    """Say whether a new table would show or do what the old one does not, as nothing of this comes with it."""
    cursor.execute(
        "SELECT c.relrowsecurity"
        " OR EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL)"
        " OR EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)"
        " FROM pg_catalog.pg_class c WHERE c.oid = to_regclass(%s)",
        [table.sql_name],
    )
    return bool(cursor.fetchone()[0])


def _lock(cursor: Any, table: LoadTable, wait_seconds: float) -> None:
    """Keep readers from the table for the moment of the swap.

    Whoever waits for this lock makes all later readers wait as well, so a long query would stop everybody: it is asked
    for in short turns instead.
    """
    end = time.monotonic() + wait_seconds
    while True:
        cursor.execute("SAVEPOINT before_lock")
        cursor.execute(f"SET LOCAL lock_timeout = '{_TURN_SECONDS}s'")
        try:
            cursor.execute(f"LOCK TABLE {table.sql_name} IN ACCESS EXCLUSIVE MODE")
        except _errors("LockNotAvailable"):
            if time.monotonic() >= end:
                raise
            cursor.execute("ROLLBACK TO SAVEPOINT before_lock")
            log.info("waiting for the readers of '%s'", table.shown)
            time.sleep(_TURN_SECONDS)
        else:
            return


def _grants(cursor: Any, table: LoadTable) -> list[str]:
    """Return the statements that grant on the new table what others may do with the old one."""
    cursor.execute(
        "SELECT format('GRANT %%s ON %%s TO %%s%%s', acl.privilege_type, %s::text,"
        " CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END,"
        " CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)"
        " FROM pg_catalog.pg_class c, aclexplode(c.relacl) acl"
        " WHERE c.oid = to_regclass(%s) AND acl.grantee <> c.relowner ORDER BY 1",
        [table.sql_name, table.sql_name],
    )
    return [row[0] for row in cursor.fetchall()]


def _insert(cursor: Any, table: LoadTable) -> None:
    """Move the rows from the table beside, which then goes."""
    names = table.sql_columns
    cursor.execute(f"INSERT INTO {table.sql_name} ({names}) SELECT {names} FROM {table.sql_staging}")
    cursor.execute(f"DROP TABLE {table.sql_staging}")


def _make_if_missing(cursor: Any, table: LoadTable, name: str) -> None:
    cursor.execute("SELECT to_regclass(%s)", [quote_name(table.schema, name)])
    if cursor.fetchone()[0] is None:
        cursor.execute(f"CREATE TABLE {quote_name(table.schema, name)} ({table.definition(primary_key=True)})")


def _make_marks(schema: str) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {quote_name(schema, marks_name())} (load_key TEXT PRIMARY KEY,"
        " table_name TEXT NOT NULL, row_count BIGINT NOT NULL, loaded_at TIMESTAMPTZ NOT NULL)"
    )


def _marks(table: LoadTable) -> str:
    """Return the name of the table of marks for a statement with bound values, in which a percent sign is doubled."""
    return quote_name(table.schema, marks_name()).replace("%", "%%")


def _appended_before(cursor: Any, table: LoadTable, key: str) -> int | None:
    cursor.execute(
        f"SELECT row_count, loaded_at FROM {_marks(table)} WHERE load_key = %s",
        [key],
    )
    found = cursor.fetchone()
    if found is None:
        return None
    warn_appended(table, rows=found[0], at=found[1])
    return int(found[0])


@contextmanager
def _transaction(connection_id: str, wait_seconds: float, *, doing: str, address: str | None = None) -> Iterator[Any]:
    """Give a cursor inside of one transaction, which is committed unless something fails."""
    connection, place = _connect(connection_id)
    if address is not None and address != place:
        log.warning("the connection '%s' leads to %s, while the assets say %s", connection_id, place, address)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{int(wait_seconds)}s'")
            yield cursor
        connection.commit()
    except _errors("LockNotAvailable") as error:
        waited = f"another upload or a reader has held the table for {int(wait_seconds)} s"
        raise WarehouseError(f"cannot {doing} ({place}): {waited}") from error
    except _errors("Error") as error:
        raise WarehouseError(f"cannot {doing} ({place}): {_said(error)}") from error
    finally:
        connection.close()  # what is not committed never was


def _connect(connection_id: str) -> tuple[Any, str]:
    hook_class = need("airflow.providers.postgres.hooks.postgres", extra="postgres").PostgresHook
    not_found = need("airflow.providers.common.compat.sdk", extra="postgres").AirflowNotFoundException
    try:
        connection = deepcopy(hook_class.get_connection(connection_id))
    except not_found as error:
        raise WarehouseError(f"there is no connection '{connection_id}' for loading into PostgreSQL") from error
    # What the connection itself says about patience wins.
    connection.extra = json.dumps({"connect_timeout": _CONNECT_SECONDS, **_KEEP_ALIVE, **connection.extra_dejson})
    place = f"{connection.host}:{connection.port or 5432}/{connection.schema or ''}"
    try:
        return hook_class(postgres_conn_id=connection_id, connection=connection).get_conn(), place
    except _errors("OperationalError") as error:
        message = f"cannot reach PostgreSQL at {place} by the connection '{connection_id}': {_said(error)}"
        raise WarehouseError(message) from error


def _errors(name: str) -> tuple[type[Exception], ...]:
    """Return the exception of this name of each PostgreSQL driver that is in use."""
    found = []
    for driver in ("psycopg", "psycopg2"):
        module = sys.modules.get(driver)
        one = getattr(module, name, None) or getattr(sys.modules.get(f"{driver}.errors"), name, None)
        if one is not None:
            found.append(one)
    return tuple(found)


def _said(error: Exception) -> str:
    diagnostics = getattr(error, "diag", None)
    parts = [getattr(diagnostics, part, None) for part in ("message_primary", "message_detail", "context")]
    text = "; ".join(part for part in parts if part) or str(error)
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
