"""A file against its table before anything is loaded: the names of the columns, then every value.

The forms of values are those that all engines read alike, so that text which passes on a laptop has the right form in
production: a date is 2026-01-31 and nothing else, and a text fits its `varchar(n)` also where DuckDB would not mind.
What an engine alone can tell (a key that is there twice, a type of its own, the values of a Parquet file, Redshift's
lengths in bytes) fails in the load, which leaves the table as it was.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dagwright.runtime.errors import UnreadableFile, WarehouseError
from dagwright.runtime.warehouse.source import (
    csv_reader,
    file_columns,
    fit_columns,
    json_records,
    known_format,
    open_bytes,
    parquet_rows,
)
from dagwright.runtime.warehouse.table import LoadColumn, LoadTable
from dagwright.runtime.warehouse.values import value_check
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["check_in", "check_table_file"]

log = logging.getLogger("dagwright.runtime.warehouse")

_Checks = Mapping[str, Callable[[str], Any] | None]

_SHOWN = 10
_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
# A row whose quotes stand around whole fields, those inside of them doubled.
_FIELD = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
_QUOTED_WELL = re.compile(rf"{_FIELD}(?:,{_FIELD})*+(?:\r\n|\r|\n)?")


def check_table_file(table: Mapping[str, Any], *, in_order: bool = False, base: str | None = None) -> dict[str, Any]:
    """Compare a table's file in the running task's workspace with the table.

    Args:
        table: what `LoadTable.data()` returned.
        in_order: whether the file has to have its columns in the table's order.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        A summary: `file`, `table` and `rows`.
    """
    return check_in(run_workspace(base), LoadTable.of(table), in_order=in_order)


def check_in(
    workspace: RunWorkspace, table: LoadTable, *, in_order: bool = False, in_bytes: bool = False
) -> dict[str, Any]:
    """Compare a file with its table; see `check_table_file`.

    Args:
        workspace: where the file is.
        table: what it goes into.
        in_order: whether the file has to have its columns in the table's order.
        in_bytes: whether the length of a text column is one in bytes.

    Raises:
        UnreadableFile: when it is empty, does not parse or has no known format.
        WarehouseError: when it has other columns than the table, or values that are none of their type.
        WorkspaceError: when it is not there.
    """
    name = table.source_file
    # Each line of JSON has names of its own, which are compared one by one.
    columns = [] if known_format(name) == "jsonl" else file_columns(workspace, name)
    if known_format(name) != "jsonl":
        fit_columns(table, columns)
        expected = [one.name for one in table.columns]
        if in_order and columns != expected:
            raise WarehouseError(
                f"'{name}' has its columns in another order than the table '{table.shown}', and this warehouse takes "
                f"them by their place: file: {', '.join(columns)}; table: {', '.join(expected)}"
            )
    checks = {one.name: value_check(one, in_bytes=in_bytes) for one in table.columns}
    problems, rows = _problems(workspace, table, columns, checks)
    if problems:
        listed = "".join(f"\n    {one}" for one in problems[:_SHOWN])
        more = "" if len(problems) <= _SHOWN else "\n    and more: the check ended here"
        raise WarehouseError(f"'{name}' does not fit the table '{table.shown}':{listed}{more}")
    if not rows:
        log.warning("'%s' has no rows", name)
    log.info("'%s' fits the table '%s': %d rows, %d columns", name, table.shown, rows, len(table.columns))
    return {"file": name, "table": table.shown, "rows": rows}


def _problems(workspace: RunWorkspace, table: LoadTable, columns: list[str], checks: _Checks) -> tuple[list[str], int]:
    match known_format(table.source_file):
        case "csv":
            with (
                open_bytes(workspace, table.source_file) as data,
                io.TextIOWrapper(data, "utf-8-sig", newline="") as text,
            ):
                return _csv_problems(table, columns, checks, text)
        case "jsonl":
            with open_bytes(workspace, table.source_file) as data:
                return _json_problems(table, checks, json_records(data, table.source_file))
        case _:
            return _parquet_problems(workspace, table)


def _csv_problems(
    table: LoadTable, columns: list[str], known: _Checks, text: io.TextIOWrapper
) -> tuple[list[str], int]:
    by_name = {one.name: one for one in table.columns}
    checks = [
        (place, one, check, _null_allowed(table, one))
        for place, one in enumerate(by_name[name] for name in columns)
        if (check := known[one.name]) is not None or not _null_allowed(table, one)
    ]
    found: list[str] = []
    record: list[str] = []  # the lines of the row that is looked at
    reader, width, rows, line, end = csv_reader(_kept(text, record)), len(columns), -1, 1, ""
    try:
        for row in reader:
            rows += 1
            if rows == 0:
                end = _end(record[-1])
            elif fault := _trap(row, record, width, end) or _miscount(row, width):
                found.append(f"line {line} {fault}")
            else:
                for place, column, check, nullable in checks:
                    value = row[place]
                    if value:
                        if check is not None and not check(value):
                            found.append(_said(line, column, value))
                    elif not nullable:
                        found.append(f"line {line}, column '{column.name}': is empty, and the column is not nullable")
            if len(found) > _SHOWN:
                break
            line = reader.line_num + 1
            record.clear()
    except csv.Error as error:
        raise UnreadableFile(f"'{table.source_file}' does not parse as CSV: line {line}: {error}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"'{table.source_file}' is not UTF-8: {error.reason} near line {line}") from error
    return found, max(rows, 0)


def _miscount(row: list[str], width: int) -> str | None:
    return None if len(row) == width else f"has {len(row)} fields, and the header {width}"


def _kept(lines: Iterable[str], record: list[str]) -> Iterator[str]:
    for line in lines:
        record.append(line)
        yield line


def _end(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else line[-1:] if line.endswith(("\r", "\n")) else ""


def _trap(row: list[str], record: list[str], width: int, end: str) -> str | None:
    """Say why engines would read a line in different ways, or lose rows without an error, or return None."""
    last = record[-1]
    if not last.endswith(end) or (end == "\n" and last.endswith("\r\n")):
        other = _end(last)
        if other:  # the last line of a file need not have an end
            return f"ends in {_ENDS[other]}, and the header in {_ENDS[end]}"
    if not row:
        return 'is empty; a missing value is written ""' if width == 1 else "is empty"
    if len(row) == 1 and record[0].rstrip("\r\n") == "\\.":
        return 'has \\. alone, which is the end of the file for PostgreSQL; write "\\."'
    joined = "".join(row)
    if "\0" in joined:
        return "has a NUL character in it, which PostgreSQL does not keep"
    if '"' in joined and not _QUOTED_WELL.fullmatch("".join(record)):
        return 'has a quote in a field without quotes around it; write "6"" disk" for 6" disk'
    return None


def _json_problems(
    table: LoadTable, known_checks: _Checks, records: Iterator[tuple[int, dict[str, Any]]]
) -> tuple[list[str], int]:
    checks = [(one, known_checks[one.name], _null_allowed(table, one)) for one in table.columns]
    known = {one.name for one in table.columns}
    found, rows = [], 0
    for line, record in records:
        rows += 1
        if not known.issuperset(record):
            fit_columns(table, list(record))
        for column, check, nullable in checks:
            value = record.get(column.name)
            if value is None:
                if not nullable:
                    found.append(f"line {line}, column '{column.name}': is null, and the column is not nullable")
            elif check is not None and column.kind != "json":
                said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                if not check(said):
                    found.append(_said(line, column, said))
        if len(found) > _SHOWN:
            break
    return found, rows


def _parquet_problems(workspace: RunWorkspace, table: LoadTable) -> tuple[list[str], int]:
    # Values of a Parquet file have types of their own already; nulls are counted in its statistics or not at all.
    with workspace.open(table.source_file) as data:
        return [], parquet_rows(data, table.source_file)


def _null_allowed(table: LoadTable, column: LoadColumn) -> bool:
    return column.nullable and column.name not in table.keys


def _said(line: int, column: LoadColumn, value: str) -> str:
    shown = value if len(value) <= 40 else f"{value[:39]}…"
    return f"line {line}, column '{column.name}': {shown!r} is no {column.type}"
