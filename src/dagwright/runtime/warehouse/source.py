"""A table's file: its columns, and its rows as the CSV that engines load fastest."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from dagwright.runtime.errors import UnreadableFile, WarehouseError
from dagwright.runtime.extras import need
from dagwright.runtime.warehouse.table import LoadTable
from dagwright.runtime.workspace import RunWorkspace

__all__ = [
    "FORMATS",
    "csv_chunks",
    "csv_reader",
    "csv_rows",
    "file_columns",
    "fit_columns",
    "json_records",
    "known_format",
    "open_bytes",
    "parquet_rows",
    "read_json",
    "source_format",
]

CHUNK = 1024 * 1024
# Python's own limit of a field is 128 KiB, less than documents in text columns have; without any, a quote that is never
# closed would take the whole file into memory.
_LONGEST_FIELD = 2_000_000
FORMATS = ".csv, .jsonl, .ndjson (each also with .gz) or .parquet"
_SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


def source_format(name: str) -> str | None:
    """Return `csv`, `jsonl` or `parquet` by a file's name, or None where it is none of them."""
    lower = name.lower()
    bare = lower.removesuffix(".gz")
    found = next((kind for suffix, kind in _SUFFIXES.items() if bare.endswith(suffix)), None)
    return None if found == "parquet" and bare != lower else found


def known_format(name: str) -> str:
    """Return the format of a file by its name.

    Raises:
        UnreadableFile: when nothing here reads it.
    """
    found = source_format(name)
    if found is None:
        raise UnreadableFile(f"'{name}' has no known format: files of tables end in {FORMATS}")
    return found


@contextmanager
def open_bytes(workspace: RunWorkspace, name: str) -> Iterator[IO[bytes]]:
    """Open a file of the workspace, unpacked where its name ends in `.gz`.

    Raises:
        UnreadableFile: when it cannot be unpacked.
        WorkspaceError: when it is not there.
    """
    try:
        with workspace.open(name) as raw:
            if name.lower().endswith(".gz"):
                with gzip.open(raw, "rb") as unpacked:
                    yield unpacked
            else:
                yield raw
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise UnreadableFile(f"'{name}' cannot be unpacked: {error}") from error


def csv_reader(lines: Iterable[str]) -> Any:
    """Return a reader of CSV that minds broken quotes, and not fields as long as documents."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
    return csv.reader(lines, strict=True)


def file_columns(workspace: RunWorkspace, name: str) -> list[str]:
    """Return the names of a file's columns in the file's order; those of the first record where lines are JSON.

    Raises:
        UnreadableFile: when it is empty or does not parse.
        WorkspaceError: when it is not there.
    """
    match known_format(name):
        case "csv":
            with open_bytes(workspace, name) as data, io.TextIOWrapper(data, "utf-8-sig", newline="") as text:
                try:
                    return next(csv_reader(text))
                except StopIteration:
                    raise UnreadableFile(
                        f"'{name}' is empty: a CSV file begins with the names of its columns"
                    ) from None
                except csv.Error as error:
                    raise UnreadableFile(f"'{name}' does not parse as CSV: line 1: {error}") from error
                except UnicodeDecodeError as error:
                    raise UnreadableFile(f"'{name}' is not UTF-8: {error.reason} at byte {error.start}") from error
        case "jsonl":
            with open_bytes(workspace, name) as data:
                first = next(json_records(data, name), None)
            return [] if first is None else list(first[1])
        case _:
            with workspace.open(name) as data:
                return list(_parquet(data, name).schema_arrow.names)


def fit_columns(table: LoadTable, names: Sequence[str]) -> None:
    """Compare a file's columns with the table's, in any order.

    Raises:
        WarehouseError: naming both sides.
    """
    expected = [one.name for one in table.columns]
    if sorted(names) == sorted(expected):
        return
    missing = [name for name in expected if name not in names]
    surplus = [name for name in names if name not in expected]
    twice = sorted({name for name in names if names.count(name) > 1})
    what = [
        *([f"the file lacks {_listed(missing)}"] if missing else []),
        *([f"the table has no {_listed(surplus)}"] if surplus else []),
        *([f"the file has {_listed(twice)} more than once"] if twice else []),
    ]
    hint = ""
    if len(names) == 1 and len(expected) > 1 and any(mark in names[0] for mark in ";\t|"):
        hint = "; fields of a CSV file are separated by commas"
    raise WarehouseError(
        f"'{table.source_file}' has other columns than the table '{table.shown}': {', '.join(what)} "
        f"(file: {_listed(names)}; table: {_listed(expected)}){hint}"
    )


def csv_chunks(workspace: RunWorkspace, table: LoadTable) -> tuple[list[str], Iterator[bytes]]:
    """Return a file's columns in the order in which its rows have them, and the file as CSV with a header.

    The file is read while the chunks are taken, and a CSV file is handed on as it is.

    Raises:
        UnreadableFile: when it is empty or does not parse; the chunks may raise it too.
        WarehouseError: when its columns are not the table's.
        WorkspaceError: when it is not there.
    """
    name = table.source_file
    expected = [one.name for one in table.columns]
    match known_format(name):
        case "csv":
            columns = file_columns(workspace, name)
            fit_columns(table, columns)
            return columns, _csv(workspace, name)
        case "jsonl":
            return expected, _json_lines(workspace, table, expected)
        case _:
            fit_columns(table, file_columns(workspace, name))
            return expected, _parquet_rows(workspace, name, expected)


def csv_rows(workspace: RunWorkspace, table: LoadTable) -> Iterator[list[str | None]]:
    """Yield the rows of a file as texts, in the order of the table's columns; None for an empty field.

    Raises:
        UnreadableFile: when it is empty or does not parse.
        WarehouseError: when its columns are not the table's.
        WorkspaceError: when it is not there.
    """
    columns, chunks = csv_chunks(workspace, table)
    places = [columns.index(one.name) for one in table.columns]
    text = io.TextIOWrapper(io.BufferedReader(_Chunks(chunks)), "utf-8-sig", newline="")
    with text:
        reader = csv_reader(text)
        try:
            next(reader, None)  # the names of the columns
            for row in reader:
                if row:
                    yield [row[place] or None for place in places]
        except (csv.Error, IndexError) as error:
            raise UnreadableFile(f"'{table.source_file}' does not parse as CSV: line {reader.line_num}") from error


class _Chunks(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            found = next(self._chunks, None)
            if found is None:
                return 0
            self._rest = found
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _csv(workspace: RunWorkspace, name: str) -> Iterator[bytes]:
    with open_bytes(workspace, name) as data:
        while chunk := data.read(CHUNK):
            yield chunk


def json_records(data: Iterable[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line number and the object of each line; numbers stay the texts that they are.

    Raises:
        UnreadableFile: at the first line that is no JSON object.
    """
    for number, line in enumerate(data, start=1):
        if line.isspace():
            continue
        if line.startswith(b"\xef\xbb\xbf"):
            raise UnreadableFile(f"'{name}' begins with a byte order mark, which JSON has none of: line {number}")
        try:
            record = read_json(line.decode())
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(f"'{name}' does not parse as JSON lines: line {number}: {error}") from error
        if not isinstance(record, dict):
            raise UnreadableFile(f"'{name}' has a line that is no JSON object: line {number}")
        yield number, record


def read_json(text: str) -> Any:
    """Return the value of a JSON text in which numbers stay the texts that they are.

    Raises:
        ValueError: when it is no JSON, also no `NaN`, or has characters that not every engine keeps.
        RecursionError: when it is nested too deeply.
    """
    value = _JSON.decode(text)
    if "\\u" in text:
        if _NUL.search(text):
            raise ValueError("a NUL character, which PostgreSQL does not keep")
        if "\\ud" in text.lower() and not _is_text(json.dumps(value, ensure_ascii=False)):
            raise ValueError("half of a character, which no engine keeps")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON; write null")


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Number(str):
    """A JSON number as it is written: a float would lose digits of a long one."""

    __slots__ = ()


_JSON = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_refuse)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _json_lines(workspace: RunWorkspace, table: LoadTable, columns: Sequence[str]) -> Iterator[bytes]:
    lines, size, known = [_row(columns)], 0, frozenset(columns)
    as_text = {one.name: _json_text if one.kind == "json" else _text for one in table.columns}
    with open_bytes(workspace, table.source_file) as data:
        for _, record in json_records(data, table.source_file):
            if not known.issuperset(record):
                fit_columns(table, list(record))
            lines.append(_row([as_text[name](record.get(name)) for name in columns]))
            size += len(lines[-1])
            if size > CHUNK:
                yield "".join(lines).encode()
                lines, size = [], 0
    yield "".join(lines).encode()


def _row(values: Sequence[str | None]) -> str:
    return ",".join("" if one is None else '"' + one.replace('"', '""') + '"' for one in values) + "\n"


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case _:
            return json.dumps(_plain(value), ensure_ascii=False)


def _json_text(value: Any) -> str | None:
    # A text is a value of JSON as well, and quotes belong to it.
    return json.dumps(value) if isinstance(value, str) and not isinstance(value, _Number) else _text(value)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case _Number():
            return float(value) if any(mark in value for mark in ".eE") else int(value)
        case _:
            return value


def _parquet(data: IO[bytes], name: str) -> Any:
    arrow = need("pyarrow", extra="validation")
    try:
        return need("pyarrow.parquet", extra="validation").ParquetFile(data)
    except (arrow.ArrowException, OSError) as error:
        raise UnreadableFile(f"'{name}' does not parse as Parquet: {str(error).splitlines()[0]}") from error


def parquet_rows(data: IO[bytes], name: str) -> int:
    """Return how many rows a Parquet file says that it has."""
    return int(_parquet(data, name).metadata.num_rows)


def _parquet_rows(workspace: RunWorkspace, name: str, columns: Sequence[str]) -> Iterator[bytes]:
    arrow, writer = need("pyarrow", extra="validation"), need("pyarrow.csv", extra="validation")
    yield _row(columns).encode()
    with workspace.open(name) as data:
        for batch in _parquet(data, name).iter_batches(columns=list(columns)):
            rows = io.BytesIO()
            try:
                writer.write_csv(batch.select(list(columns)), rows, writer.WriteOptions(include_header=False))
            except arrow.ArrowException as error:
                raise UnreadableFile(
                    f"'{name}' has a column that no CSV can say: {str(error).splitlines()[0]}"
                ) from error
            yield rows.getvalue()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"
