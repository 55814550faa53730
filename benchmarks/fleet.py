"""What Dagwright costs beside Airflow itself: a fleet of YAML files against the same DAGs written by hand in Python.

    python -m benchmarks [--files 440] [--pairs 20] [--rows build worker check help] [--large 10000] [--json]

Rows are ratios against the baseline of the same run; see docs/benchmarks.md for the method. Before anything is timed,
both sides are built and compared: task ids, groups, dependencies, operators and their arguments have to be equal.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.fleet_files import KINDS, Fleet, write_fleet
from benchmarks.pairs import Cost, Ratio, measure, ratio_of, run
from dagwright.graph import DagGraph, compare, format_change

__all__ = ["main"]

CHILD = str(Path(__file__).with_name("fleet_child.py"))
DAGWRIGHT = str(Path(sys.executable).with_name("dagwright"))
READ_YAML = """\
import pathlib, sys, yaml
for file in sorted(pathlib.Path(sys.argv[1]).glob("dags/**/*.dag.yaml")):
    yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: Dagwright against a baseline, and the baseline against itself.

    Seconds are medians; `wall` is None where only the CPU time of a part of the process was taken.
    """

    name: str
    baseline: str
    cpu: Ratio
    cpu_itself: Ratio
    wall: Ratio | None
    wall_itself: Ratio | None
    seconds: float
    baseline_seconds: float


class Bench:
    """One run: the environment of its processes, and how often each is started."""

    def __init__(self, folder: Path, pairs: int) -> None:
        self.folder = folder
        self.pairs = pairs
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AIRFLOW_", "DAGWRIGHT_")) and name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
        }
        self.environment = {
            **kept,
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            # A loader of 10,000 DAGs may take longer than a file of one.
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "0",
        }

    def fleets(self, size: int) -> list[Fleet]:
        """Write a fleet of each kind."""
        return [write_fleet(kind, size, self.folder / f"{kind.name.replace(' ', '-')}-{size}") for kind in KINDS]

    def rows(
        self, name: str, ours: Sequence[str], baseline: tuple[str, Sequence[str]], modules: Path | None = None
    ) -> Iterator[Row]:
        """Measure Dagwright against a baseline, and the baseline against itself."""
        environment = {**self.environment, "PYTHONPATH": str(modules)} if modules else self.environment
        described, command = baseline
        costs = measure({"baseline": command, "ours": ours, "itself": command}, environment, self.pairs)

        def row(name: str, seconds: Callable[[Cost], float], wall: bool) -> Row:
            values = {who: [seconds(cost) for cost in each] for who, each in costs.items()}
            clock = {who: [cost.wall for cost in each] for who, each in costs.items()}
            return Row(
                name=name,
                baseline=described,
                cpu=ratio_of(values["ours"], values["baseline"]),
                cpu_itself=ratio_of(values["itself"], values["baseline"]),
                wall=ratio_of(clock["ours"], clock["baseline"]) if wall else None,
                wall_itself=ratio_of(clock["itself"], clock["baseline"]) if wall else None,
                seconds=statistics.median(clock["ours"] if wall else values["ours"]),
                baseline_seconds=statistics.median(clock["baseline"] if wall else values["baseline"]),
            )

        yield row(name, lambda cost: cost.cpu, wall=True)
        if CHILD in command:
            yield row(f"{name}, without importing Airflow", _printed_seconds, wall=False)

    def build(self, fleet: Fleet) -> Iterator[Row]:
        """Every DAG of the fleet in one process, through Airflow's DagBag."""
        count = str(fleet.size)
        return self.rows(
            f"build {count}, {fleet.kind.name}",
            [sys.executable, CHILD, "build", str(fleet.loader.parent), count],
            ("by hand", [sys.executable, CHILD, "build", str(fleet.by_hand), count]),
            fleet.modules,
        )

    def worker(self, fleet: Fleet) -> Iterator[Row]:
        """One DAG of the fleet in a process of its own, as a task's start on a worker makes it."""
        dag_id = fleet.one_by_hand.stem
        return self.rows(
            f"worker, 1 of {fleet.size}, {fleet.kind.name}",
            [sys.executable, CHILD, "worker", str(fleet.stub), dag_id],
            ("by hand", [sys.executable, CHILD, "worker", str(fleet.one_by_hand), dag_id]),
            fleet.modules,
        )

    def check(self, fleet: Fleet) -> Iterator[Row]:
        """`dagwright check` of the whole project."""
        return self.rows(
            f"`dagwright check`, {fleet.size}, {fleet.kind.name}",
            [DAGWRIGHT, "check", "--project", str(fleet.project)],
            ("PyYAML's CSafeLoader on the same files", [sys.executable, "-c", READ_YAML, str(fleet.project)]),
        )

    def help(self) -> Iterator[Row]:
        """`dagwright --help`."""
        baseline = ("`python -c pass`", [sys.executable, "-c", "pass"])
        return self.rows("`dagwright --help`", [DAGWRIGHT, "--help"], baseline)

    def compare(self, fleet: Fleet) -> None:
        """See that both sides of a fleet are the same DAGs.

        Raises:
            SystemExit: they are not.
        """
        places = {"ours": fleet.loader.parent, "stub": fleet.stub, "hand": fleet.by_hand}
        graphs = {side: self._graphs(place, fleet.modules) for side, place in places.items()}
        stub_id = fleet.one_by_hand.stem
        if graphs["ours"].keys() != graphs["hand"].keys() or len(graphs["hand"]) != fleet.size:
            sys.exit(f"{fleet.kind.name}: the two sides have different DAGs")
        for dag_id, by_hand in graphs["hand"].items():
            for side in ("ours", "stub") if dag_id == stub_id else ("ours",):
                change = compare(by_hand, graphs[side][dag_id])
                if change:
                    sys.exit(f"{fleet.kind.name}, {dag_id}: by hand and {side} differ\n{format_change(change)}")

    def _graphs(self, place: Path, modules: Path) -> dict[str, DagGraph]:
        result = self.folder / "graphs.json"
        command = [sys.executable, CHILD, "graphs", str(place), str(result)]
        run(command, {**self.environment, "PYTHONPATH": str(modules)})
        data = json.loads(result.read_text(encoding="utf-8"))
        return {dag_id: DagGraph.from_json(_comparable(graph)) for dag_id, graph in data.items()}


def _printed_seconds(cost: Cost) -> float:
    return float(cost.printed.split()[-1])


def _comparable(graph: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """Take away what Dagwright adds to a DAG of its own accord: the digest below its text, a search path, its order."""
    attributes = graph["attributes"]
    attributes.pop("template_searchpath", None)
    attributes["doc_md"] = str(attributes["doc_md"]).partition("\n\n*dagwright digest ")[0]
    return graph


def _machine() -> dict[str, object]:
    packages = ("apache-airflow-core", "apache-airflow-task-sdk", "pydantic", "PyYAML", "dagwright")
    return {
        "cores": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "commit": _commit(),
    }


def _commit() -> str:
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


def _cell(ratio: Ratio | None) -> str:
    return "" if ratio is None else f"{ratio.median:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"


_HEAD = """\
| measured | against | CPU: ratio (95 %) | A/A | wall: ratio (95 %) | A/A | seconds | baseline |
|---|---|---|---|---|---|---|---|"""


def _line(row: Row) -> str:
    cells = [
        row.name,
        row.baseline,
        *map(_cell, (row.cpu, row.cpu_itself, row.wall, row.wall_itself)),
        f"{row.seconds:.3f}",
        f"{row.baseline_seconds:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def _measured(bench: Bench, rows: Sequence[str], files: int, large: int | None) -> Iterator[Row]:
    """Yield the rows that were asked for, each as soon as it is there."""
    fleets = bench.fleets(files)
    for fleet in fleets:
        bench.compare(fleet)
    large_fleets = bench.fleets(large) if large else []
    for fleet in fleets:
        if "build" in rows:
            yield from bench.build(fleet)
    for fleet in (*fleets, *large_fleets):
        if "worker" in rows:
            yield from bench.worker(fleet)
    for fleet in (*fleets, *large_fleets):
        if "check" in rows:
            yield from bench.check(fleet)
    if "help" in rows:
        yield from bench.help()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit code."""
    names = ("build", "worker", "check", "help")
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Dagwright against Airflow.")
    parser.add_argument("--files", type=int, default=440, metavar="N", help="DAGs of each kind (default 440)")
    parser.add_argument("--pairs", type=int, default=20, metavar="N", help="rounds per row (default 20)")
    parser.add_argument("--rows", nargs="+", choices=names, default=names, help="what to measure (default all)")
    parser.add_argument("--large", type=int, metavar="N", help="worker and check for N DAGs as well, such as 10000")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a Markdown table")
    options = parser.parse_args(arguments)
    machine = _machine()
    command = shlex.join(["python", "-m", "benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
    if not options.json:
        packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())  # type: ignore[attr-defined]  # a dict
        print(f"machine: {machine['cores']} cores, {machine['system']}, load {machine['load']}")
        print(f"versions: Python {machine['python']}, {packages}, commit {machine['commit']}")
        print(f"command: {command}")
        print(f"{options.files} DAGs of 20 tasks of each kind, {options.pairs} pairs per row\n\n{_HEAD}", flush=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="dagwright-bench-") as folder:
        for row in _measured(Bench(Path(folder), options.pairs), options.rows, options.files, options.large):
            rows.append(row)
            # A long run that is stopped has shown what it measured so far.
            print(
                f"measured: {row.name}" if options.json else _line(row),
                file=sys.stderr if options.json else sys.stdout,
                flush=True,
            )
    if options.json:
        result = {"machine": machine, "command": command, "files": options.files, "pairs": options.pairs}
        print(json.dumps({**result, "rows": [asdict(row) for row in rows]}, indent=2))
    return 0
