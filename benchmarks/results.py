"""What was measured, one entry a process, in a JSON file that is complete after every one of them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.pairs import Ratio, ratio_of

__all__ = ["Entry", "Results", "Sample"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one process, or one file in it, cost: seconds, CPU seconds, bytes at most."""

    wall: float
    cpu: float
    memory: int = 0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A sample and what it is of; `failed` says why there is none.

    Attributes:
        column: `build`, `worker`, `processor`, `check` or `help`.
        kind: of DAGs.
        size: how many there are.
        row: who.
        round: when.
    """

    column: str
    kind: str
    size: int
    row: str
    round: int
    sample: Sample | None = None
    failed: str = ""


@dataclass(kw_only=True)
class Results:
    """Everything that a run measured.

    Attributes:
        about: machine, versions, command.
        entries: in the order of time.
    """

    about: dict[str, Any]
    entries: list[Entry] = field(default_factory=list)

    def write(self, file: Path) -> None:
        """Write everything; whoever reads the file meanwhile finds it whole."""
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp")
        data = {"about": self.about, "entries": [asdict(entry) for entry in self.entries]}
        temporary.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        temporary.replace(file)

    @classmethod
    def read(cls, file: Path) -> Results:
        """Read what `write` wrote."""
        data = json.loads(file.read_text(encoding="utf-8"))
        entries = [
            Entry(**{**entry, "sample": Sample(**entry["sample"]) if entry["sample"] else None})
            for entry in data["entries"]
        ]
        return cls(about=data["about"], entries=entries)

    def samples(self, column: str, kind: str, size: int, row: str) -> dict[int, Sample]:
        """Return the samples of a row by round."""
        return {
            entry.round: entry.sample
            for entry in self.entries
            if (entry.column, entry.kind, entry.size, entry.row) == (column, kind, size, row)
            and entry.sample is not None
        }

    def has_failed(self, column: str, kind: str, size: int, row: str) -> bool:
        """Say whether a row has nothing but failures."""
        found = [e for e in self.entries if (e.column, e.kind, e.size, e.row) == (column, kind, size, row)]
        return bool(found) and all(entry.sample is None for entry in found)

    def median(self, place: tuple[str, str, int, str], value: Callable[[Sample], float]) -> float | None:
        """Return the median of a row; None where there is nothing."""
        samples = self.samples(*place)
        return statistics.median(map(value, samples.values())) if samples else None

    def ratio(self, place: tuple[str, str, int, str], baseline: str, value: Callable[[Sample], float]) -> Ratio | None:
        """Return the ratio of a row to another one within the rounds that both have."""
        samples, others = self.samples(*place), self.samples(*place[:3], baseline)
        rounds = sorted(samples.keys() & others.keys())
        if not rounds:
            return None
        return ratio_of([value(samples[each]) for each in rounds], [value(others[each]) for each in rounds])

    def sizes(self) -> list[int]:
        """Return the sizes that were measured."""
        return sorted({entry.size for entry in self.entries if entry.size})
