"""Binds the files of a large project in several processes, for whoever wants to know only what is wrong.

Files do not depend on each other until their DAG ids are compared, so each process takes a share of them. What
comes back is the findings and the ids; factories stay in the process that made them.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence

from dagwright.binding.dag_file import BoundDag, DagBinder
from dagwright.diagnostics import SourceText
from dagwright.project import DagFile

__all__ = ["bind_side_by_side", "worthwhile"]

# Below, starting processes costs more than it saves.
_FEWEST_FILES = 1500

BindFile = Callable[[DagBinder, DagFile], BoundDag]


def worthwhile(files: int) -> bool:
    """Say whether several processes pay, and can be made as copies of this one."""
    # Copying a process that has threads, as macOS frameworks start them, is not safe.
    return files >= _FEWEST_FILES and sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def bind_side_by_side(
    dag_files: Sequence[DagFile], make_binder: Callable[[], DagBinder], bind_file: BindFile
) -> list[BoundDag]:
    """Bind every file, in as many processes as there are processors; return them in the order given, without factories.

    Both functions run in copies of this process, with everything that is read already.
    """
    processes = len(os.sched_getaffinity(0))
    # Several shares a process, as some files are longer; neighbours together, as they have the same defaults.
    size = -(-len(dag_files) // (4 * processes))
    shares = [dag_files[start : start + size] for start in range(0, len(dag_files), size)]
    with multiprocessing.get_context("fork").Pool(processes, _Share.prepare, (make_binder, bind_file)) as pool:
        parts = pool.map(_Share.bind, shares, chunksize=1)
    return [bound for files in parts for bound in files]


class _Share:
    """What a copied process works with; the functions arrive with the copy, as they cannot be sent."""

    make_binder: Callable[[], DagBinder]
    bind_file: BindFile

    @classmethod
    def prepare(cls, make_binder: Callable[[], DagBinder], bind_file: BindFile) -> None:
        cls.make_binder = staticmethod(make_binder)
        cls.bind_file = staticmethod(bind_file)

    @classmethod
    def bind(cls, dag_files: Sequence[DagFile]) -> list[BoundDag]:
        binder = cls.make_binder()
        return [_findings_of(cls.bind_file(binder, dag_file)) for dag_file in dag_files]


def _findings_of(bound: BoundDag) -> BoundDag:
    """Return what is to be sent: of a text without findings the first line, at which a double DAG id is shown."""
    source = bound.source
    if source is not None and not bound.diagnostics:
        source = SourceText(source.name, source.line(1))
    # Its factory refers back to the file; without this, memory would grow until the end.
    bound.factory = None
    return BoundDag(
        dag_file=bound.dag_file,
        dag_id=bound.dag_id,
        dag_id_span=bound.dag_id_span,
        source=source,
        diagnostics=bound.diagnostics,
        secrets=bound.secrets,
    )
