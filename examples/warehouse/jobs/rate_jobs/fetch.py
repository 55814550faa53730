"""Stands for a download: writes the exchange rates of a day, made up but the same for each day."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from datetime import date
from pathlib import Path

__all__ = ["main", "rates_of"]

CURRENCIES = [("CHF", "Swiss franc", 2), ("JPY", "yen", 0), ("USD", "US dollar", 2)]
_AROUND = {"CHF": 0.95, "JPY": 160.0, "USD": 1.1}


def rates_of(day: date) -> dict[str, float]:
    """Return what one euro costs on a day, in each currency."""
    rates = {}
    for code, around in _AROUND.items():
        noise = hashlib.sha256(f"{day}{code}".encode()).digest()[0] / 255  # from 0 to 1
        rates[code] = around * (0.98 + 0.04 * noise)
    return rates


def main(arguments: list[str] | None = None) -> None:
    """Write the three files of the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "currencies.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("code", "name", "decimals"), *CURRENCIES])
    rates = rates_of(options.day)
    with (options.out / "rates.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [(options.day, code, f"{rate:.6f}") for code, rate in rates.items()]
        csv.writer(file).writerows([("day", "currency", "rate"), *rows])
    with (options.out / "fetches.jsonl").open("w", encoding="utf-8") as file:
        json.dump({"day": str(options.day), "row_count": len(rates)}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
