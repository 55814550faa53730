"""Clean the raw data: drop the penguins that were not fully measured, and number the others.

The environment variable `PENGUINS_BREAK_ROW` (or `--break-row`) makes the weight in one row of the result negative,
to show what happens then: the validation fails and nothing is published.
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path

COLUMNS = ("id", "species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex")
MISSING = "NA"


def clean(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the fully measured penguins, numbered from 1 in the order of the raw data."""
    complete = [row for row in rows if MISSING not in row.values()]
    return [{**row, "id": str(number)} for number, row in enumerate(complete, start=1)]


def break_row(rows: list[dict[str, str]], number: int) -> None:
    """Make the weight in one row (from 1) negative."""
    if not 1 <= number <= len(rows):
        raise SystemExit(f"there is no row {number} to break: the cleaned data has {len(rows)} rows")
    rows[number - 1]["body_mass_g"] = f"-{rows[number - 1]['body_mass_g']}"


def main(arguments: list[str] | None = None) -> None:
    """Read the file named by `--raw`, write the cleaned rows to the one named by `--out`."""
    parser = argparse.ArgumentParser(prog="python -m penguin_jobs.clean", description=main.__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="the file to read")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument(
        "--break-row",
        type=int,
        metavar="N",
        default=os.environ.get("PENGUINS_BREAK_ROW") or None,
        help="spoil row N of the result (default: PENGUINS_BREAK_ROW, where it is set)",
    )
    options = parser.parse_args(arguments)
    with options.raw.open(encoding="utf-8", newline="") as file:
        raw = list(csv.DictReader(file))
    rows = clean(raw)
    if options.break_row is not None:
        break_row(rows, options.break_row)
        print(f"row {options.break_row} is broken on purpose")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{options.out}: {len(rows)} of {len(raw)} penguins")


if __name__ == "__main__":
    main()
