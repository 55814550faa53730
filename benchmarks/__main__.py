"""What Dagwright costs beside hand-written Python and beside other libraries: see docs/benchmarks.md.

python -m benchmarks [--quick] [--sizes 440 10000] [--rounds 5] [--worker-rounds 20] [--large-rounds 1]
                     [--peer-rounds 1] [--without-end]
python -m benchmarks --render benchmarks/results.json
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.chart import draw_chart
from benchmarks.contenders import CONTENDERS
from benchmarks.environments import versions_of
from benchmarks.fleet_files import KINDS, Fleet
from benchmarks.report import COLUMNS, format_about, format_report
from benchmarks.results import Entry, Results, Sample

_ROOT = Path(__file__).resolve().parent.parent
_PAGE = _ROOT / "docs" / "benchmarks.md"
_CHART = _ROOT / "docs" / "images" / "benchmarks.svg"
_BEGIN, _END = "<!-- results: python -m benchmarks --render -->\n", "<!-- end of results -->\n"
# Rounds of a size above this are those of --large-rounds.
_LARGE = 2000
_YAML = "PyYAML's CSafeLoader on the same files"

Measure = Callable[[], Sample]


def main() -> int:
    """Run the benchmark, or render a run."""
    options = _options()
    if options.render is not None:
        _render(Results.read(options.render))
        return 0
    chosen = [each for each in CONTENDERS if options.peer_rounds or not each.is_peer]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dagwright-bench-") as folder:
        bench = Bench(Path(folder), chosen, without_end=options.without_end)
        results = Results(about=_about(bench))
        try:
            for entry in _entries(bench, options):
                results.entries.append(entry)
                results.about["minutes"] = (time.monotonic() - started) / 60
                results.write(options.out)
        except KeyboardInterrupt:
            print("interrupted: what follows is what was measured until then", file=sys.stderr)
    print(f"{format_about(results)}\n\n{format_report(results)}\n\nwritten to {options.out}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure Dagwright beside Python and others."
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[440, 10_000], metavar="N", help="DAGs (default 440 10000)"
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds (default 5)")
    parser.add_argument(
        "--worker-rounds",
        type=int,
        default=20,
        metavar="N",
        help="rounds of one DAG in a fresh process, which takes seconds (default 20; half of them above 2000 DAGs)",
    )
    parser.add_argument(
        "--large-rounds", type=int, default=1, metavar="N", help=f"rounds above {_LARGE} DAGs (default 1)"
    )
    parser.add_argument(
        "--peer-rounds", type=int, default=1, metavar="N", help="rounds of other libraries (default 1); 0: none"
    )
    parser.add_argument(
        "--columns", nargs="+", choices=[*COLUMNS, "offline"], default=[*COLUMNS, "offline"], help="what to measure"
    )
    parser.add_argument(
        "--without-end",
        action="store_true",
        help="measure builds and workers to the last DAG, not to the process's end",
    )
    parser.add_argument("--quick", action="store_true", help="60 DAGs, 2 rounds: to see that everything runs")
    parser.add_argument(
        "--out", type=Path, default=_ROOT / "benchmarks" / "results.json", metavar="JSON", help="where it goes"
    )
    parser.add_argument(
        "--render", type=Path, metavar="JSON", help="write tables and chart of a run into docs/ and end"
    )
    options = parser.parse_args()
    if options.quick:
        options.sizes, options.rounds, options.worker_rounds, options.peer_rounds = [60], 2, 2, 1
    return options


def _entries(bench: Bench, options: argparse.Namespace) -> Iterator[Entry]:
    """Yield what was measured, each entry as soon as it is there."""
    bench.homes()
    # Large ones first: what is short and wants many rounds comes when whatever ran before has gone.
    for size in sorted(options.sizes, reverse=True):
        is_large = size > _LARGE
        fleets = bench.fleets(size, 1 if is_large else len(KINDS))
        if size == min(options.sizes):
            for fleet in fleets:
                bench.compare(fleet)
        for number in range(max(options.rounds, options.large_rounds, options.worker_rounds)):
            for fleet in fleets:
                yield from _round(bench, fleet, options, number, is_large=is_large)
    if "offline" in options.columns:
        for number in range(options.rounds):
            for row, measure in (("dagwright", bench.help), ("`python -c pass`", bench.nothing)):
                yield _entry(("help", "", 0, row, number), measure)


def _round(bench: Bench, fleet: Fleet, options: argparse.Namespace, number: int, *, is_large: bool) -> Iterator[Entry]:
    """Measure everybody once, in an order that turns from round to round."""
    kind, size = fleet.kind.name, fleet.size
    turn = number % len(bench.contenders)
    for column in options.columns:
        rounds = _rounds(options, fleet, column, is_large=is_large)
        if column == "offline":
            if number < rounds:
                yield _entry(("check", kind, size, "dagwright", number), partial(bench.check, fleet))
                yield _entry(("check", kind, size, _YAML, number), partial(bench.yaml, fleet))
            continue
        for each in [*bench.contenders[turn:], *bench.contenders[:turn]]:
            if each.is_peer:
                limit = min(options.peer_rounds, options.large_rounds) if is_large else options.peer_rounds
                if number >= limit or not fleet.kind.has_peers:
                    continue
            elif number >= rounds or (column == "processor" and not fleet.kind.has_peers):
                continue
            place = (column, kind, size, each.name, number)
            match column:
                case "build":
                    entry = _entry(place, partial(bench.build, each, fleet))
                    yield entry
                    if each.is_peer and is_large and "worker" in options.columns:
                        # They know no parsing context and do on a worker what they do here: one process for both.
                        yield Entry(
                            column="worker", kind=kind, size=size, row=each.name, round=number,
                            sample=entry.sample, failed=entry.failed,
                        )  # fmt: skip
                case "worker":
                    if not (each.is_peer and is_large):
                        yield _entry(place, partial(bench.worker, each, fleet))
                case _:
                    yield _entry(place, partial(bench.processor, each, fleet, once=is_large))


def _rounds(options: argparse.Namespace, fleet: Fleet, column: str, *, is_large: bool) -> int:
    """Return how often Dagwright and Python by hand are measured."""
    if column == "worker" and fleet.kind.has_peers:
        rounds: int = options.worker_rounds // 2 if is_large else options.worker_rounds
        return max(1, rounds)
    # Whatever makes all DAGs of a large fleet, or reads all its files, takes long.
    if is_large and column in ("build", "processor"):
        return int(options.large_rounds)
    return max(1, options.rounds // 2) if is_large or column == "processor" else int(options.rounds)


def _entry(place: tuple[str, str, int, str, int], measure: Measure) -> Entry:
    column, kind, size, row, number = place
    sample, failed = None, ""
    try:
        sample = measure()
        said = f"{sample.wall:.3f} s, {sample.cpu:.3f} s CPU"
    except RuntimeError as error:
        failed = str(error)[-2000:]
        said = f"failed: {failed}"
    print(f"round {number + 1}, {size} {kind}, {column}, {row}: {said}", file=sys.stderr, flush=True)
    return Entry(column=column, kind=kind, size=size, row=row, round=number, sample=sample, failed=failed)


def _about(bench: Bench) -> dict[str, object]:
    return {
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "load": [round(value, 2) for value in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {name: versions_of(python) for name, python in bench.pythons.items()},
        "commit": _commit(),
    }


def _commit() -> str:
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=_ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


def _render(results: Results) -> None:
    """Write the tables between the markers of the page, and the chart beside it."""
    _CHART.parent.mkdir(exist_ok=True)
    _CHART.write_text(draw_chart(results), encoding="utf-8")
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    picture = f"![Seconds by library, number of DAGs and process](images/{_CHART.name})"
    text = f"{format_about(results)}\n\n{picture}\n\n{format_report(results)}"
    _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
