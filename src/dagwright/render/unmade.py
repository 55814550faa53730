"""What stands for an operator or TaskGroup that could not be made, so that everything beside it still is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dagwright.render.compat import DAGNode

__all__ = ["Unmade", "unmade"]


class Unmade(DAGNode):
    """A neighbour without tasks: wiring against it does nothing, for labels and TaskGroups as well.

    It has no more than that: a factory that wants to know something of it fails, and its maker knows why.
    """

    dag = None
    task_group = None
    roots: Sequence[DAGNode] = ()
    leaves: Sequence[DAGNode] = ()
    node_id = ""

    def set_upstream(self, *_: Any, **__: Any) -> None:
        """Wait for nothing."""

    def set_downstream(self, *_: Any, **__: Any) -> None:
        """Keep nobody waiting."""


def unmade() -> Unmade:
    """Return one."""
    return Unmade()  # type: ignore[no-untyped-call]  # Airflow's base has no annotations there
