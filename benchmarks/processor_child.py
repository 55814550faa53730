"""Airflow's own DAG processor, which ends once it has parsed enough.

    python processor_child.py RESULT FILES [STEM]

Writes to RESULT a line for each file that it parsed: the seconds that the processor itself reports (its metric
`dag_processing.last_duration`, which goes from the start of a child process to its result), and the CPU seconds of all
children until then. With STEM only files of that name count.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

# Before Airflow is imported: what runs when it starts looks at the command.
RESULT, FILES, STEM = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None
sys.argv = ["airflow", "dag-processor"]

from airflow.__main__ import main  # noqa: E402
from airflow.dag_processing import manager  # noqa: E402


def listen() -> None:
    """Write every duration down, and end the processor after the last one."""
    timing = manager.stats.timing  # type: ignore[attr-defined]  # a module that this one imports
    seen: list[str] = []

    def note(name: str, value: Any, *arguments: Any, **named: Any) -> Any:
        counts = name == "dag_processing.last_duration" and STEM in {None, named["tags"]["file_name"]}
        if counts and len(seen) < FILES:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            seen.append(f"{value} {used.ru_utime + used.ru_stime}\n")
            if len(seen) == FILES:
                RESULT.write_text("".join(seen), encoding="utf-8")
                os.kill(os.getpid(), signal.SIGTERM)
        return timing(name, value, *arguments, **named)

    manager.stats.timing = note  # type: ignore[attr-defined]


if __name__ == "__main__":
    listen()
    main()  # type: ignore[no-untyped-call]  # Airflow's
