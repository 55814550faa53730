"""What is refused in YAML texts, how it is said, and where the finger points."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from dagwright.source import yaml_parser
from dagwright.source.limits import MAX_DEPTH
from dagwright.source.yaml_composer import Composing, PythonComposing
from tests.unit.source.helpers import codes, only, parse_text, shown


@pytest.fixture(params=[Composing, PythonComposing], ids=["default", "python"])
def _either_composer(request, monkeypatch):
    monkeypatch.setattr(yaml_parser, "Composing", request.param)


pytestmark = pytest.mark.usefixtures("_either_composer")


def test_duplicate_keys_name_the_first_and_all_are_found():
    parsed = parse_text("a: 1\nb: {c: 1, c: 2}\na: 3\n'a': 4\n")
    assert [(found.code, str(found.span)) for found in parsed.diagnostics] == [
        ("DW105", "file.yaml:2:11"),
        ("DW105", "file.yaml:3:1"),
        ("DW105", "file.yaml:4:1"),
    ]
    assert [str(found.related[0].span) for found in parsed.diagnostics] == [
        "file.yaml:2:5",
        "file.yaml:1:1",
        "file.yaml:1:1",
    ]
    assert parsed.root is not None
    assert parsed.root.plain() == {"a": 1, "b": {"c": 1}}


def test_merge_keys_are_refused_but_a_quoted_one_is_a_key():
    parsed = parse_text("a: &x {b: 1}\nc: {<<: *x, d: 1}\n<<: *x\n'<<': 2\n")
    assert [(found.code, shown(found)) for found in parsed.diagnostics] == [("DW106", "<<"), ("DW106", "<<")]
    assert parsed.root is not None
    assert parsed.root.plain() == {"a": {"b": 1}, "c": {"d": 1}, "<<": 2}


def test_tags_outside_the_core_schema():
    text = "a: !t x\nb: !!set {c: d}\n!!binary e: f\ng: &h !!python/name:os.system i\nj: !<k> l\nm: !!seq {}\n"
    parsed = parse_text(text)
    assert [found.code for found in parsed.diagnostics] == ["DW107"] * 6
    assert [shown(found) for found in parsed.diagnostics] == [
        "!t", "!!set", "!!binary", "!!python/name:os.system", "!<k>", "!!seq",
    ]  # fmt: skip


def test_undefined_tag_handle():
    assert only("a: !x!y z").code == "DW107"


@pytest.mark.parametrize(
    "text", ["a:\n\tb: 1\n", "a: 1\n\tb: 2\n", "\ta: 1\nb: c\n", "a:\n  - b\n\t- c: d\n", "a: |\n\tb\n"]
)
def test_tab_in_the_indentation(text):
    found = only(text)
    assert (found.code, found.message) == ("DW104", "a tab indents this line")
    assert "\t" in shown(found)


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("{a: ${{ vars.x }}}", "'${{ … }}' stands here without quotes", "${{ vars.x }}"),
        ("a: [b, ${{ vars.x }}/c]", "'${{ … }}' stands here without quotes", "${{ vars.x }}"),
        ("a: '{{ q }}'\nb: {{ ds }}/x", "'{{ … }}' stands here without quotes", "{{ ds }}"),
        ('{a: "${{ x }}", b: ${{ y }}}', "'${{ … }}' stands here without quotes", "${{ y }}"),
        ("a: b: c", "a ':' that starts a value cannot stand here", ":"),
        ("a: 1\n b: 2", "a ':' that starts a value cannot stand here", ":"),
        ("key: - a", "a list cannot begin on this line", "-"),
        ("a: 'x", "the quote is never closed", "'x"),
        ('a: "x\nb: 1', "the quote is never closed", '"x'),
        ("a: [1, 2", "the '[' is never closed", "["),
        ("a: {b: c", "the '{' is never closed", "{"),
        ("a: 1\nb: [2] c\n", "this belongs to no key of the mapping around it", "c"),
        ("a: {b: c]", "a ',' or '}' is missing before this", "]"),
        ("- a\nb: c", "this is no item of the list around it", "b"),
        ("a: 1\nb\nc: 2", "a ':' is missing behind this key", "b"),
        ("a: @x", "a value cannot begin with '@'", "@x"),
        ("a: `x`", "a value cannot begin with '`'", "`x`"),
        ("a: %x", "a value cannot begin with '%'", "%x"),
        ("a: ]", "a value is missing before this", "]"),
        ("a: *.csv", "a name is missing behind '*' or '&'", "*.csv"),
        ("a: *b", "the alias names no anchor above it", "*b"),
        ("a: &b 1\nc: &b 2", "the anchor is set twice", "&b"),
        ("a: |x\n b", "only an indentation digit, '+', '-' and a comment may follow '|' or '>'", "|x"),
    ],
)
def test_syntax(text, message, place):
    found = only(text)
    assert found.code == "DW103"
    assert found.message == message
    assert shown(found) == place


def test_unknown_escape():
    found = only('a: "C:\\query"')
    assert (found.code, found.message) == ("DW103", "the escape is unknown")


def test_template_without_quotes_that_yaml_reads_as_a_mapping():
    found = only("a: {{ ds }}")
    assert (found.code, shown(found)) == ("DW113", "{{ ds }}")
    assert "quotes" in found.help


def test_second_document():
    parsed = parse_text("a: 1\n---\nb: 2\n")
    assert [(found.code, str(found.span)) for found in parsed.diagnostics] == [("DW112", "file.yaml:2:1")]
    assert parsed.root is not None


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("1", "the key '1' is no string"),
        ("1.5", "the key '1.5' is no string"),
        ("true", "the key 'true' is no string"),
        ("null", "the key 'null' is no string"),
        ("~", "the key '~' is no string"),
        ("!!int '7'", "the key '7' is no string"),
    ],
)
def test_key_that_is_no_string(key, message):
    found = only(f"a: 0\n{key}: 1\n")
    assert (found.code, found.message, shown(found)) == ("DW113", message, key)
    assert found.help == "put quotes around it"


@pytest.mark.parametrize("key", ["'1'", '"true"', "on", "no", "1:2", "2024-01-01", "! 1", "!!str 1"])
def test_key_that_is_a_string(key):
    assert codes(f"{key}: 1\n") == []


@pytest.mark.parametrize("text", ["[a]: 1\nb: 2\n", "? {a: 1}\n: c\nb: 2\n", "? - a\n: - c\nb: 2\n"])
def test_key_that_is_a_collection(text):
    parsed = parse_text(text)
    assert [found.code for found in parsed.diagnostics] == ["DW113"]
    assert parsed.root is not None
    assert parsed.root.plain() == {"b": 2}


def test_control_characters_are_all_found():
    parsed = parse_text("a: \x00\nb: \x1b[0m\n")
    assert parsed.root is None
    assert [(found.code, str(found.span)) for found in parsed.diagnostics] == [
        ("DW114", "file.yaml:1:4"),
        ("DW114", "file.yaml:2:4"),
    ]


def test_lone_surrogate():
    found = only("a: \ud800\n")
    assert (found.code, str(found.span)) == ("DW114", "file.yaml:1:4")


def test_alias_inside_its_own_value():
    parsed = parse_text("a: &x\n  b: [1, *x]\n")
    assert parsed.root is None
    assert [(found.code, shown(found)) for found in parsed.diagnostics] == [("DW108", "*x")]


def test_alias_bomb_costs_nothing():
    text = "a0: &a0 [x]\n" + "".join(
        f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 60)
    )
    begin = time.perf_counter()
    parsed = parse_text(text)
    assert time.perf_counter() - begin < 2
    assert parsed.root is None
    assert [found.code for found in parsed.diagnostics] == ["DW108"]


def test_many_aliases_of_something_small_are_fine():
    text = "a: &x {b: [1, 2, 3]}\nc:\n" + "- *x\n" * 2000
    assert codes(text) == []


def test_chain_of_aliases_is_as_deep_as_it_reads():
    text = "a0: &a0 [x]\n" + "".join(f"a{number}: &a{number} [*a{number - 1}]\n" for number in range(1, MAX_DEPTH + 50))
    parsed = parse_text(text)
    assert parsed.root is None
    assert [found.code for found in parsed.diagnostics] == ["DW117"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " + "{b: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "".join(" " * depth + "a:\n" for depth in range(1000)),
        "a: " + "[" * (MAX_DEPTH) + "]" * MAX_DEPTH,
        "a: " + "{b: " * 900 + "}" * 900,
    ],
    ids=["brackets", "braces", "dashes", "question marks", "indentation", "just too deep", "composable"],
)
def test_too_deep(text):
    found = only(text)
    assert found.code == "DW117"
    assert sys.getrecursionlimit() <= 1000


def test_just_deep_enough():
    assert codes("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert codes("- " * (MAX_DEPTH - 1) + "[]") == []


def test_many_brackets_side_by_side_are_not_deep():
    assert codes("a: [" + "[], " * 3000 + "]") == []
    assert codes("a: '" + "[" * 3000 + "'") == []
    assert codes("a:" + " " * 300 + "- b"[2:]) == []


def test_several_kinds_in_one_run():
    text = "a: 1\na: 2\n1: x\n<<: {}\nb: !t c\n"
    assert codes(text) == ["DW105", "DW113", "DW106", "DW107"]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_small_stacks_do_not_overflow(line_end):
    """A crash of the thread would end the whole test run."""
    block = line_end.join(" " * depth + "a:" for depth in range(99)) + line_end
    texts = [
        "{a: " * 400 + "}" * 400,
        block + " " * 99 + "{a: " * 400 + "}" * 400,
        block * 2,
        "- " * 49 + "[" * 400 + "]" * 400,
    ]
    found: list[list[str]] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.extend(codes(text) for text in texts))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert [codes[0] for codes in found] == ["DW117", "DW117", "DW105", "DW117"]
