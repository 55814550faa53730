"""Lines and columns, counted as editors count them."""

from __future__ import annotations

import pytest

from dagwright.diagnostics import SourceText


@pytest.mark.parametrize(
    ("text", "offset", "line", "column"),
    [
        ("", 0, 1, 1),
        ("abc", 99, 1, 4),
        ("abc", -1, 1, 1),
        ("a\nb", 2, 2, 1),
        ("a\r\nb", 3, 2, 1),
        ("a\rb", 2, 2, 1),
        ("a\n", 2, 2, 1),
        ("a\u0085\u2028b", 3, 1, 4),
        ("😀b", 1, 1, 2),
    ],
)
def test_position(text, offset, line, column):
    position = SourceText("a", text).position(offset)
    assert (position.line, position.column) == (line, column)


def test_lines_come_without_their_ends():
    source = SourceText("a", "one\r\ntwo\rthree\n\nfour\x0b\n")
    assert [source.line(number) for number in range(1, 7)] == ["one", "two", "three", "", "four\x0b", ""]
