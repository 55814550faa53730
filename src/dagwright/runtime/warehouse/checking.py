"""A file against its table before anything is loaded: the names of the columns, then every value.

The forms of values are those that all engines read alike, so that a file which passes on a laptop loads in
production: a date is 2026-01-31 and nothing else. What an engine alone can tell (a text too long for its column, a
duplicate key) fails in the load, which leaves the table as it was.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
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
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["KINDS", "check_in", "check_table_file", "value_check"]

log = logging.getLogger("dagwright.runtime.warehouse")

KINDS = frozenset({"boolean", "date", "decimal", "float", "json", "other", "text", "time", "timestamp", "uuid"})

_SHOWN = 10
_INTEGER = re.compile(r"(u?)int(8|16|32|64|128)")
_NUMBER = r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*"
_FORMS: Mapping[str, re.Pattern[str]] = {
    "boolean": re.compile(r"true|false|t|f|1|0", re.IGNORECASE | re.ASCII),
    "float": re.compile(rf"{_NUMBER}|\s*[+-]?(?:inf|infinity|nan)\s*", re.IGNORECASE | re.ASCII),
    "uuid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII),
}
# A row whose quotes stand around whole fields, those inside of them doubled.
_FIELD = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
_QUOTED_WELL = re.compile(rf"{_FIELD}(?:,{_FIELD})*+(?:\r\n|\r|\n)?")
_WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_DECIMAL = re.compile(_NUMBER, re.ASCII)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)", re.ASCII)
_HOUR = re.compile(r"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)", re.ASCII)
# The zone is none of the moment's digits; a day alone has none.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?|\d{4}-\d\d-\d\d",
    re.ASCII,
)


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


def check_in(workspace: RunWorkspace, table: LoadTable, *, in_order: bool = False) -> dict[str, Any]:
    """Compare a file with its table; see `check_table_file`.

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
    problems, rows = _problems(workspace, table, columns)
    if problems:
        listed = "".join(f"\n    {one}" for one in problems[:_SHOWN])
        more = "" if len(problems) <= _SHOWN else "\n    and more: the check ended here"
        raise WarehouseError(f"'{name}' does not fit the table '{table.shown}':{listed}{more}")
    if not rows:
        log.warning("'%s' has no rows", name)
    log.info("'%s' fits the table '%s': %d rows, %d columns", name, table.shown, rows, len(table.columns))
    return {"file": name, "table": table.shown, "rows": rows}


def _problems(workspace: RunWorkspace, table: LoadTable, columns: list[str]) -> tuple[list[str], int]:
    match known_format(table.source_file):
        case "csv":
            with (
                open_bytes(workspace, table.source_file) as data,
                io.TextIOWrapper(data, "utf-8-sig", newline="") as text,
            ):
                return _csv_problems(table, columns, text)
        case "jsonl":
            with open_bytes(workspace, table.source_file) as data:
                return _json_problems(table, json_records(data, table.source_file))
        case _:
            return _parquet_problems(workspace, table)


def _csv_problems(table: LoadTable, columns: list[str], text: io.TextIOWrapper) -> tuple[list[str], int]:
    by_name = {one.name: one for one in table.columns}
    checks = [
        (place, one, check, _null_allowed(table, one))
        for place, one in enumerate(by_name[name] for name in columns)
        if (check := value_check(one)) is not None or not _null_allowed(table, one)
    ]
    found: list[str] = []
    record: list[str] = []  # the lines of the row that is looked at
    reader, width, rows, line = csv_reader(_kept(text, record)), len(columns), -1, 1
    try:
        for row in reader:
            rows += 1
            if rows and (trap := _trap(row, record, width)):
                found.append(f"line {line} {trap}")
            elif rows and len(row) != width:
                found.append(f"line {line} has {len(row)} fields, and the header {width}")
            elif rows:
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


def _kept(lines: Iterable[str], record: list[str]) -> Iterator[str]:
    for line in lines:
        record.append(line)
        yield line


def _trap(row: list[str], record: list[str], width: int) -> str | None:
    """Say why engines would read a line in different ways, and lose rows without an error, or return None."""
    if not row:
        return 'is empty; a missing value is written ""' if width == 1 else "is empty"
    if len(row) == 1 and record[0].rstrip("\r\n") == "\\.":
        return 'has \\. alone, which is the end of the file for PostgreSQL; write "\\."'
    if '"' in "".join(row) and not _QUOTED_WELL.fullmatch("".join(record)):
        return 'has a quote in a field without quotes around it; write "6"" disk" for 6" disk'
    return None


def _json_problems(table: LoadTable, records: Iterator[tuple[int, dict[str, Any]]]) -> tuple[list[str], int]:
    checks = [(one, value_check(one), _null_allowed(table, one)) for one in table.columns]
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
                said = value if isinstance(value, str) else json.dumps(value)
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


def value_check(column: LoadColumn) -> Callable[[str], Any] | None:
    """Return what tells whether a text is a value of a column, or None where every text is."""
    integer = _INTEGER.fullmatch(column.kind)
    if integer is not None:
        bits = int(integer[2])
        return _whole(0, 2**bits - 1) if integer[1] else _whole(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    match column.kind:
        case "decimal":
            numbers = [int(one) for one in re.findall(r"\d+", column.type)]
            room = numbers[0] - (numbers[1] if len(numbers) > 1 else 0) if numbers else None
            return _DECIMAL.fullmatch if room is None else _decimal(room)
        case "date":
            return _readable(_DAY, date.fromisoformat)
        case "time":
            return _readable(_HOUR, time.fromisoformat)
        case "timestamp":
            return _readable(_MOMENT, datetime.fromisoformat)
        case "json":
            return _json
        case kind:
            form = _FORMS.get(kind)
            return None if form is None else form.fullmatch


def _whole(least: int, most: int) -> Callable[[str], bool]:
    safe = len(str(most)) - 1  # so many characters are in the range, whatever they are

    def check(text: str) -> bool:
        return _WHOLE.fullmatch(text) is not None and (
            (least >= 0 and len(text) <= safe and "-" not in text)
            or (least < 0 and len(text) <= safe)
            or (len(text) < 4000 and least <= int(text) <= most)
        )

    return check


def _decimal(room: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        if _DECIMAL.fullmatch(text) is None:
            return False
        digits = text.strip().lstrip("+-")
        if len(digits) <= room or "e" in digits or "E" in digits:
            return True
        return len(digits.partition(".")[0].lstrip("0")) <= room

    return check


def _readable(form: re.Pattern[str], read: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        found = form.fullmatch(text)
        if found is None:
            return False
        try:
            read(found[1] or text)
        except ValueError:
            return False
        return True

    return check


def _json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
