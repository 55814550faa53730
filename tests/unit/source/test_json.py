"""JSON texts: the same values as `json`, places, and findings."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagwright.source.limits import MAX_DEPTH
from tests.unit.source.helpers import check_places, codes, only, parse_text, plain, shown

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_agrees_with_json(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    parsed = parse_text(text, "file.json")
    assert parsed.diagnostics == ()
    assert parsed.root is not None
    assert repr(parsed.root.plain()) == repr(json.loads(text))


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_every_piece_means_what_it_means_in_its_place(value):
    check_places(json.dumps(value, indent=1), "file.json")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='[]{},:"\\ \n01.-eEtrufalsn/'))
def test_refuses_what_json_refuses(text):
    try:
        json.loads(text)
    except ValueError:
        parsed = parse_text(text, "file.json")
        assert parsed.diagnostics or (parsed.root is None and not text.strip(" \t\r\n"))
    else:
        assert set(codes(text, "file.json")) <= {"DW105"}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('{"a": 1, "a": 2}', "DW105", '"a"'),
        ('{"a": NaN}', "DW109", "NaN"),
        ("[Infinity]", "DW109", "Infinity"),
        ("[-Infinity]", "DW109", "-Infinity"),
        ("[1, 2", "DW109", "["),
        ('{"a": {"b": 1}', "DW109", "{"),
        ("[1, ]", "DW109", ","),
        ('{"a": 1, }', "DW109", ","),
        ("[1 2]", "DW109", "2"),
        ("{a: 1}", "DW109", "a"),
        ("{'a': 1}", "DW109", "'a'"),
        ('{"a" 1}', "DW109", "1"),
        ('{"a": }', "DW109", "}"),
        ('{"a":', "DW109", ""),
        ("[True]", "DW109", "True"),
        ("[01]", "DW109", "01"),
        ("[1.]", "DW109", "1."),
        ("[+1]", "DW109", "+1"),
        ("[1] // c", "DW109", "//"),
        ('["a]', "DW109", '"'),
        ('["a\nb"]', "DW109", '"'),
        ('["\\q"]', "DW109", '"'),
        ('["\\u12"]', "DW109", '"'),
        ('["a\tb"]', "DW114", "\t"),
        ('["\\ud800"]', "DW114", '"\\ud800"'),
        ("[" + "9" * 5000 + "]", "DW109", "9" * 5000),
        ("[" * 100_000, "DW117", "["),
        ('{"a":' * 100_000, "DW117", "{"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_findings(text, code, place):
    found = only(text, "file.json")
    assert found.code == code
    if place == '"':
        assert shown(found).startswith(place)
    else:
        assert shown(found)[: len(place)] == place


def test_all_duplicates_are_found_and_the_first_counts():
    text = '{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}'
    parsed = parse_text(text, "file.json")
    assert [found.code for found in parsed.diagnostics] == ["DW105", "DW105"]
    assert parsed.root is not None
    assert parsed.root.plain() == {"a": 1, "b": {"c": 1}}


def test_pair_of_surrogates_is_a_character():
    assert plain('["\\ud83d\\ude00"]', "file.json") == ["😀"]


def test_deep_enough_and_empty():
    assert codes("[" * MAX_DEPTH + "]" * MAX_DEPTH, "file.json") == []
    assert plain(" \n", "file.json") is None
    assert plain("\ufeff{}", "file.json") == {}
