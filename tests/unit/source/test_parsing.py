"""Choosing the parser, the top of a DAG file, and what importing costs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dagwright.diagnostics import SourceText
from dagwright.source import parse_mapping
from dagwright.source.core_schema import resolve_plain
from tests.unit.source.helpers import check_places, parse_text, plain

RESOLVER = yaml.resolver.Resolver()


def is_read_alike(text: str) -> bool:
    """Leave out what PyYAML writes without quotes as a string of YAML 1.1 and YAML 1.2 reads as a number, like 0E0."""
    old = RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).endswith(":str")
    return not old or isinstance(resolve_plain(text), str)


CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")
TEXT = st.text(CHARACTERS, max_size=8).filter(is_read_alike)
SCALARS = st.none() | st.booleans() | st.integers() | TEXT
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"a": 1}'),
        ("a.JSON", '{"a": 1}'),
        ("a.toml", "a = 1"),
        ("a.yaml", "a: 1"),
        ("a.yml", "a: 1"),
        ("a", "a: 1"),
    ],
)
def test_suffix_chooses(name, text):
    assert plain(text, name) == {"a": 1}


def test_toml_and_json_are_not_read_as_yaml():
    assert [found.code for found in parse_text("a: 1", "a.json").diagnostics] == ["DW109"]
    assert [found.code for found in parse_text("a: 1", "a.toml").diagnostics] == ["DW115"]


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
@pytest.mark.parametrize("text", ["", " \n"])
def test_empty(name, text):
    parsed = parse_mapping(SourceText(name, text))
    assert parsed.root is None
    assert [found.code for found in parsed.diagnostics] == ["DW110"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", "the file holds a list at its top instead of a mapping"),
        ("just words", "the file holds a string at its top instead of a mapping"),
        ("7", "the file holds a single value at its top instead of a mapping"),
        ("null", "the file holds null at its top instead of a mapping"),
    ],
)
def test_not_a_mapping(text, message):
    (found,) = parse_mapping(SourceText("a.yaml", text)).diagnostics
    assert (found.code, found.message, str(found.span)) == ("DW111", message, "a.yaml:1:1")


def test_broken_text_is_not_called_empty_too():
    parsed = parse_mapping(SourceText("a.yaml", "a: [1"))
    assert [found.code for found in parsed.diagnostics] == ["DW103"]


@settings(max_examples=120, deadline=None)
@given(DATA, st.sampled_from([True, False, None]), st.sampled_from(["", "'", '"', "|", ">"]))
def test_what_pyyaml_writes_is_read_back(data, flow, style):
    text = yaml.safe_dump(data, default_flow_style=flow, default_style=style or None, allow_unicode=True)
    expected = data if not style else None
    parsed = parse_text(text)
    assert parsed.diagnostics == ()
    if expected is not None:
        assert parsed.root is not None
        assert parsed.root.plain() == expected


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(TEXT, DATA, min_size=1, max_size=4), st.sampled_from([True, False, None]))
def test_every_piece_of_what_pyyaml_writes_means_what_it_means_in_its_place(data, flow):
    check_places(yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True))


@settings(max_examples=100, deadline=None)
@given(DATA)
def test_json_is_yaml(data):
    assert repr(plain(json.dumps(data, ensure_ascii=False))) == repr(data)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-?[]{},&*!|>'\"%@`#\n \t0~.\\<=\x85\x00", max_size=30))
def test_any_text_is_parsed_or_refused(text):
    for name in ("a.yaml", "a.json", "a.toml"):
        parsed = parse_text(text, name)
        for found in parsed.diagnostics:
            assert found.span is not None
            assert 0 <= found.span.start_offset <= found.span.end_offset <= len(text) + 1


def test_importing_the_package_imports_no_parser():
    code = "import sys, dagwright.source; print(sorted(n for n in sys.modules if n.startswith(('yaml', 'dagwright.'))))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "dagwright.source.parsing" in done.stdout
    assert "yaml" not in done.stdout
    assert "_parser" not in done.stdout
