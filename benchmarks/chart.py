"""The chart of a run: bars of seconds on a logarithmic scale, as an SVG that is read on light and on dark pages."""

from __future__ import annotations

import math
from html import escape

from benchmarks.contenders import AGAIN, CONTENDERS
from benchmarks.report import COLUMNS, GROUPS
from benchmarks.results import Results

__all__ = ["draw_chart"]

_LEFT, _WIDTH, _BAR, _GAP, _TOP = 250, 860, 11, 8, 46
_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 13px }
.faint { fill: #59636e }
.line { stroke: #59636e; stroke-opacity: .3 }
.ours { fill: #0969da } .hand { fill: #818b98 } .peer { fill: #bc4c00 }
.second { fill-opacity: .55 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .faint { fill: #9198a1 } .line { stroke: #9198a1 }
  .ours { fill: #4493f8 } .hand { fill: #9198a1 } .peer { fill: #db6d28 }
}
"""


def draw_chart(results: Results) -> str:
    """Return the SVG."""
    sizes = results.sizes()
    rows = [each for each in CONTENDERS if each.name != AGAIN]
    panels: list[str] = []
    top = 30
    for column, title in COLUMNS.items():
        medians = {
            (each.name, size): results.median((column, GROUPS, size, each.name), lambda sample: sample.wall)
            for each in rows
            for size in sizes
        }
        known = [value for value in medians.values() if value]
        if not known:
            continue
        low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
        shown = [each for each in rows if any(medians[each.name, size] for size in sizes)]
        height = len(shown) * (len(sizes) * _BAR + _GAP)
        panels.append(f'<text class="title" x="0" y="{top}">{escape(title)}, seconds</text>')
        start = top + 14
        for power in range(low, high + 1):
            x = _x(10.0**power, low, high)
            panels.append(f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{start}" y2="{start + height}"/>')
            panels.append(
                f'<text class="faint" text-anchor="middle" x="{x:.1f}" y="{start + height + 13}">{10.0**power:g}</text>'
            )
        y = start
        for each in shown:
            kind = "peer" if each.is_peer else "hand" if each.name.startswith("hand") else "ours"
            middle = y + len(sizes) * _BAR / 2 + 4
            panels.append(f'<text text-anchor="end" x="{_LEFT - 8}" y="{middle:.0f}">{escape(each.name)}</text>')
            for index, size in enumerate(sizes):
                value = medians[each.name, size]
                if value:
                    x = _x(value, low, high)
                    shade = " second" if index else ""
                    panels.append(
                        f'<rect class="{kind}{shade}" x="{_LEFT}" y="{y}" width="{x - _LEFT:.1f}" height="{_BAR - 2}"/>'
                        f'<text class="faint" x="{x + 4:.1f}" y="{y + _BAR - 2}">{value:.3g}</text>'
                    )
                y += _BAR
            y += _GAP
        top = y + _TOP
    legend = " · ".join(f"{'upper' if index == 0 else 'lower'} bar: {size:,} DAGs" for index, size in enumerate(sizes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top - 10}" width="{_WIDTH}" role="img"'
        f' aria-label="Seconds of a full build, of one DAG on a worker and of one file in the DAG processor">\n'
        f"<style>\n{_STYLE}</style>\n"
        f'<text class="faint" x="0" y="12">{escape(legend)}; logarithmic scales</text>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def _x(value: float, low: int, high: int) -> float:
    return _LEFT + (math.log10(value) - low) / max(high - low, 1) * (_WIDTH - _LEFT - 50)
