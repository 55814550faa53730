"""Which DAG files may have the same DAG id: found while Airflow lists them, asked when it reads one of them.

Each file is read in a process of its own, which knows of no other; in Airflow two DAGs with one id would overwrite each
other. The DAG processor lists all files and forks these processes afterwards, so that they inherit what
the listing found: for most files that nobody else can have their id, at the cost of nothing. What is found is a guess,
by the names of files and by the text `dag_id`: whoever asks has to read the others and compare.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from dagwright.binding.owners import claim
from dagwright.project import DagFile, stem_of

__all__ = ["Rivals"]

_SAID = re.compile(rb"""(?<![\w.$-])dag_id["']?\s*:\s*["']?([\w.-]+)""")


class Rivals:
    """Knows the files of all projects that were listed in this process or in the one that it was forked from."""

    def __init__(self) -> None:
        self._ids: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {}
        # The files with one id, the strongest claim first, and where among them a file stands.
        self._places: dict[Path, dict[Path, list[tuple[list[Path], int]]]] = {}
        self._files: dict[Path, frozenset[Path]] = {}

    def look_at(self, root: Path, dag_files: Iterable[DagFile]) -> None:
        """Look at all files of a project; texts that are known from the last time are not read."""
        by_id: dict[str, list[DagFile]] = {}
        files: list[Path] = []
        for dag_file in dag_files:
            files.append(dag_file.path)
            for dag_id in self._ids_of(dag_file):
                by_id.setdefault(dag_id, []).append(dag_file)
        places: dict[Path, list[tuple[list[Path], int]]] = {}
        for dag_id, same in by_id.items():
            if len(same) > 1:
                ordered = [dag_file.path for dag_file in sorted(same, key=partial(claim, dag_id))]
                for place, path in enumerate(ordered):
                    places.setdefault(path, []).append((ordered, place))
        self._places[root] = places
        self._files[root] = frozenset(files)

    def files_of(self, root: Path) -> frozenset[Path]:
        """Return the DAG files that a project had at the last look."""
        return self._files.get(root, frozenset())

    def of(self, file: Path) -> list[Path]:
        """Return the files that may have a file's DAG id with a stronger claim to it, and are still there.

        For one that is called like its id, those are others of the same name: a worker and Airflow's parse of a
        usual project bind one file. Who has a weaker claim loses to a sound file, whatever it says.
        """
        places = [place for places in self._places.values() for place in places.get(file, ())]
        found = dict.fromkeys(rival for ordered, place in places for rival in ordered[:place])
        return [rival for rival in found if os.path.isfile(rival)]  # noqa: PTH113  Path.is_file may raise

    def _ids_of(self, dag_file: DagFile) -> tuple[str, ...]:
        """Return the ids that a file may have; none for one that cannot be read."""
        path = os.fspath(dag_file.path)
        try:
            found = os.stat(path)  # noqa: PTH116  asked for every file
            state = (found.st_mtime_ns, found.st_size)
            known = self._ids.get(path)
            if known is None or known[0] != state:
                with open(path, "rb") as file:  # noqa: PTH123
                    said = _SAID.findall(file.read())
                ids = (stem_of(dag_file.path.name), *(each.decode("ascii") for each in said))
                known = self._ids[path] = (state, tuple(dict.fromkeys(ids)))
        except OSError:
            return ()
        return known[1]
