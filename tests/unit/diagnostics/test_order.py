"""Findings come in one order, each of them once."""

from __future__ import annotations

import random

from dagwright.diagnostics import Diagnostic, SourceText, Span, sort_diagnostics


def at(name: str, offset: int, code: str = "DW203", message: str = "m") -> Diagnostic:
    span = Span(source=SourceText(name, "x" * 100), start_offset=offset, end_offset=offset + 1)
    return Diagnostic(code=code, message=message, span=span)


def test_by_file_offset_and_code():
    ordered = [
        Diagnostic(code="DW409", message="m"),
        Diagnostic(code="DW116", message="m", file="a"),
        at("a", 3, "DW203"),
        at("a", 3, "DW205"),
        at("a", 20),
        at("b", 1),
    ]
    for seed in range(10):
        assert sort_diagnostics(random.Random(seed).sample(ordered, len(ordered))) == ordered


def test_equal_places_keep_their_order():
    first, second = at("a", 1, message="z"), at("a", 1, message="a")
    assert sort_diagnostics([first, second]) == [first, second]
    assert sort_diagnostics([second, first]) == [second, first]


def test_identical_findings_are_told_once():
    assert len(sort_diagnostics([at("a", 1), at("a", 1)])) == 1


def test_the_same_place_in_another_file_is_another_finding():
    assert [found.file_name for found in sort_diagnostics([at("b", 1), at("a", 1)])] == ["a", "b"]
