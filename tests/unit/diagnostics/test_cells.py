"""Cells, escapes and line breaks."""

from __future__ import annotations

import pytest

from dagwright.diagnostics.cells import cell_width, clip, show, wrap


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("日本", 4),
        ("\uff71", 1),
        ("\uff21", 2),
        ("é", 1),
        ("e\u0301", 1),
        ("😀", 2),
        ("\u1112\u1161\u11ab", 2),
    ],
)
def test_cell_width(text, width):
    assert cell_width(text) == width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 日 \u00a0x", "plain 日 \u00a0x"),
        ("\x1b[0m\x9b", "\\x1b[0m\\x9b"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\u202e\ufeff\u200b\u2028", "\\u202e\\ufeff\\u200b\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud83d", "\\ud83d"),
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_show(text, shown):
    assert show(text) == shown


def test_wrap_keeps_quoted_texts_and_knows_apostrophes():
    assert wrap("the file's name 'a b c' is long", 12) == ["the file's", "name 'a b c'", "is long"]
    assert wrap("x ('a b', 'c d'): y", 8) == ["x", "('a b',", "'c d'):", "y"]
    assert wrap("nothing to do", None) == ["nothing to do"]
    assert wrap("", 5) == [""]


def test_clip():
    assert clip("abc", 3) == "abc"
    assert clip("abcdefghij", 6) == "abc…ij"
