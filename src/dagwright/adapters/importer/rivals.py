"""Which DAG files may have the same DAG id: found while Airflow lists them, asked when it reads one of them.

Each file is read in a process of its own, which knows of no other; in Airflow the later of two DAGs with one id would
overwrite the other. The DAG processor lists all files and forks these processes afterwards, so that they inherit what
the listing found: for most files that nobody else can have their id, at the cost of nothing. What is found is a guess,
by the names of files and by the text `dag_id`: whoever asks has to read the others and compare.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from dagwright.project import DagFile

__all__ = ["Rivals"]

_SAID = re.compile(rb"""(?<![\w.$-])dag_id["']?\s*:\s*["']?([\w.-]+)""")


class Rivals:
    """Knows the files of all projects that were listed in this process or in the one that it was forked from."""

    def __init__(self) -> None:
        self._ids: dict[str, tuple[tuple[int, int], frozenset[bytes]]] = {}
        self._rivals: dict[Path, dict[Path, list[Path]]] = {}

    def look_at(self, root: Path, dag_files: Iterable[DagFile]) -> None:
        """Look at all files of a project, in their order; texts that are known from the last time are not read."""
        by_id: dict[bytes, list[Path]] = {}
        found: dict[Path, list[Path]] = {}
        for dag_file in dag_files:
            for dag_id in self._ids_of(dag_file):
                others = by_id.setdefault(dag_id, [])
                if others:
                    found.setdefault(dag_file.path, []).extend(others)
                others.append(dag_file.path)
        self._rivals[root] = found

    def of(self, file: Path) -> list[Path]:
        """Return the files that come before a file, may have its DAG id, and are still there."""
        found = dict.fromkeys(rival for rivals in self._rivals.values() for rival in rivals.get(file, ()))
        return [rival for rival in found if os.path.isfile(rival)]  # noqa: PTH113  Path.is_file may raise

    def _ids_of(self, dag_file: DagFile) -> frozenset[bytes]:
        """Return the ids that a file may have; none for one that cannot be read."""
        path = os.fspath(dag_file.path)
        try:
            found = os.stat(path)  # noqa: PTH116  asked for every file
            state = (found.st_mtime_ns, found.st_size)
            known = self._ids.get(path)
            if known is None or known[0] != state:
                with open(path, "rb") as file:  # noqa: PTH123
                    said = _SAID.findall(file.read())
                stem = dag_file.path.name.split(".", 1)[0]
                known = self._ids[path] = (state, frozenset([os.fsencode(stem), *said]))
        except OSError:
            return frozenset()
        return known[1]
