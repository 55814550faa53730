"""Notices when a project loads Airflow offline, and keeps that from touching the user's own Airflow.

A factory module may import Airflow at its top. It works, but every command then waits for Airflow, and importing
Airflow writes a configuration into its home. So the first import is caught: it gets a throw-away home, and its
place in the user's code is remembered.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

__all__ = ["Watch", "watch_airflow"]


class Watch(MetaPathFinder):
    """Finds no module itself; it only sees what is imported.

    Attributes:
        importer: file and line of the code that imported Airflow first; empty where none did.
    """

    def __init__(self, stack: ExitStack | None) -> None:
        self.importer = ""
        self._stack = stack
        self._first = self._last = 0.0

    @property
    def seconds(self) -> float:
        """The time from the first import of a module of Airflow to the last."""
        return self._last - self._first

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  Python's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Take note of a module of Airflow and let the others find it."""
        if fullname == "airflow" and not self.importer:
            self._first = time.monotonic()
            self.importer = _importer()
            if self._stack is not None:
                _throw_away_home(self._stack)
        if fullname.partition(".")[0] == "airflow":
            self._last = time.monotonic()
        return None


@contextmanager
def watch_airflow(*, makes_home: bool) -> Iterator[Watch]:
    """Watch imports while the context is open.

    Args:
        makes_home: whether to give Airflow a home of its own; False where one was prepared.
    """
    with ExitStack() as stack:
        watch = Watch(stack if makes_home else None)
        if "airflow" not in sys.modules:
            sys.meta_path.insert(0, watch)
            stack.callback(sys.meta_path.remove, watch)
        yield watch


def _throw_away_home(stack: ExitStack) -> None:
    if PathFinder.find_spec("airflow") is None:
        return  # the import itself will say that Airflow is not installed
    from dagwright.adapters.local import LocalRun, prepare_home

    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dagwright-home-", ignore_cleanup_errors=True))
    prepare_home(LocalRun(home=Path(folder)))


def _importer() -> str:
    frame = sys._getframe(2)  # noqa: SLF001  the standard library's own way to ask who calls
    while frame.f_back is not None and frame.f_code.co_filename.startswith("<frozen"):
        frame = frame.f_back
    file = frame.f_code.co_filename
    here = os.path.relpath(file)
    return f"{file if here.startswith('..') else here}:{frame.f_lineno}"
