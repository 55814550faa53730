"""What a run of the benchmark leaves behind, and the tables and the chart that are made of it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.chart import draw_chart
from benchmarks.contenders import AGAIN, CONTENDERS, HAND
from benchmarks.pairs import ratio_of
from benchmarks.report import GROUPS, format_about, format_report
from benchmarks.results import Entry, Results, Sample

STUBS, LOADER, BLUEPRINT = "Dagwright: stubs", "Dagwright: one loader", "airflow-blueprint 0.5.0"


def entry(row: str, number: int, wall: float | None, *, size: int = 440, column: str = "build") -> Entry:
    sample = None if wall is None else Sample(wall=wall, cpu=wall / 2, memory=int(wall * 1e8))
    return Entry(
        column=column, kind=GROUPS, size=size, row=row, round=number, sample=sample, failed="" if sample else "x"
    )


@pytest.fixture
def results() -> Results:
    about = {
        "command": "python -m benchmarks", "cores": 2, "memory_gb": 8, "system": "Linux", "versions": {"a": {"b": "1"}},
    }  # fmt: skip
    entries = [entry(row, number, 2.0 * (1 + number)) for number in range(8) for row in (HAND, AGAIN)]
    entries += [entry(STUBS, number, 2.2 * (1 + number)) for number in range(8)]
    entries += [entry(BLUEPRINT, number, 5.0 * (1 + number)) for number in range(3)]
    entries += [entry(HAND, 0, 50.0, size=10_000), entry(BLUEPRINT, 0, None, size=10_000)]
    return Results(about=about, entries=entries)


def cells(text: str, row: str) -> list[str]:
    (line,) = [line for line in text.split("### Memory", maxsplit=1)[0].splitlines() if line.startswith(f"| {row} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_what_is_written_is_read_back(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path / "new" / "results.json")
    assert Results.read(tmp_path / "new" / "results.json") == results
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["results.json"]


def test_a_table_has_medians_ratios_and_what_failed(results: Results) -> None:
    text = format_report(results)
    assert cells(text, HAND) == ["9.00", "1", "1", "50.00", "1", "1"]
    assert cells(text, AGAIN) == ["9.00", "1.00 (1.00 to 1.00)", "1.00 (1.00 to 1.00)", "", "", ""]
    assert cells(text, STUBS)[:2] == ["9.90", "1.10 (1.10 to 1.10)"]
    assert cells(text, BLUEPRINT) == ["10.00", "2.50 [2.50 to 2.50]", "2.50 [2.50 to 2.50]", "failed", "", ""]
    assert LOADER not in text
    assert "`python -m benchmarks`" in format_about(results)


def test_an_interval_of_few_rounds_is_the_whole_range() -> None:
    few = ratio_of([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5)
    assert (few.median, few.low, few.high, few.rounds) == (3.0, 1.0, 5.0, 5)
    many = ratio_of([float(number) for number in range(1, 10)], [1.0] * 9)
    assert (many.median, many.low, many.high) == (5.0, 2.0, 8.0)


def test_a_chart_has_a_bar_for_each_median(results: Results) -> None:
    root = ET.fromstring(draw_chart(results))
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 4  # by hand twice, stubs, blueprint
    by_hand, large, stubs, blueprint = (float(bar.attrib["width"]) for bar in bars)
    assert by_hand < stubs < blueprint < large


def test_every_row_has_a_baseline_that_comes_before_it() -> None:
    names = [each.name for each in CONTENDERS]
    assert len(set(names)) == len(names)
    for each in CONTENDERS:
        assert names.index(each.baseline) <= names.index(each.name)
