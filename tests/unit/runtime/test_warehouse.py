"""What a load decides before any engine is asked: names, types, and whether a file fits its table."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from dagwright.runtime.errors import UnreadableFile, WarehouseError
from dagwright.runtime.warehouse.checking import check_in
from dagwright.runtime.warehouse.names import (
    marks_name,
    name_problem,
    quote_name,
    quote_text,
    reserved_problem,
    staging_name,
)
from dagwright.runtime.warehouse.source import csv_chunks, csv_rows, source_format
from dagwright.runtime.warehouse.table import LoadColumn, LoadTable
from dagwright.runtime.warehouse.types import POSTGRES_TYPES, ColumnType, TypeProblem, parse_type
from dagwright.runtime.warehouse.values import value_check
from dagwright.runtime.workspace import RunWorkspace


def table(source: str = "in.csv", **columns: str) -> LoadTable:
    """Return a table whose columns have these kinds."""
    made = [LoadColumn(name=name, type=kind.upper(), kind=kind) for name, kind in columns.items()]
    return LoadTable(schema="s", name="t", source_file=source, columns=made)


def check(folder: Path, content: str | bytes, of: LoadTable) -> Any:
    (folder / of.source_file).write_bytes(content.encode() if isinstance(content, str) else content)
    return check_in(RunWorkspace(folder), of)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ('a"b', "has a quote in it"),
        ("a'b", "has a quote in it"),
        ("a`b", "has a quote in it"),
        ("a.b", "has a dot in it"),
        ("a\\b", "has a backslash in it"),
        ("{{ ds }}", "has a brace in it"),
        ("a\nb", "has a control character in it"),
        ("a\0", "has a control character in it"),
        ("a\ud800", "has a control character in it"),
        ("a ", "begins or ends with a space"),
        ("", "is empty"),
        ("é" * 32, "is longer than 63 bytes"),
        ("é" * 31, None),
        ("select", None),
        ("Größe %; --", None),
    ],
)
def test_which_names_are_names(name: str, problem: str | None):
    assert name_problem(name) == problem
    if problem is None:
        assert quote_name("s", name) == f'"s"."{name}"'
    else:
        with pytest.raises(ValueError, match=re.escape(problem)):
            quote_name("s", name)


def test_the_table_beside_has_a_name_of_its_own():
    name = "ä" * 31
    beside = staging_name(name, "a INT")
    assert name_problem(beside) is None
    assert beside == staging_name(name, "a INT")
    assert len({beside, staging_name(name, "a TEXT"), staging_name(f"{name[:-1]}x", "a INT")}) == 3
    assert reserved_problem(beside) == reserved_problem(marks_name().upper())
    assert reserved_problem(beside) is not None
    assert reserved_problem("daily__new") is None


def test_texts_as_literals():
    assert quote_text("it's ''") == "'it''s '''''"
    with pytest.raises(ValueError, match="NUL"):
        quote_text("a\0")


@pytest.mark.parametrize(
    ("written", "sql"),
    [
        ("integer", "INTEGER"),
        ("NUMERIC( 10 , 2 )", "NUMERIC(10,2)"),
        ("numeric", "NUMERIC"),
        ("double  precision", "DOUBLE PRECISION"),
        ("Timestamp With Time Zone", "TIMESTAMP WITH TIME ZONE"),
        ("varchar (7)", "VARCHAR(7)"),
    ],
)
def test_types(written: str, sql: str):
    found = parse_type(written, POSTGRES_TYPES)
    assert isinstance(found, ColumnType)
    assert found.sql == sql


@pytest.mark.parametrize(
    ("written", "message", "suggestion"),
    [
        ("numric(10,2)", "is not known", "numeric"),
        ("int); drop table x; --", "is not known", None),
        ("varchar(7) default 'x'", "is not known", None),
        ("varchar(n)", "is not known", None),
        ("numeric(10,2,1)", "has 3 arguments, and 'numeric(p,s)' takes 2 at most", None),
        ("integer(3)", "has 1 argument, and 'integer' takes none", None),
        ("", "is not known", None),
    ],
)
def test_what_is_no_type(written: str, message: str, suggestion: str | None):
    found = parse_type(written, POSTGRES_TYPES)
    assert isinstance(found, TypeProblem)
    assert found.message == message
    assert suggestion is None or found.suggestion == suggestion


@pytest.mark.parametrize(
    ("kind", "type_", "good", "bad"),
    [
        (
            "int16",
            "SMALLINT",
            ["0", "-32768", "+32767", " 7 ", "000000001"],
            ["32768", "-32769", "1.0", "1e3", "x", "٣"],
        ),
        ("uint8", "UTINYINT", ["0", "255"], ["256", "-1", "-0x"]),
        ("int64", "BIGINT", ["9223372036854775807"], ["9223372036854775808", "9" * 5000]),
        ("decimal", "NUMERIC(5,2)", ["999.999", "-0001.5", ".5", "5.", "1e2"], ["1000", "1,5", "NaN", "", "1.2.3"]),
        ("decimal", "NUMERIC", ["9" * 99], ["ten", "٣"]),
        ("float", "REAL", ["1", "-1.5e-7", "inf", "NaN", "3.4e38", "1e-44", "0e-99"], ["one", "1e39", "1e-46"]),
        ("float", "DOUBLE PRECISION", ["1e300", " -Infinity ", "0.0e999"], ["1e309", "-1e-400", "1,5", "9" * 400]),
        ("boolean", "BOOLEAN", ["true", "F", "1", "0"], ["yes", "2", "wahr"]),
        ("date", "DATE", ["2026-02-28"], ["2026-02-29", "2026-2-1", "28.02.2026", "20260228"]),
        ("time", "TIME", ["23:59", "23:59:59.123456789"], ["24:00", "7:00"]),
        (
            "timestamp",
            "TIMESTAMP",
            ["2026-01-01", "2026-01-01 10:00", "2026-01-01T10:00:00.123456789Z", "2026-01-01 10:00:00+02"],
            ["2026-01-01 25:00", "2026-13-01", "yesterday", "2026-01-01 10", "2026-01-01 10:00+16:00"],
        ),
        ("uuid", "UUID", ["123e4567-E89b-12d3-a456-426614174000"], ["123e4567"]),
        (
            "json",
            "JSON",
            ['{"a": [1]}', r'"\\u0000"'],
            ["{a: 1}", "[NaN]", "-Infinity", r'"\u0000"', r'"\\\u0000"', r'"\ud800"', "[" * 99999],
        ),
        ("text", "VARCHAR(2)", ["", "ää"], ["xyz", "x  "]),
        ("text", "CHAR", ["x"], ["xy"]),
    ],
)
def test_what_values_look_like(kind: str, type_: str, good: list[str], bad: list[str]):
    found = value_check(LoadColumn(name="a", type=type_, kind=kind))
    assert found is not None
    assert [text for text in good if not found(text)] == []
    assert [text for text in bad if found(text)] == []
    assert value_check(LoadColumn(name="a", type="TEXT", kind="text")) is None


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [("VARCHAR(3)", "xä", "ää"), ("VARCHAR", "x" * 65535, "ä" * 32768), ("BPCHAR", "x" * 256, "x" * 257)],
)
def test_lengths_in_bytes(type_: str, good: str, bad: str):
    found = value_check(LoadColumn(name="a", type=type_, kind="text"), in_bytes=True)
    assert found is not None
    assert found(good)
    assert not found(bad)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("day,rates", "the file lacks 'rate', the table has no 'rates' (file: 'day', 'rates'; table: 'day', 'rate')"),
        ("day,rate,day", "the file has 'day' more than once"),
        ("day", "the file lacks 'rate' (file: 'day'; table: 'day', 'rate')"),
        ("Day,rate", "the file lacks 'day', the table has no 'Day'"),
        ("day;rate", "fields of a CSV file are separated by commas"),
    ],
)
def test_other_columns_than_the_table(tmp_path: Path, header: str, said: str):
    with pytest.raises(WarehouseError, match=re.escape(said)) as caught:
        check(tmp_path, f"{header}\n", table(day="date", rate="decimal"))
    assert str(caught.value).startswith("'in.csv' has other columns than the table 's.t': ")


def test_values_are_named_with_their_lines(tmp_path: Path):
    content = 'day,note\n2026-01-01,"two\nlines"\n\n2026-01-32,x\n01.01.2026\n'
    with pytest.raises(WarehouseError) as caught:
        check(tmp_path, content, table(day="date", note="text"))
    assert str(caught.value).splitlines() == [
        "'in.csv' does not fit the table 's.t':",
        "    line 4 is empty",
        "    line 5, column 'day': '2026-01-32' is no DATE",
        "    line 6 has 1 fields, and the header 2",
    ]


@pytest.mark.parametrize(
    ("content", "columns", "said"),
    [
        ('id,note\n1,5" disk\n2,6" disk\n', {"id": "int32", "note": "text"}, "line 2 has a quote in a field"),
        ('id,note\n1,x"y"z\n', {"id": "int32", "note": "text"}, "line 2 has a quote in a field"),
        ("id,note\n1,x\n\n", {"id": "int32", "note": "text"}, "line 3 is empty"),
        ("note\nx\n\ny\n", {"note": "text"}, 'line 3 is empty; a missing value is written ""'),
        ("note\nx\n\\.\ny\n", {"note": "text"}, r"line 3 has \. alone"),
        ("note\nx\r\ny\n", {"note": "text"}, "line 2 ends in CRLF, and the header in LF"),
        ("note\r\nx\r\ny\nz", {"note": "text"}, "line 3 ends in LF, and the header in CRLF"),
        ("note\nx\ry\n", {"note": "text"}, "line 2 ends in CR, and the header in LF"),
        ("note\nx\0y\n", {"note": "text"}, "line 2 has a NUL character in it"),
    ],
)
def test_lines_that_engines_read_differently(tmp_path: Path, content: str, columns: dict[str, str], said: str):
    with pytest.raises(WarehouseError, match=re.escape(said)):
        check(tmp_path, content, table(**columns))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_end_of_lines(tmp_path: Path, end: str):
    assert check(tmp_path, f'note{end}"a\nb\r\nc\rd"{end}"\n"{end}x', table(note="text"))["rows"] == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'\xef\xbb\xbf{"a": "x"}', "begins with a byte order mark"),
        (b'{"a": NaN}', "line 1: NaN is no JSON; write null"),
        (b'{"a": {"b": [Infinity]}}', "line 1: Infinity is no JSON; write null"),
        (b'{"a": {"b": "\\u0000"}}', "line 1: a NUL character, which PostgreSQL does not keep"),
        (b'{"a": "\xed\xa0\x80"}', "line 1: 'utf-8' codec can't decode"),
        (b'{"a": "x"}'.decode().encode("utf-16"), "line 1: 'utf-8' codec can't decode"),
    ],
)
def test_lines_of_json_that_engines_read_differently(tmp_path: Path, line: bytes, said: str):
    with pytest.raises(UnreadableFile, match=re.escape(said)):
        check(tmp_path, line + b"\n", table("in.jsonl", a="text"))


def test_a_text_in_a_column_of_json(tmp_path: Path):
    (tmp_path / "in.jsonl").write_text('{"a": "x"}\n{"a": 1.50}\n{"a": null}\n')
    _, chunks = csv_chunks(RunWorkspace(tmp_path), table("in.jsonl", a="json"))
    assert b"".join(chunks).decode() == '"a"\n"""x"""\n"1.50"\n\n'


def test_quotes_in_their_place(tmp_path: Path):
    content = '"id",note\r\n1,"5"" disk\n,"\r\n"2",""""\r\n3,\r\n'
    assert check(tmp_path, content, table(id="int32", note="text"))["rows"] == 3
    assert check(tmp_path, 'note\n"\\."\n""\n"x\n\\.\ny"', table(note="text"))["rows"] == 3


def test_fields_as_long_as_documents(tmp_path: Path):
    assert check(tmp_path, f"id,note\n1,{'x' * 1_000_000}\n", table(id="int32", note="text"))["rows"] == 1
    assert len(next(csv_rows(RunWorkspace(tmp_path), table(id="int32", note="text")))[1] or "") == 1_000_000
    with pytest.raises(UnreadableFile, match="line 2"):
        check(tmp_path, f'id,note\n1,"{"x" * 2_100_000}\n', table(id="int32", note="text"))


def test_many_problems_are_cut(tmp_path: Path):
    with pytest.raises(WarehouseError) as caught:
        check(tmp_path, "day,b\n" + f"{'x' * 99},\n" * 99, table(day="date", b="text"))
    lines = str(caught.value).splitlines()
    assert len(lines) == 12
    assert lines[1] == f"    line 2, column 'day': '{'x' * 39}…' is no DATE"
    assert lines[-1] == "    and more: the check ended here"


def test_missing_values(tmp_path: Path):
    columns = [
        LoadColumn(name="day", type="DATE", kind="date"),
        LoadColumn(name="note", type="TEXT", kind="text", nullable=False),
        LoadColumn(name="rate", type="REAL", kind="float"),
    ]
    spec = LoadTable(schema="s", name="t", source_file="in.csv", columns=columns, keys=("day",))
    with pytest.raises(WarehouseError) as caught:
        check(tmp_path, 'day,note,rate\n,"",\n', spec)
    assert str(caught.value).count("is empty, and the column is not nullable") == 2
    spec = LoadTable(schema="s", name="t", source_file="in.jsonl", columns=columns, keys=("day",))
    with pytest.raises(WarehouseError) as caught:
        check(tmp_path, '{"note": null, "rate": null}\n', spec)
    assert str(caught.value).count("is null, and the column is not nullable") == 2


def test_lines_of_json(tmp_path: Path):
    spec = table("in.jsonl", id="int64", on="boolean", at="date")
    assert check(tmp_path, '{"id": 1, "on": true}\n\n{"id": 2, "at": "2026-01-01"}\n', spec)["rows"] == 2
    with pytest.raises(WarehouseError, match=r"line 2, column 'id': '1\.5' is no INT64"):
        check(tmp_path, '{"id": 1}\n{"id": 1.5}\n', spec)
    with pytest.raises(WarehouseError, match="the table has no 'off'"):
        check(tmp_path, '{"id": 1}\n{"id": 2, "off": 1}\n', spec)
    with pytest.raises(UnreadableFile, match="line 2"):
        check(tmp_path, '{"id": 1}\n{"id": \n', spec)
    text = table("in.jsonl", note="text")
    assert check(tmp_path, '{"note": "\\ud83d\\ude00"}\n', text)["rows"] == 1
    with pytest.raises(UnreadableFile, match="line 2: half of a character, which no engine keeps"):
        check(tmp_path, '{"note": null}\n{"note": "\\uD83D"}\n', text)
    with pytest.raises(UnreadableFile, match="no JSON object: line 1"):
        check(tmp_path, "[1]\n", spec)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: a CSV file begins with the names of its columns"),
        (b"day\n\xff\n", "is not UTF-8"),
        (b"\xff\n", "is not UTF-8"),
        (b'day\n"2026\n', "does not parse as CSV: line 2"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, said: str):
    with pytest.raises(UnreadableFile, match=said):
        check(tmp_path, content, table(day="date"))
    packed = table("in.csv.gz", day="date")
    with pytest.raises(UnreadableFile, match=said):
        check(tmp_path, gzip.compress(content), packed)
    with pytest.raises(UnreadableFile, match="cannot be unpacked"):
        check(tmp_path, b"not packed", packed)
    with pytest.raises(UnreadableFile, match="has no known format"):
        check(tmp_path, content, table("in.txt", day="date"))


def test_a_header_alone_is_an_empty_table(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    assert check(tmp_path, "day\n", table(day="date"))["rows"] == 0
    assert "'in.csv' has no rows" in caplog.text


def test_formats_by_name():
    names = ["a.CSV", "a.csv.gz", "a.jsonl", "a.ndjson.gz", "a.parquet", "a.parquet.gz", "a.json", "a", "a.csv.old"]
    assert [source_format(name) for name in names] == ["csv", "csv", "jsonl", "jsonl", "parquet", *[None] * 4]


def test_a_csv_file_is_handed_on_as_it_is(tmp_path: Path):
    content = b'b,a\r\n"x\ny",2\r\n'
    (tmp_path / "in.csv").write_bytes(content)
    columns, chunks = csv_chunks(RunWorkspace(tmp_path), table(a="int64", b="text"))
    assert (columns, b"".join(chunks)) == (["b", "a"], content)


def test_rows_in_the_order_of_the_table(tmp_path: Path):
    spec = table(a="int64", b="text")
    (tmp_path / "in.csv").write_bytes(b'\xef\xbb\xbfb,a\r\n"x\ny",2\r\n\r\n"",3\r\n')
    assert list(csv_rows(RunWorkspace(tmp_path), spec)) == [["2", "x\ny"], ["3", None]]
    (tmp_path / "in.csv").write_text("b,a\n1\n")
    with pytest.raises(UnreadableFile, match="line 2"):
        list(csv_rows(RunWorkspace(tmp_path), spec))


def test_lines_of_json_become_csv(tmp_path: Path):
    (tmp_path / "in.jsonl").write_text(
        '{"a": "x,\\"y\\"\\n", "b": 1.50}\n{"b": {"c": [1, null, true, 2.5]}, "a": ""}\n{"a": null, "b": false}\n'
    )
    columns, chunks = csv_chunks(RunWorkspace(tmp_path), table("in.jsonl", a="text", b="json"))
    assert columns == ["a", "b"]
    assert b"".join(chunks).decode() == ('"a","b"\n"x,""y""\n","1.50"\n"","{""c"": [1, null, true, 2.5]}"\n,"false"\n')


def test_a_table_travels_as_plain_data():
    spec = LoadTable(
        schema="s",
        name="t",
        source_file="in.csv",
        columns=(LoadColumn(name="a", type="INT", kind="int32", nullable=False),),
        mode="upsert",
        keys=("a",),
    )
    assert LoadTable.of(spec.data()) == spec
    assert spec.definition(primary_key=True) == '"a" INT NOT NULL, PRIMARY KEY ("a")'
