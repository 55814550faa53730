"""TOML texts: the same values as `tomllib`, places, and findings."""

from __future__ import annotations

import tomllib
from datetime import date, time
from typing import Any

import pytest

from dagwright.source import MappingNode, ScalarNode
from tests.unit.source.helpers import codes, only, parse_text, plain, shown, walk

TEXTS = {
    "empty": "",
    "comment": "# nothing\n",
    "keys": """
a = 1
b.c.d = "x" # y
b.c.e = 2
"q.\\u0041" = 3
'l' = ''
3.14 = 1
"" = 0
f . g = 1
""",
    "tables": '[a]\nx = 1\n[a.b]\ny = 2\n[f.g.h]\n[f]\nk = 1\n[ j . "k" ] # c\n',
    "arrays of tables": """
[[c.d]]
z = 1
[[c.d]]
[c.d.e]
w = 1
[[c.d.g]]
[[c.d.g]]
h = 1
[[ l ]]
[[l]]
m = true
""",
    "arrays": "a = [1, # one\n 2,\n]\nb = []\nc = [[1], ['x', {y = 1}]]\n",
    "inline tables": "a = {}\nb = {c = 1, d.e = [{f = 1}], 'g h' = {i.j = 2, i.k = 3}}\n",
    "basic strings": 'a = """\nx"y""z\\"""\n"""""\nb = "\\t#"\nc = """\\\n   f"""\nd = ""\n',
    "literal strings": "a = '''\nq'''''\nb = '\\'\nc = ''\n",
    "numbers": "a = [1_000, 0xff, 0o7, 0b1, -1e5, +1.5, inf, -inf, true, false]\n",
    "times": "a = 1979-05-27 07:32:00Z\nb = 07:32:00.5 # x\nc = 1979-05-27\nd = [1979-05-27T00:32:00.9-07:00]\n",
    "carriage returns": "a = 1\r\n[b]\r\nc = '''\r\nd\r\n'''\r\n",
    "emoji": "'😀' = '🎉' # 💥\na = 1\n",
}


def iso(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: iso(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [iso(inner) for inner in value]
    return value.isoformat() if isinstance(value, (date, time)) else value


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_agrees_with_tomllib(text):
    assert repr(plain(text, "file.toml")) == repr(iso(tomllib.loads(text)))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_piece_means_what_it_means_in_its_place(text):
    root = parse_text(text, "file.toml").root
    assert root is not None
    for node in walk(root):
        piece = text[node.start : node.end]
        is_value = isinstance(node, ScalarNode) or piece.startswith("[") != piece.startswith("[[")
        if is_value and not isinstance(node, MappingNode):
            assert repr(iso(tomllib.loads(f"x = {piece}")["x"])) == repr(node.plain())
        if not isinstance(node, MappingNode):
            continue
        for key in node:
            span = node.key_span(key)
            assert list(tomllib.loads(f"{text[span.start_offset : span.end_offset]} = 1")) == [key]


def test_places_of_tables():
    text = "[a]\nb = 1 # c\n\n[a.d]\ne.f = 2\n\n[[g]]\nh = 3\n[[g]]\n# end\n"
    root = parse_text(text, "file.toml").root
    assert isinstance(root, MappingNode)
    pieces = {text[node.start : node.end] for node in walk(root)}
    assert pieces >= {"[a.d]\ne.f = 2", "f = 2", "2", "[[g]]\nh = 3", "[[g]]", "[[g]]\nh = 3\n[[g]]"}
    a = root.get("a")
    assert a is not None
    assert text[a.start : a.end] == "[a]\nb = 1 # c\n\n[a.d]\ne.f = 2"


@pytest.mark.parametrize(
    ("text", "place", "start"),
    [
        ("a = ", "", "1:5"),
        ("a", "", "1:2"),
        ("= 1", "=", "1:1"),
        ("a = 1\na = 2\nb = 3", "a", "2:1"),
        ("a = 1\na.b = 2", "a.b", "2:1"),
        ("[a]\nb = 1\n[a]\n", "a", "3:2"),
        ("a = 1\nb = [1, 2\nc = 3", "c", "3:1"),
        ("a = 1\nb = 'x\nc = 3", "'", "2:5"),
        ("a = 1 2", " ", "1:6"),
        ("a = 01\n", "01", "1:5"),
        ("a = yes\n", "yes", "1:5"),
        ('a = "\\q"', '"\\q"', "1:5"),
        ("a = 1\nb = {c = 1, c = 2}", "{c = 1, c = 2}", "2:5"),
        ("a = 1\nb = 2024-13-01\nc = 3", "2024-13-01", "2:5"),
        ("[a", "", "1:3"),
        ("[[a]", "]", "1:4"),
        ("a = [1 2]", "2", "1:8"),
        ("a = {b = 1", "{", "1:5"),
        ("a = 1 # \x01\n", " ", "1:6"),
    ],
)
def test_syntax(text, place, start):
    found = only(text, "file.toml")
    assert found.code == "DW115"
    assert (shown(found), str(found.span)) == (place, f"file.toml:{start}")


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a" + ".a" * 200 + " = 1", "a = " + "{b = " * 5000])
def test_too_deep(text):
    assert codes(text, "file.toml") == ["DW117"]


def test_byte_order_mark():
    assert plain("\ufeffa = 1", "file.toml") == {"a": 1}
