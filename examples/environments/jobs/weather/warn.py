"""Warn of frost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

NOTHING_TO_DO = 99


def main() -> None:
    """Say that there is frost, or end with the exit code that means that there is nothing to do."""
    coldest = json.loads(Path(sys.argv[1]).read_text())["coldest"]
    if coldest >= 0:
        sys.exit(NOTHING_TO_DO)
    print(f"frost: {coldest} degrees")


if __name__ == "__main__":
    main()
