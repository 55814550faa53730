"""A DAG as PNG, for mails and chats that show no SVG.

The drawing is resvg's. It finds the fonts of the machine, and many a container has none, so the font comes with
the extra: the same picture everywhere, and the machine's own fonts for letters that it lacks.
"""

from __future__ import annotations

from importlib.util import find_spec
from math import sqrt
from pathlib import Path
from xml.etree import ElementTree as ET

from dagwright.diagnostics import DagwrightError
from dagwright.graph.dag_graph import DagGraph
from dagwright.graph.svg import format_svg

__all__ = ["PngError", "render_png"]

_FONT_PACKAGE = "font_source_sans_pro"
_FONT_FILES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf")
_FONT_FAMILY = "Source Sans Pro"
_MOST_PIXELS = 64_000_000
_MISSING = "PNG pictures need another package: pip install 'dagwright[png]'"


class PngError(DagwrightError):
    """A picture that cannot be made: the extra is not installed, or the text is no SVG."""


def render_png(picture: DagGraph | str, scale: float = 2.0) -> bytes:
    """Draw a DAG, or the SVG of one, as PNG.

    Args:
        picture: the graph, or what `format_svg` made of it.
        scale: pixels per unit of the SVG; less where the picture would exceed 64 megapixels.

    Raises:
        PngError: `dagwright[png]` is not installed, or the text is no SVG.
    """
    font = find_spec(_FONT_PACKAGE)
    try:
        import resvg_py  # noqa: PLC0415  optional
    except ImportError as error:
        raise PngError(_MISSING) from error
    if font is None or font.origin is None:
        raise PngError(_MISSING)
    folder = Path(font.origin).parent / "files"
    svg = format_svg(picture) if isinstance(picture, DagGraph) else picture
    width, height = _size(svg)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=min(scale, sqrt(_MOST_PIXELS / (width * height))),
            font_files=[str(folder / name) for name in _FONT_FILES],
            font_family=_FONT_FAMILY,
            sans_serif_family=_FONT_FAMILY,
            style_sheet=f'text {{ font-family: "{_FONT_FAMILY}" }}',
        )
    )


def _size(svg: str) -> tuple[float, float]:
    try:
        root = ET.fromstring(svg)  # noqa: S314  our own text
        return float(root.attrib["width"]), float(root.attrib["height"])
    except (ET.ParseError, KeyError, ValueError) as error:
        raise PngError(f"the text is no SVG with a width and a height: {error}") from error
