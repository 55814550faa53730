"""What people read: the exact text, on friendly and on nasty input."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from dagwright.diagnostics import (
    Diagnostic,
    LoadError,
    Related,
    Severity,
    SourceText,
    Span,
    format_summary,
    format_text,
)
from dagwright.diagnostics.cells import cell_width


def expected(text: str) -> str:
    return dedent(text).strip("\n")


def test_the_shape_of_the_design(mark):
    lines = [*"abcdef", "    «tarket»: fin.orders"]
    found = Diagnostic(
        code="DW203",
        message="unknown field 'tarket' in warehouse_upload",
        span=mark("\n".join(lines), "dags/fin_daily.dag.yaml"),
        path="tasks.load.tarket",
        label="did you mean 'target'?",
        notes=("fields: schema, tables, target, warehouse",),
    )
    assert format_text([found]) == expected("""
        error[DW203]: unknown field 'tarket' in warehouse_upload
          --> dags/fin_daily.dag.yaml:7:5   (tasks.load.tarket)
           |
         7 |     tarket: fin.orders
           |     ^^^^^^ did you mean 'target'?
           |
           = fields: schema, tables, target, warehouse
           = help: dagwright explain DW203
    """)


def test_related_places_in_this_and_in_another_file_share_one_gutter(mark):
    here = mark("owner: a\n" * 9 + "«owner»: b\n")
    first = Span(source=here.source, start_offset=0, end_offset=5)
    found = Diagnostic(
        code="DW105",
        message="key 'owner' stands twice",
        severity=Severity.WARNING,
        span=here,
        related=(
            Related(message="first here", span=first),
            Related(message="and in", span=mark("x: «1»", "dags/defaults.yaml")),
        ),
        help="remove one of the two",
    )
    assert format_text([found]) == expected("""
        warning[DW105]: key 'owner' stands twice
           --> a.dag.yaml:10:1
            |
         10 | owner: b
            | ^^^^^
            |
        note: first here
           --> a.dag.yaml:1:1
            |
          1 | owner: a
            | ^^^^^
            |
        note: and in
           --> dags/defaults.yaml:1:4
            |
          1 | x: 1
            |    ^
            |
            = help: remove one of the two
            = help: dagwright explain DW105
    """)


def test_without_a_span_only_the_file_is_named():
    unreadable = Diagnostic(code="DW116", message="permission denied", file="dags/a.dag.yaml")
    nowhere = Diagnostic(code="DW409", message="no DAG file found", notes=("patterns: 'dags/*'\nin two lines",))
    assert format_text([unreadable, nowhere]) == expected("""
        error[DW116]: permission denied
          --> dags/a.dag.yaml
           = help: dagwright explain DW116

        error[DW409]: no DAG file found
           = patterns: 'dags/*'
             in two lines
           = help: dagwright explain DW409
    """)


def test_nothing_is_nothing():
    assert format_text([]) == ""


def excerpt(span: Span, label: str = "", width: int | None = None) -> list[str]:
    text = format_text([Diagnostic(code="DW103", message="m", span=span, label=label)], width=width)
    return text.splitlines()[3:-2]


@pytest.mark.parametrize(
    ("text", "line", "carets"),
    [
        pytest.param("\t\tkey: «val»", " 1 |         key: val", "   |              ^^^", id="tabs"),
        pytest.param("a: 日本 «b»c", " 1 | a: 日本 bc", "   |         ^", id="wide"),
        pytest.param("a: «日本» c", " 1 | a: 日本 c", "   |    ^^^^", id="wide-marked"),
        pytest.param("😀: «x»", " 1 | 😀: x", "   |     ^", id="emoji"),
        pytest.param("e\u0301te\u0301: «x»", " 1 | e\u0301te\u0301: x", "   |      ^", id="combining-before"),
        pytest.param("ae«\u0301»x", " 1 | ae\u0301x", "   |  ^", id="combining-alone"),
        pytest.param("\x1b[31m«red»: 1", " 1 | \\x1b[31mred: 1", "   |         ^^^", id="escape-sequence"),
        pytest.param("«\x1b[2J»: 1", " 1 | \\x1b[2J: 1", "   | ^^^^^^^", id="escape-marked"),
        pytest.param("a\u202eb«c»", " 1 | a\\u202ebc", "   |         ^", id="bidi-override"),
        pytest.param("a\ud800«c»", " 1 | a\\ud800c", "   |        ^", id="lone-surrogate"),
        pytest.param("a: 1«»", " 1 | a: 1", "   |     ^", id="end-of-line"),
        pytest.param("a: 1\n«»", " 2 |", "   | ^", id="end-of-file"),
        pytest.param("«»", " 1 |", "   | ^", id="empty-file"),
        pytest.param("a: 1\r\n«b»: 2\r\n", " 2 | b: 2", "   | ^", id="crlf"),
        pytest.param("a: 1«\r\n»b: 2", " 1 | a: 1", "   |     ^", id="line-end-marked"),
        pytest.param("  «a:\n  - b\n»c", " 1 |   a:", "   |   ^^", id="several-lines"),
        pytest.param("a: «b  \nc»", " 1 | a: b", "   |    ^", id="several-lines-trailing-blanks"),
    ],
)
def test_carets_stand_under_the_marked_part(mark, text, line, carets):
    assert excerpt(mark(text)) == [line, carets]


def test_between_cr_and_lf_the_caret_stands_at_the_end_of_the_line():
    span = Span(source=SourceText("a", "ab\r\nc"), start_offset=3, end_offset=3)
    assert excerpt(span) == [" 1 | ab", "   |   ^"]


def test_a_long_line_is_cut_around_the_marked_part(mark):
    pairs = [f"key{number}: value{number}" for number in range(40)]
    pairs[20] = "«key20»: value20"
    assert excerpt(mark("{" + ", ".join(pairs) + "}"), "here", width=60) == [
        " 1 | …alue18, key19: value19, key20: value20, key21: value2…",
        "   |                          ^^^^^ here",
    ]


@pytest.mark.parametrize("place", [0, 1, 30, 54, 55, 56, 57, 200, 399, 400])
@pytest.mark.parametrize("size", [0, 1, 10, 54, 55, 56, 300])
@pytest.mark.parametrize("letter", ["x", "日", "\t", "\x1b"])
def test_a_narrow_window_shows_the_first_marked_character(place, size, letter):
    text = letter * place + "M" + letter * (400 - place)
    span = Span(source=SourceText("a", text), start_offset=place, end_offset=min(place + size, len(text)))
    line, carets = excerpt(span, width=60)
    assert cell_width(line) <= 60
    assert len(carets) <= 60
    column = carets.index("^")
    before = line[: line.index("M")]
    assert cell_width(before) == column
    assert "…" in line


def test_a_megabyte_in_one_line_is_not_measured_as_a_whole():
    text = "日" * 2_000_000 + "M" + "日" * 2_000_000
    line, _ = excerpt(Span(source=SourceText("a", text), start_offset=2_000_000, end_offset=2_000_001), width=60)
    assert "M" in line
    assert len(line) < 60


def test_a_long_label_goes_below_the_carets(mark):
    label = "expected one of daily, hourly, weekly, monthly and yearly"
    assert excerpt(mark("schedule: «fortnightly»"), label, width=60) == [
        " 1 | schedule: fortnightly",
        "   |           ^^^^^^^^^^^",
        "   |           expected one of daily, hourly, weekly,",
        "   |           monthly and yearly",
    ]
    assert excerpt(mark("a: " + "b" * 40 + " «c»"), "did you mean 'd'?", width=60) == [
        " 1 | a: " + "b" * 40 + " c",
        "   |                                             ^",
        "   |                                       did you mean 'd'?",
    ]


def test_messages_wrap_at_words_and_never_inside_a_path():
    path = "a folder with blanks/and/a/very/long/name/of/a/file/that/is/wide.csv"
    found = Diagnostic(
        code="DW212",
        message=f"file '{path}' does not exist in the DAG file's folder or in the project",
        file="dags/" + "x" * 60 + ".dag.yaml",
        path="tasks.load",
        help="looked for 'dags/rates.csv', 'rates.csv' and nothing else in this wide world",
    )
    assert format_text([found], width=60) == expected(f"""
        error[DW212]: file
                      '{path}'
                      does not exist in the DAG file's folder or in
                      the project
          --> dags/{"x" * 60}.dag.yaml
              (tasks.load)
           = help: looked for 'dags/rates.csv', 'rates.csv' and
             nothing else in this wide world
           = help: dagwright explain DW212
    """)


def test_nothing_that_a_user_wrote_reaches_the_terminal_unescaped(mark):
    evil = "\x1b]0;title\x07\x9b31m\u202e\r\n\x00"
    found = Diagnostic(
        code="DW203",
        message=f"unknown field '{evil}'",
        span=mark(f"{evil}«x»", f"dags/{evil}.yaml"),
        path=evil,
        label=evil,
        notes=(evil,),
        help=evil,
        related=(Related(message=evil, span=mark(f"«{evil}»", evil)),),
    )
    for color in (False, True):
        text = format_text([found], color=color)
        text = re.sub(r"\x1b\[[0-9;]*m", "", text) if color else text
        assert all(character == "\n" or character.isprintable() for character in text)
    assert "\\x1b]0;title\\x07\\x9b31m\\u202e\\r" in text


def test_colour_changes_nothing_but_colour(mark):
    span = mark("a: «b»")
    found = Diagnostic(
        code="DW205", message="m", span=span, label="l", help="h", related=(Related(message="r", span=span),)
    )
    colored = format_text([found], color=True)
    assert colored.startswith("\x1b[1;31merror[DW205]\x1b[0m\x1b[1m: m\x1b[0m\n")
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == format_text([found])
    assert "\x1b" not in format_text([found])


def test_endless_texts_are_clipped():
    found = Diagnostic(code="DW203", message="x" * 100_000, file="a", path="y" * 100_000, notes=("z" * 100_000,))
    text = format_text([found])
    assert len(text) < 6_000
    assert "x…x" in text


def test_load_error_says_it_all(mark):
    error = LoadError([Diagnostic(code="DW205", message="not an integer", span=mark("a: «b»"))])
    assert str(error).startswith("\nerror[DW205]: not an integer\n  --> a.dag.yaml:1:4\n")


def test_summary():
    def finding(name: str | None, severity: Severity = Severity.ERROR) -> Diagnostic:
        return Diagnostic(code="DW201", message="m", file=name, severity=severity)

    warning = finding("c", Severity.WARNING)
    assert format_summary([], 12) == "12 files, no problems"
    assert format_summary([], 1) == "1 file, no problems"
    assert format_summary([finding("a"), finding("b"), warning], 12) == "2 errors and 1 warning in 3 of 12 files"
    assert format_summary([finding("a"), finding("a")], 1) == "2 errors in 1 of 1 file"
    assert format_summary([warning, warning], 2) == "2 warnings in 1 of 2 files"
    assert format_summary([finding(None)], 12) == "1 error"
    assert format_summary([finding("a"), finding("dagwright.toml")], 1) == "2 errors in 2 files"
