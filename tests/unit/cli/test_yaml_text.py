"""YAML text that every parser reads as the same data."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dagwright.cli.yaml_text import Branch, Commented, Line, Value, format_lines, yaml_lines
from dagwright.diagnostics import SourceText
from dagwright.source import parse_mapping


def commented(data: Any, comment: str = "here") -> Value:
    if isinstance(data, dict) and data:
        return Branch({key: commented(value, comment) for key, value in data.items()})
    if isinstance(data, list) and data:
        return Branch([commented(value, comment) for value in data])
    return Commented(data, comment)


def written(data: Any) -> str:
    return format_lines(yaml_lines(commented(data)))


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=20),
    st.text("ab :#-'\"\n {}[],&*!|>%@`~=\\", max_size=12),
    st.sampled_from(
        ["no", "1:30", "0x1f", "1e3", ".5", "null", "~", "<<", "=", "2030-01-31", "-", "? a", "---", "..."]
    ),
)
DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(TEXTS, below, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, DATA, min_size=1, max_size=5))
@settings(deadline=None, max_examples=300)
def test_both_versions_of_yaml_read_what_was_written(data: dict[str, Any]):
    text = written(data)
    assert yaml.safe_load(text) == data
    parsed = parse_mapping(SourceText("x.yaml", text))
    assert parsed.diagnostics == ()
    assert parsed.root is not None
    assert parsed.root.plain() == data


def test_plain_words_have_no_quotes_and_lines_stay_lines():
    assert written({"command": "python fetch.py --day 1", "sql": "select 1\nfrom x\n"}) == (
        "command: python fetch.py --day 1  # here\nsql: |                            # here\n  select 1\n  from x\n"
    )


def test_comments_of_long_lines_do_not_push_the_others_away():
    lines = [Line("a: 1", "x.yaml:1"), Line("b: " + "long " * 20, "x.yaml:2")]
    first, second = format_lines(lines, width=60).splitlines()
    assert len(first) <= 60
    assert second.endswith("  # x.yaml:2")


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinities(value: float):
    assert yaml.safe_load(written({"a": value})) == {"a": value}
