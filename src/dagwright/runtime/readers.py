"""Data files → pandas tables, and the line of the file on which a row of the table stands."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import warnings
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dagwright.runtime.errors import UnreadableFile
from dagwright.runtime.extras import need

__all__ = ["DataTable", "read_table", "table_format"]

_FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".parquet": "parquet"}


@dataclass(frozen=True, kw_only=True, slots=True)
class DataTable:
    """A data file in memory.

    Attributes:
        frame: a pandas DataFrame whose index counts the rows from 0.
        lines: the line (from 1) of each row, where the format has lines and they are known already.
    """

    path: Path
    format: str
    frame: Any
    lines: tuple[int, ...] | None = None

    def lines_of(self, rows: Collection[int]) -> Mapping[int, int]:
        """Return the line of the file (from 1) for each of some rows (from 0); empty where there are no lines."""
        if self.lines is not None:
            return {row: self.lines[row] for row in rows}
        return _csv_lines(self.path, rows) if self.format == "csv" and rows else {}


def table_format(name: str) -> str | None:
    """Return `csv`, `jsonl`, `json` or `parquet` by a file's name, or None where it is none of them."""
    lower = name.lower()
    if lower.endswith(".gz"):
        lower = lower.removesuffix(".gz")
        if lower.endswith(".parquet"):
            return None
    return next((kind for suffix, kind in _FORMATS.items() if lower.endswith(suffix)), None)


def read_table(path: Path, name: str) -> DataTable:
    """Read a CSV, JSON lines, JSON or Parquet file, the text formats also packed with gzip.

    Args:
        path: a local file.
        name: how messages call it.

    Raises:
        UnreadableFile: when it is empty, does not parse, or is none of these formats.
    """
    kind = table_format(name)
    if kind is None:
        raise UnreadableFile(
            f"'{name}' has no known format: files to validate end in .csv, .jsonl, .ndjson, .json (each also with "
            ".gz) or .parquet"
        )
    if path.stat().st_size == 0:
        raise UnreadableFile(f"'{name}' is empty")
    try:
        match kind:
            case "csv":
                return DataTable(path=path, format=kind, frame=_csv(path, name))
            case "parquet":
                return DataTable(path=path, format=kind, frame=_parquet(path, name))
            case _:
                return _json(path, name, kind)
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"'{name}' is not UTF-8: {error.reason} at byte {error.start}") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise UnreadableFile(f"'{name}' cannot be unpacked: {error}") from error


def _open_text(path: Path) -> IO[str]:
    if path.name.lower().endswith(".gz"):
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _csv(path: Path, name: str) -> Any:
    pandas = need("pandas", extra="validation")
    errors = need("pandas.errors", extra="validation")
    try:
        with warnings.catch_warnings(), _open_text(path) as text:
            # A row with more fields than the header has is a warning to pandas, which would then shift or cut it.
            warnings.simplefilter("error", errors.ParserWarning)
            return pandas.read_csv(text, index_col=False, low_memory=False)
    except errors.EmptyDataError as error:
        raise UnreadableFile(f"'{name}' is empty") from error
    except errors.ParserWarning as error:
        raise UnreadableFile(f"'{name}' has rows with more fields than its header") from error
    except (errors.ParserError, csv.Error) as error:
        raise UnreadableFile(f"'{name}' does not parse as CSV: {error}") from error


def _csv_lines(path: Path, rows: Collection[int]) -> dict[int, int]:
    wanted, last, found = set(rows), max(rows), {}
    # A field that is too long for this reader only ends the line numbers.
    with contextlib.suppress(csv.Error), _open_text(path) as text:
        reader = csv.reader(text)
        row, line = -1, 1  # the header is row -1
        for fields in reader:
            if fields:  # pandas passes over empty lines as well
                if row in wanted:
                    found[row] = line
                if row >= last:
                    break
                row += 1
            line = reader.line_num + 1
    return found


def _json(path: Path, name: str, kind: str) -> DataTable:
    pandas = need("pandas", extra="validation")
    with _open_text(path) as text:
        if kind == "json" and _first_character(text) == "[":
            records, lines = _json_array(text, name), None
        else:
            records, lines = _json_lines(text, name)
    if not records:
        raise UnreadableFile(f"'{name}' holds no record")
    return DataTable(path=path, format=kind, frame=pandas.DataFrame.from_records(records), lines=lines)


def _first_character(text: IO[str]) -> str:
    while (character := text.read(1)).isspace():
        pass
    text.seek(0)
    return character


def _json_array(text: IO[str], name: str) -> list[Any]:
    try:
        records = json.load(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"'{name}' does not parse as JSON: {error}") from error
    wrong = next((number for number, one in enumerate(records, start=1) if not isinstance(one, dict)), None)
    if wrong is not None:
        raise UnreadableFile(f"'{name}' has an item that is no object: item {wrong}")
    return list(records)


def _json_lines(text: IO[str], name: str) -> tuple[list[Any], tuple[int, ...]]:
    records, lines = [], []
    for number, line in enumerate(text, start=1):
        if line.isspace():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(f"'{name}' does not parse as JSON lines: line {number}: {error}") from error
        if not isinstance(record, dict):
            raise UnreadableFile(f"'{name}' has a line that is no JSON object: line {number}")
        records.append(record)
        lines.append(number)
    return records, tuple(lines)


def _parquet(path: Path, name: str) -> Any:
    pandas = need("pandas", extra="validation")
    arrow = need("pyarrow", extra="validation")
    try:
        frame = pandas.read_parquet(path, engine="pyarrow")
    except (arrow.ArrowException, OSError) as error:
        raise UnreadableFile(f"'{name}' does not parse as Parquet: {str(error).splitlines()[0]}") from error
    # Pandas keeps an index in the file; rows are counted here.
    named = any(one is not None for one in frame.index.names)
    return frame.reset_index(drop=not named)
