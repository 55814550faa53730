"""A short way to a span: the text with the marked part between two guillemets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dagwright.diagnostics import SourceText, Span


@pytest.fixture
def mark() -> Callable[..., Span]:
    def make(text: str, name: str = "a.dag.yaml") -> Span:
        start, end = text.index("«"), text.index("»") - 1
        source = SourceText(name, text.replace("«", "").replace("»", ""))
        return Span(source=source, start_offset=start, end_offset=end)

    return make
