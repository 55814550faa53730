"""Keeps Python's garbage collector from walking, again and again, what stays until the process ends.

Modules and loaded projects are next to no garbage, yet making so many objects starts collections, and each walks
everything that there is. Where Airflow is imported that is a lot: on a worker the collector would cost more than
loading a DAG does.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused", "never_garbage"]

# Airflow imports this before it forks.
_PROCESS = os.getpid()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector, and hand what was made to its oldest generation at once.

    Otherwise it would walk those objects on their way through all generations.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # Not where somebody froze objects, as Airflow does before it forks: those would thaw. Asking walks them
            # all, which takes longer than loading a DAG, so that a child does not ask.
            if os.getpid() == _PROCESS and gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
            gc.enable()


@contextmanager
def never_garbage() -> Iterator[None]:
    """Pause the collector, and take what is there afterwards for what stays until the process ends.

    For processes that end when they have done what they are for: a command, and those in which Airflow parses DAG files
    or runs a task. The collector walks it neither again and again nor at the end. A process that makes the same DAGs
    anew for hours, such as a test session, keeps those that it has dropped.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
