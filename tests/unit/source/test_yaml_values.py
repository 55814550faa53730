"""What YAML texts mean: the core schema, and scalars of all styles."""

from __future__ import annotations

import math

import pytest

from tests.unit.source.helpers import only, plain, shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None), ("Null", None), ("NULL", None), ("~", None), ("nULL", "nULL"), ("none", "none"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
        ("tRUE", "tRUE"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("n", "n"),
        ("0", 0), ("-0", 0), ("+12", 12), ("-12", -12), ("012", 12), ("0o17", 15), ("0x1F", 31), ("0b1", "0b1"),
        ("0o8", "0o8"), ("-0x1", "-0x1"), ("1_000", "1_000"), ("1:30", "1:30"), ("12e03", 12000.0), ("1.", 1.0),
        (".5", 0.5), ("-.5", -0.5), ("+1.5e-3", 0.0015), ("1e", "1e"), (".", "."), ("+", "+"),
        ("..5", "..5"), ("1.2.3", "1.2.3"), ("2024-01-01", "2024-01-01"), (".inf", math.inf), ("-.Inf", -math.inf),
        ("+.INF", math.inf), ("inf", "inf"), ("nan", "nan"), ("١٢", "١٢"), ("0 5 * * *", "0 5 * * *"),
        ("'1'", "1"), ('"true"', "true"), ("! 12", "12"), ("! null", "null"),
        ("!!str 1", "1"), ("!!int '3'", 3), ("!!float 1", 1.0), ("!!bool 'true'", True), ("!!null ''", None),
        ("!!str", ""), ("!<tag:yaml.org,2002:str> 1", "1"),
    ],
)  # fmt: skip
def test_scalar(text, value):
    got = plain(f"key: {text}")["key"]
    assert (type(got), got) == (type(value), value)
    assert plain(f"- {text}") == [value]
    assert plain(text) == value


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text):
    assert math.isnan(plain(text))


def test_block_scalars():
    text = "a: |\n  x\n   y\n\nb: >-\n  x\n  y\n\n  z\nc: |+\n  k\n\nd: |2\n    x\ne: |\n"
    assert plain(text) == {"a": "x\n y\n", "b": "x y\nz", "c": "k\n\n", "d": "  x\n", "e": ""}


def test_aliases_share_one_node():
    assert plain("a: &x [1, {b: c}]\nd: *x\ne: &s text\nf: *s\n") == {
        "a": [1, {"b": "c"}],
        "d": [1, {"b": "c"}],
        "e": "text",
        "f": "text",
    }


def test_ampersands_exclamation_marks_and_stars_in_values():
    text = 'a: x && y\nb: "a != b"\nc: 0 5 */2 * *\nd: run! now\n'
    assert plain(text) == {"a": "x && y", "b": "a != b", "c": "0 5 */2 * *", "d": "run! now"}


def test_references_and_templates_in_block_context_need_no_quotes_unless_they_come_first():
    assert plain("a: ${{ vars.x }}\nb: run {{ ds }}\n") == {"a": "${{ vars.x }}", "b": "run {{ ds }}"}


def test_line_ends_of_yaml_1_1_are_ordinary_characters():
    text = "a: x\x85y\u2028z\nb\u2029c: \ue000\n"
    assert plain(text) == {"a": "x\x85y\u2028z", "b\u2029c": "\ue000"}


def test_tabs_between_words_are_fine():
    assert plain("a:\t1\nb: 'x\ty'\nc: d\t# e\n") == {"a": 1, "b": "x\ty", "c": "d"}


def test_line_ends():
    assert plain("a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 2\r") == {"a": 1, "b": "x\ny\n", "c": 2}


def test_byte_order_mark_is_no_character():
    assert plain("\ufeffa: 1") == {"a": 1}


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n", "---\n...\n# nothing"])
def test_nothing(text):
    assert plain(text) is None


def test_integer_with_too_many_digits_is_a_finding():
    found = only("a: " + "9" * 5000)
    assert found.code == "DW103"
    assert len(shown(found)) == 5000


@pytest.mark.parametrize("text", ["a: !!int x", "a: !!bool 1", "a: !!null x", "a: !!float true", "!!int x: 1"])
def test_tag_that_does_not_fit(text):
    assert only(text).code == "DW107"
