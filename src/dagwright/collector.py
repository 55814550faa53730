"""Keeps Python's garbage collector from walking, again and again, what stays until the process ends.

Modules and loaded projects are next to no garbage, yet making so many objects starts collections, and each walks
everything that there is. Where Airflow is imported that is a lot: on a worker the collector would cost more than
loading a DAG does.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]

# A module is hundreds of objects, a DAG file thousands, Airflow hundreds of thousands.
_MANY = 200_000


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector, and hand what was made to its oldest generation at once where it is much.

    Otherwise it would walk those objects on their way through all generations.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # Not where somebody froze objects, as Airflow does before it forks: those would thaw. Asking that walks
            # them all, which a few objects are not worth.
            if gc.get_count()[0] > _MANY and gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
            gc.enable()
