"""Count and average the cleaned data per species and island."""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

COLUMNS = ("species", "island", "penguins", "mean_body_mass_g")


def summarise(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return one row per species and island, sorted by both."""
    masses: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        masses[row["species"], row["island"]].append(int(row["body_mass_g"]))
    return [
        {
            "species": species,
            "island": island,
            "penguins": str(len(found)),
            "mean_body_mass_g": f"{sum(found) / len(found):.1f}",
        }
        for (species, island), found in sorted(masses.items())
    ]


def main(arguments: list[str] | None = None) -> None:
    """Read the file named by `--clean`, write the summary to the one named by `--out`."""
    parser = argparse.ArgumentParser(prog="python -m penguin_jobs.summarise", description=main.__doc__)
    parser.add_argument("--clean", type=Path, required=True, help="the file to read")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    options = parser.parse_args(arguments)
    with options.clean.open(encoding="utf-8", newline="") as file:
        rows = summarise(list(csv.DictReader(file)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{options.out}: {len(rows)} groups")


if __name__ == "__main__":
    main()
