"""The tables of a run, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.contenders import CONTENDERS, HAND, Contender
from benchmarks.fleet_files import KINDS
from benchmarks.pairs import Ratio
from benchmarks.results import Results, Sample

__all__ = ["COLUMNS", "format_about", "format_report"]

GROUPS, TASKS = (kind.name for kind in KINDS)
COLUMNS = {
    "build": "Full build: every DAG in one process",
    "worker": "One DAG of all, as a worker makes it for a task",
    "processor": "One file in Airflow's DAG processor",
}
_YAML = "PyYAML's CSafeLoader on the same files"


def format_report(results: Results) -> str:
    """Return every table that there is data for."""
    parts: list[str] = []
    for column, title in COLUMNS.items():
        lines = list(_table(results, column, GROUPS, CONTENDERS))
        if lines:
            parts += [f"### {title}", "\n".join(lines)]
    lines = list(_memory(results))
    if lines:
        parts += ["### Memory of a full build", "\n".join(lines)]
    lines = [line for column in ("build", "worker") for line in _table(results, column, TASKS, CONTENDERS, column)]
    if lines:
        lines = [lines[0], lines[1], *(line for line in lines[2:] if line not in lines[:2])]
        parts += ["### Task by task", "\n".join(lines)]
    lines = list(_offline(results))
    if lines:
        parts += ["### Without Airflow", "\n".join(lines)]
    return "\n\n".join(parts)


def format_about(results: Results) -> str:
    """Return what the run was made with."""
    about = results.about
    versions = [
        f"{name}: " + ", ".join(f"{package} {number}" for package, number in found.items())
        for name, found in about["versions"].items()
    ]
    minutes = f", {about['minutes']:.0f} minutes" if about.get("minutes") else ""
    lines = [
        f"`{about['command']}`",
        "",
        f"{about['cores']} cores, {about['memory_gb']} GB, {about['system']}{minutes}. The environments:",
        "",
        *(f"- {line}" for line in versions),
    ]
    return "\n".join(lines)


def _table(results: Results, column: str, kind: str, rows: Sequence[Contender], prefix: str = "") -> Iterator[str]:
    sizes = [size for size in results.sizes() if results.samples(column, kind, size, HAND)]
    if not sizes:
        return
    heads = [f"{size:,} DAGs: seconds | ratio | CPU ratio" for size in sizes]
    yield f"| | {' | '.join(heads)} |"
    yield "|---|" + "--:|--:|--:|" * len(sizes)
    for each in rows:
        cells: list[str] = []
        for size in sizes:
            place = (column, kind, size, each.name)
            if results.has_failed(*place):
                cells += ["failed", "", ""]
                continue
            seconds = results.median(place, _wall)
            cells.append("" if seconds is None else _seconds(seconds))
            for value in (_wall, _cpu):
                ratio = None if each.is_baseline else results.ratio(place, each.baseline, value)
                cells.append("1" if each.is_baseline and seconds is not None else _ratio(ratio))
        if any(cells):
            yield f"| {prefix}{': ' if prefix else ''}{each.name} | {' | '.join(cells)} |"


def _memory(results: Results) -> Iterator[str]:
    sizes = [size for size in results.sizes() if results.samples("build", GROUPS, size, HAND)]
    if not sizes:
        return
    yield f"| | {' | '.join(f'{size:,} DAGs: MB | ratio' for size in sizes)} |"
    yield "|---|" + "--:|--:|" * len(sizes)
    for each in CONTENDERS:
        cells: list[str] = []
        for size in sizes:
            place = ("build", GROUPS, size, each.name)
            used = results.median(place, _bytes)
            ratio = results.ratio(place, each.baseline, _bytes)
            cells += ["", ""] if used is None or ratio is None else [f"{used / 1e6:,.0f}", f"{ratio.median:.2f}"]
        if any(cells):
            yield f"| {each.name} | {' | '.join(cells)} |"


def _offline(results: Results) -> Iterator[str]:
    lines: list[str] = []
    for kind in (GROUPS, TASKS):
        for size in results.sizes():
            lines += _against(
                results, ("check", kind, size, "dagwright"), f"`dagwright check`, {size:,} DAGs, {kind}", _YAML
            )
    lines += _against(results, ("help", "", 0, "dagwright"), "`dagwright --help`", "`python -c pass`")
    if lines:
        yield "| | seconds | CPU seconds | against | its seconds | ratio |"
        yield "|---|--:|--:|---|--:|--:|"
        yield from lines


def _against(results: Results, place: tuple[str, str, int, str], name: str, against: str) -> Iterator[str]:
    wall, cpu = results.median(place, _wall), results.median(place, _cpu)
    other = results.median((*place[:3], against), _wall)
    if wall is not None and cpu is not None and other is not None:
        ratio = _ratio(results.ratio(place, against, _wall))
        yield f"| {name} | {_seconds(wall)} | {_seconds(cpu)} | {against} | {_seconds(other)} | {ratio} |"


def _wall(sample: Sample) -> float:
    return sample.wall


def _cpu(sample: Sample) -> float:
    return sample.cpu


def _bytes(sample: Sample) -> float:
    return float(sample.memory)


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _ratio(ratio: Ratio | None) -> str:
    """Show a ratio with its interval, in square brackets where that is only from the smallest to the largest."""
    if ratio is None:
        return ""
    text = f"{ratio.median:.2f}" if ratio.median < 10 else f"{ratio.median:.1f}"
    if ratio.rounds == 1:
        return text
    opening, closing = ("[", "]") if ratio.rounds < 6 else ("(", ")")
    return f"{text} {opening}{ratio.low:.2f} to {ratio.high:.2f}{closing}"
