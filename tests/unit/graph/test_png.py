from __future__ import annotations

import struct
import sys

import pytest

from dagwright.diagnostics import DagwrightError
from dagwright.graph import DagGraph, format_svg, render_png


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_picture_of_a_graph_and_of_its_svg(typical: DagGraph) -> None:
    pytest.importorskip("resvg_py")
    png = render_png(typical, scale=1.0)
    assert png == render_png(format_svg(typical), scale=1.0)
    single, double = size(png), size(render_png(typical, scale=2.0))
    assert list(double) == pytest.approx([2 * side for side in single], abs=2)


def test_a_machine_without_fonts_draws_the_same(typical: DagGraph, monkeypatch) -> None:
    resvg_py = pytest.importorskip("resvg_py")
    with_fonts = render_png(typical, scale=1.0)
    draw = resvg_py.svg_to_bytes
    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda **options: draw(**options, skip_system_fonts=True))
    assert render_png(typical, scale=1.0) == with_fonts


def test_text_is_drawn(build) -> None:
    pytest.importorskip("resvg_py")
    short, long = (render_png(build("d", {"t": (operator, [])}), scale=1.0) for operator in ("A", "Bcdefgh"))
    assert size(short) == size(long)
    assert short != long


def test_a_huge_picture_is_made_smaller(build) -> None:
    pytest.importorskip("resvg_py")
    width, height = size(render_png(build("d", {"t": ("A", [])}), scale=1000.0))
    assert 50_000_000 < width * height < 65_000_000


def test_a_text_that_is_no_svg_is_an_error() -> None:
    pytest.importorskip("resvg_py")
    for text in ("no svg", "<svg/>"):
        with pytest.raises(DagwrightError, match="no SVG"):
            render_png(text)


def test_without_the_extra_the_message_says_what_to_install(typical: DagGraph, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(DagwrightError, match=r"pip install 'dagwright\[png\]'$"):
        render_png(typical)
