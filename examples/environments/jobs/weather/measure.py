"""Ask the station for the temperatures of a day."""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
from pathlib import Path


def main() -> None:
    """Write a table of hours and degrees; the station is a stand-in that makes them up, the same ones for a day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", required=True)
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    key = os.environ["STATION_KEY"]
    print(f"asking with the key {hashlib.sha256(key.encode()).hexdigest()[:8]}...")

    chance = random.Random(arguments.day)
    coldest = chance.uniform(3, 20)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["hour", "degrees"])
        table.writerows([hour, round(coldest + 8 - abs(14 - hour) * 0.8, 1)] for hour in range(24))
    print(f"24 temperatures of {arguments.day}")


if __name__ == "__main__":
    main()
