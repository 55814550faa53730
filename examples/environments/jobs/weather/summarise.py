"""Coldest and warmest hour of a day."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path


def main() -> None:
    """Read a table and write its summary."""
    source, target = map(Path, sys.argv[1:])
    with source.open(newline="") as file:
        degrees = [float(row["degrees"]) for row in csv.DictReader(file)]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"hours": len(degrees), "coldest": min(degrees), "warmest": max(degrees)}))
    print(f"from {min(degrees)} to {max(degrees)} degrees")


if __name__ == "__main__":
    main()
