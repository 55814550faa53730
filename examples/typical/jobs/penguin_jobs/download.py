"""Fetch the raw data set: 344 penguins, measured on the Palmer Archipelago from 2007 to 2009.

A real job would call somebody's server. This one takes the file that the package `palmerpenguins` ships, so that
the example works without a network; it knows the file by its place and does not import the package.
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path


def packaged_file() -> Path:
    """Return the CSV file inside the installed package."""
    spec = find_spec("palmerpenguins")
    if spec is None or spec.origin is None:
        raise SystemExit("the package 'palmerpenguins' is not installed: pip install palmerpenguins")
    return Path(spec.origin).with_name("data") / "penguins.csv"


def main(arguments: list[str] | None = None) -> None:
    """Write the raw data to the file named by `--out`."""
    parser = argparse.ArgumentParser(prog="python -m penguin_jobs.download", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    out: Path = parser.parse_args(arguments).out
    content = packaged_file().read_bytes()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    print(f"{out}: {len(content)} bytes")


if __name__ == "__main__":
    main()
