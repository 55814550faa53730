"""Where values and keys of YAML texts stand."""

from __future__ import annotations

import pytest

from dagwright.source import MappingNode
from tests.unit.source.helpers import check_places, parse_text

TEXTS = {
    "comments behind values": "a: 1 # one\nb: two # two\nc:\n  - x # x\n# between\n  - y\n\n# behind\nd: {e: f} # g\n",
    "block scalars": "a: |\n  x\n  y\n\n# comment\nb: >-  # folded\n  x\n   y\n\n\nc: 1\n",
    "quotes": "'a': 'it''s'\n\"b\": \"x\\ny # no comment\"\nc: 'two\n  lines'\n",
    "flow": "a: [1, [2, 3], {b: c, d}, e: f ]\ng: {h: [i], 'j':k}  \n",
    "flow over lines": "a: [\n  1, # one\n  2,\n]\nb: {\n  c: d, # e\n  }\n\n",
    "list without indentation": "a:\n- b\n- c: d\n  e: f\n- - g\n  - h\ni: j\n",
    "complex form": "? a\n: b\n? c\n: - d\n",
    "empty values": "a:\nb: # nothing\nc: ''\nd:\n  - \n  -\n",
    "multi-line plain": "a: one\n  two\n\n  three\n# behind\nb: c\n",
    "document marks": "---\na: 1\n...\n# behind\n",
    "directive": "%YAML 1.2\n---\na: 1\n",
    "emoji": "😀: 🎉 # 💥\nb: [é, '😀', \"\\U0001F600\"]\n",
    "carriage returns": "a: 1\r\nb:\r\n  - x # y\r\n  - z\r\n\r\nc: d\r\n",
    "old line ends": "a: x\x85y\nb: [\u2028, c]\n",
    "tags": "a: !!str 1\nb: !!map {c: d}\n!!str e: ! 12\n",
    "anchors": "a: &x 1\nb: &y\n  c: d\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_piece_means_what_it_means_in_its_place(text):
    check_places(text)


def place(text: str, *keys: str) -> str:
    """Return the piece of the text in which the value under some keys stands."""
    node = parse_text(text).root
    for key in keys:
        assert isinstance(node, MappingNode)
        node = node.get(key)
    assert node is not None
    return text[node.start : node.end]


def test_collections_end_with_their_last_value():
    text = "a:\n  b: 1 # c\n\n# d\ne:\n  - f  \n\n# g\n"
    assert place(text, "a") == "b: 1"
    assert place(text, "e") == "- f"
    assert place(text) == "a:\n  b: 1 # c\n\n# d\ne:\n  - f"


def test_collections_that_end_with_an_alias():
    text = "a: &x 1\nb: &y [2]\nc:\n  d: *x # e\n\nf:\n - *y\n\ng: {h: *y }\ni: [*x, *y ] # j\n"
    assert place(text, "c") == "d: *x"
    assert place(text, "f") == "- *y"
    assert place(text, "g") == "{h: *y }"
    assert place(text, "i") == "[*x, *y ]"
    assert place(text, "c", "d") == "&x 1"


def test_key_written_as_an_alias():
    text = "a: &x y\n*x : 1\nb: 2\n"
    root = parse_text(text).root
    assert isinstance(root, MappingNode)
    assert root.plain() == {"a": "y", "y": 1, "b": 2}
    span = root.key_span("y")
    assert text[span.start_offset : span.end_offset] == "*x"


def test_pair_in_a_list_ends_with_its_value():
    text = "a: [b: c , d: e, f]"
    node = parse_text(text).root
    assert isinstance(node, MappingNode)
    pieces = [text[item.start : item.end] for item in node.get("a").items]  # type: ignore[union-attr]
    assert pieces == ["b: c", "d: e", "f"]


def test_columns_count_code_points():
    root = parse_text("😀é: [x, 🎉🎉, here]\n").root
    assert isinstance(root, MappingNode)
    node = root.get("😀é")
    assert node is not None
    assert node.items[2].span.start[:2] == (1, 13)  # type: ignore[attr-defined]


def test_empty_value_stands_behind_its_colon():
    root = parse_text("a:\n\n# b\nc: d\n").root
    assert isinstance(root, MappingNode)
    node = root.get("a")
    assert node is not None
    assert (node.start, node.end) == (2, 2)
