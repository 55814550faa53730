"""One run of the benchmark: its processes, started in rounds."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.environments import python_of
from benchmarks.fleet_files import KINDS, Fleet, write_fleet
from benchmarks.names import dag_id
from benchmarks.pairs import Cost, run
from benchmarks.results import Sample
from dagwright.graph import DagGraph, compare, format_change

__all__ = ["Bench"]

_HERE = Path(__file__).parent
_CHILD = str(_HERE / "fleet_child.py")
_PROCESSOR = str(_HERE / "processor_child.py")
_READ_YAML = """\
import pathlib, sys, yaml
for file in sorted(pathlib.Path(sys.argv[1]).glob("dags/**/*.dag.yaml")):
    yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
"""
# Files that the DAG processor parses before it is stopped; what a single file costs when it is parsed again.
_FILES = 15
_TIMES = 2


class Bench:
    """Generated fleets and how to run what is compared.

    Args:
        folder: for everything that is generated.
        contenders: who takes part.
        without_end: whether builds and workers count to the last DAG only.
    """

    def __init__(self, folder: Path, contenders: Sequence[Contender], *, without_end: bool = False) -> None:
        self.folder = folder
        self.contenders = contenders
        self.pythons = {name: python_of(name) for name in dict.fromkeys(each.environment for each in contenders)}
        self._kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AIRFLOW", "DAGWRIGHT", "PYTHON", "_AIRFLOW"))
        }
        if without_end:
            self._kept["BENCHMARK_WITHOUT_END"] = "1"

    def fleets(self, size: int, kinds: int = 1) -> list[Fleet]:
        """Write fleets, with their stubs, and compile what is Python in them."""
        fleets = [write_fleet(kind, size, self.folder / f"{kind.name.split()[0]}-{size}") for kind in KINDS[:kinds]]
        python = self.pythons["dagwright"]
        for fleet in fleets:
            sync = ["sync", "--project", str(fleet.project), "--output", str(fleet.stubs)]
            run([python, "-m", "dagwright", *sync], self._kept)
            places = [fleet.by_hand.parent, fleet.stubs, fleet.loader, fleet.project]
            run([python, "-m", "compileall", "-q", "-j", "0", *map(str, places)], self._kept)
        return fleets

    def homes(self) -> None:
        """Make Airflow's database once for each environment."""
        for name, python in self.pythons.items():
            environ = {**self._kept, "AIRFLOW_HOME": str(self._home(name)), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
            run([python, "-m", "airflow", "db", "migrate"], environ)

    def build(self, each: Contender, fleet: Fleet) -> Sample:
        """Every DAG in one process."""
        command = [self.pythons[each.environment], _CHILD, "build", str(each.folder(fleet)), str(fleet.size)]
        return _sample(run(command, self._environ(each, fleet)))

    def worker(self, each: Contender, fleet: Fleet) -> Sample:
        """The one DAG of a task in a process of its own."""
        arguments = [str(each.folder(fleet)), str(each.file(fleet)), dag_id(fleet.one)]
        return _sample(run([self.pythons[each.environment], _CHILD, "worker", *arguments], self._environ(each, fleet)))

    def processor(self, each: Contender, fleet: Fleet, *, once: bool) -> Sample:
        """What Airflow's DAG processor says that one file takes; the first one warms it where there are several."""
        result, home = self.folder / "durations.txt", self.folder / "processor-home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self._home(each.environment), home)
        files = _FILES if not each.one_file else 1 if once else _TIMES
        environ = {**self._environ(each, fleet), "AIRFLOW_HOME": str(home)}
        # A folder may have other Python files than the one that makes all DAGs.
        only = [each.file(fleet).stem] if each.one_file else []
        command = [self.pythons[each.environment], _PROCESSOR, str(result), str(min(files, fleet.size)), *only]
        cost = run(command, environ)
        if not result.is_file():
            raise RuntimeError(f"the DAG processor ended early:\n{cost.printed}")
        lines = [[float(number) for number in line.split()] for line in result.read_text().splitlines()]
        result.unlink()
        seconds = [wall for wall, _ in lines]
        used = [after - before for (_, before), (_, after) in itertools.pairwise(lines)] or [lines[0][1]]
        return Sample(wall=statistics.median(seconds[1:] or seconds), cpu=statistics.median(used))

    def check(self, fleet: Fleet) -> Sample:
        """`dagwright check` of a whole project."""
        return _sample(
            run([self.pythons["dagwright"], "-m", "dagwright", "check", "--project", str(fleet.project)], self._kept)
        )

    def yaml(self, fleet: Fleet) -> Sample:
        """PyYAML's CSafeLoader on the same files and nothing else."""
        return _sample(run([self.pythons["dagwright"], "-c", _READ_YAML, str(fleet.project)], self._kept))

    def help(self) -> Sample:
        """`dagwright --help`."""
        return _sample(run([self.pythons["dagwright"], "-m", "dagwright", "--help"], self._kept))

    def nothing(self) -> Sample:
        """A Python that does nothing."""
        return _sample(run([self.pythons["dagwright"], "-c", "pass"], self._kept))

    def compare(self, fleet: Fleet) -> None:
        """See that everybody makes the same DAGs.

        Dagwright and Python by hand are compared with all attributes and arguments; other libraries add things of
        their own, so that of them tasks, dependencies, operators and their arguments count.

        Raises:
            SystemExit: somebody does not.
        """
        parts = [each for each in self.contenders if fleet.kind.has_peers or not each.is_peer]
        for each in parts:
            made = self._described(each, fleet, "tasks")
            if each.is_baseline:
                by_hand = made
            for dag, described in made.items():
                if by_hand.get(dag) != described:
                    sys.exit(f"{fleet.kind.name}: {each.name} makes another DAG '{dag}' than the one by hand")
            if made.keys() != by_hand.keys():
                sys.exit(f"{fleet.kind.name}: {each.name} makes other DAGs than there are by hand")
        for each in parts:
            if each.is_peer:
                continue
            graphs = self._described(each, fleet, "graphs")
            if each.is_baseline:
                expected = graphs
            for dag, graph in graphs.items():
                change = compare(DagGraph.from_json(_comparable(expected[dag])), DagGraph.from_json(_comparable(graph)))
                if change:
                    sys.exit(f"{fleet.kind.name}, {dag}: by hand and {each.name} differ\n{format_change(change)}")

    def _described(self, each: Contender, fleet: Fleet, what: str) -> dict[str, dict[str, object]]:
        result = self.folder / "described.json"
        command = [self.pythons[each.environment], _CHILD, what, str(each.folder(fleet)), str(result)]
        run(command, self._environ(each, fleet))
        found: dict[str, dict[str, object]] = json.loads(result.read_text(encoding="utf-8"))
        return {dag: _without_prefixes(data) if each.is_peer else data for dag, data in found.items()}

    def _environ(self, each: Contender, fleet: Fleet) -> dict[str, str]:
        return {
            **self._kept,
            "AIRFLOW_HOME": str(self._home(each.environment)),
            "AIRFLOW__CORE__DAGS_FOLDER": str(each.folder(fleet)),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            # With Airflow's own limits of 30 and 50 seconds a large loader would not be parsed at all.
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "0",
            "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "36000",
            # One at a time, so that files do not wait for each other; a single file is parsed again at once.
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "0" if each.one_file else "36000",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "PYTHONPATH": str(fleet.modules),
            **dict(each.environ),
        }

    def _home(self, environment: str) -> Path:
        return self.folder / f"home-{environment}"


def _sample(cost: Cost) -> Sample:
    return Sample(wall=cost.wall, cpu=cost.cpu, memory=cost.memory)


def _without_prefixes(dag: dict[str, object]) -> dict[str, object]:
    """Take the group out of dag-factory's task ids, which have to be unique by themselves, and the tag that it adds."""
    text = json.dumps(dag["tasks"])
    groups = {name.partition(".")[0] for name in json.loads(text)}
    for group in groups:
        for step in ("wait", "fetch", "load", "verify", "export", "sign", "upload", "notify"):
            text = text.replace(f'"{group}.{step}_{group}"', f'"{group}.{step}"')
    tasks = json.loads(text)
    for task in tasks.values():
        task["upstream"] = sorted(task["upstream"])
    tags = dag["tags"]
    assert isinstance(tags, list)
    return {**dag, "tags": [tag for tag in tags if tag != "dagfactory"], "tasks": tasks}


def _comparable(graph: dict[str, object]) -> dict[str, object]:
    """Take away what Dagwright adds to a DAG of its own accord: the digest below its text, a search path, its order."""
    attributes = graph["attributes"]
    assert isinstance(attributes, dict)
    attributes.pop("template_searchpath", None)
    attributes["doc_md"] = str(attributes["doc_md"]).partition("\n\n*dagwright digest ")[0]
    return graph
