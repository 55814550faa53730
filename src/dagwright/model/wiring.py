"""`>>`, `<<` and `chain` for factories, mixed freely with operators, TaskGroups, labels and lists.

Airflow accepts as a neighbour whatever has `roots`, `leaves`, `set_upstream`, `set_downstream` and
`update_relative`; a factory answers all of them through what its maker made of it. In three places Airflow
asks for a class instead: in `chain`, in labels, and where it decides whether an edge joins two TaskGroups.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dagwright.model.computed import Computed
from dagwright.model.making import current_maker

__all__ = ["Wirable", "chain"]

# Where Airflow (3.1 to 3.4) wires: `chain`, TaskGroups, labels, operators.
_WIRING_MODULES = frozenset(
    {
        "airflow.sdk.bases.operator",
        "airflow.sdk.definitions._internal.node",
        "airflow.sdk.definitions.edges",
        "airflow.sdk.definitions.taskgroup",
    }
)


def made(item: Any) -> Any:
    """Replace factories by what is made of them, in lists too; everything else stays as it is."""
    if isinstance(item, Wirable) or hasattr(item, "make_operator") or hasattr(item, "make_operators"):
        return current_maker().made(item)
    if isinstance(item, Mapping):
        return [made(each) for each in item.values()]
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [made(each) for each in item]
    return item


class _OfMade(Computed[Any]):
    """An attribute of what is made of the factory."""

    def __init__(self, name: str) -> None:
        def of_made(factory: Wirable) -> Any:
            return getattr(made(factory), name)

        of_made.__name__ = name
        super().__init__(of_made)


class Wirable:
    """The neighbourly half of an operator or TaskGroup, for objects that are made on first touch."""

    __slots__ = ()

    @property  # type: ignore[misc]  # only `isinstance` asks, nobody sets it
    def __class__(self) -> Any:
        """What this is: for Airflow's wiring the class of what is made of it, for everybody else the factory's own.

        A subclass with a field of the same name as something that Airflow would ask next (`group_id`) stays
        what it is: its edges are right, and only the joint line between two TaskGroups is drawn as several.
        """
        frame: Any = sys._getframe(1)  # noqa: SLF001  the asker is what matters
        if frame.f_globals.get("__name__") == "abc":
            frame = frame.f_back
        if frame.f_globals.get("__name__") in _WIRING_MODULES and not _hides_its_node(type(self)):
            return type(made(self))
        return type(self)

    roots = _OfMade("roots")
    leaves = _OfMade("leaves")
    downstream_group_ids = _OfMade("downstream_group_ids")
    downstream_join_id = _OfMade("downstream_join_id")
    group_id = _OfMade("group_id")
    operator = _OfMade("operator")
    task_group = _OfMade("task_group")
    upstream_group_ids = _OfMade("upstream_group_ids")
    upstream_join_id = _OfMade("upstream_join_id")

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


# What Airflow's wiring reads of a neighbour after it asked for its class.
_NODE_ATTRIBUTES = frozenset(name for name, value in vars(Wirable).items() if isinstance(value, _OfMade))


def _hides_its_node(cls: type) -> bool:
    """Say whether a subclass uses one of the names for something of its own."""
    fields = getattr(cls, "__dataclass_fields__", {})
    return not _NODE_ATTRIBUTES.isdisjoint(fields) or any(
        not _NODE_ATTRIBUTES.isdisjoint(base.__dict__) for base in cls.__mro__ if base is not Wirable
    )


def chain(*stages: Any) -> None:
    """Run stages one after the other.

    A stage is a factory, operator, TaskGroup, XComArg or `Label`, or a list or mapping of them: everything in
    it waits for everything in the stage before (Airflow's own `chain` pairs lists up instead). An empty stage
    or None is skipped without cutting the chain. Every factory is made, in the order given, before wiring.

    Raises:
        TypeError: a label stands in a list: which of all the edges would be meant?
    """
    made_stages = [list(_flat(made(stage))) for stage in stages]
    before: list[Any] = []
    label: Any = None
    for stage in made_stages:
        if any(_is_label(item) for item in stage):
            if len(stage) > 1:
                raise TypeError("chain takes a label between two stages, not in a list with others")
            label = stage[0]
        elif stage:
            for upstream in before:
                for downstream in stage:
                    upstream.set_downstream(downstream, label)
            before, label = stage, None


def _flat(item: Any) -> Iterable[Any]:
    """Yield the items of nested lists; None stands for nothing."""
    if isinstance(item, list):
        for each in item:
            yield from _flat(each)
    elif item is not None:
        yield item


def _is_label(item: Any) -> bool:
    return any(cls.__name__ == "EdgeModifier" for cls in type(item).__mro__)
