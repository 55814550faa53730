"""`>>`, `<<` and `chain` for factories, mixed freely with operators, TaskGroups, labels and lists.

Airflow accepts as a neighbour whatever has `roots`, `leaves`, `set_upstream`, `set_downstream` and
`update_relative`. A factory answers all of them through what its maker made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dagwright.model.making import current_maker

__all__ = ["Wirable", "chain"]


def made(item: Any) -> Any:
    """Replace factories by what is made of them, in lists too; everything else stays as it is."""
    if isinstance(item, Wirable) or hasattr(item, "make_operator") or hasattr(item, "make_operators"):
        return current_maker().made(item)
    if isinstance(item, Mapping):
        return [made(each) for each in item.values()]
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [made(each) for each in item]
    return item


class Wirable:
    """The neighbourly half of an operator, for objects that are made on first touch."""

    __slots__ = ()

    @property
    def roots(self) -> Iterable[Any]:
        """The tasks without an upstream inside the factory."""
        return made(self).roots  # type: ignore[no-any-return]  # Airflow's own iterable

    @property
    def leaves(self) -> Iterable[Any]:
        """The tasks without a downstream inside the factory."""
        return made(self).leaves  # type: ignore[no-any-return]  # Airflow's own iterable

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Run after the other task, TaskGroup, factory or list of them."""
        made(self).set_upstream(made(other), edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Run before the other task, TaskGroup, factory or list of them."""
        made(self).set_downstream(made(other), edge_modifier)

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: Any = None) -> None:
        """Hear of a new neighbour, as Airflow's operators do."""
        made(self).update_relative(made(other), upstream, edge_modifier)

    def __rshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return other

    def __lshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return other

    def __rrshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return self

    def __rlshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return self


def chain(*stages: Any) -> None:
    """Run stages one after the other.

    A stage is a factory, operator, TaskGroup, XComArg or `Label`, or a list or mapping of them: everything in
    it waits for everything in the stage before (Airflow's own `chain` pairs lists up instead). An empty stage
    or None is skipped without cutting the chain. Every factory is made, in the order given, before wiring.
    """
    made_stages = [made(stage) for stage in stages if stage is not None]
    before: Any = None
    label: Any = None
    for stage in made_stages:
        if isinstance(stage, list) and not stage:
            continue
        if type(stage).__name__ == "EdgeModifier":
            label = stage
            continue
        if before is not None:
            for upstream in before if isinstance(before, list) else [before]:
                for downstream in stage if isinstance(stage, list) else [stage]:
                    upstream.set_downstream(downstream, label)
        before, label = stage, None
