"""Who owns which factory of a DAG, and under which name."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from dagwright.model.bases import OperatorFactory, own_task_id
from dagwright.model.options import options_of
from dagwright.model.places import Child, can_hold_factories, children_of

__all__ = ["Ownership"]


class _Place(NamedTuple):
    owner: object
    child: Child


class Ownership:
    """The owners and names of all factories below the roots that were added.

    Keyed by `id`; whatever is in here is kept alive, so that no id is used again.
    """

    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}
        self._plain: list[Any] = []
        self._siblings: dict[int, dict[str, Any]] = {}
        self._children: dict[int, tuple[object, list[Child]]] = {}

    def children(self, owner: object) -> list[Child]:
        """Return what an owner holds; what others own already is theirs."""
        known = self._children.get(id(owner))
        if known is not None:
            return known[1]
        if not can_hold_factories(type(owner)):
            return []
        children: list[Child] = []
        self._children[id(owner)] = (owner, children)
        for child in children_of(owner):
            if id(child.factory) in self._children:
                continue  # an owner that was met before: above this one, or made by itself
            if self._places.setdefault(id(child.factory), _Place(owner, child)).child is child:
                children.append(child)
                if not isinstance(child.factory, OperatorFactory):
                    self._plain.append(child.factory)
        return children

    def add(self, root: object) -> None:
        """Learn everything below a root: an owner's own children first, then theirs."""
        owners = deque([root])
        while owners:
            owner = owners.popleft()
            if id(owner) not in self._children and can_hold_factories(type(owner)):
                owners.extend([child.factory for child in self.children(owner)])

    def owner(self, factory: object) -> object | None:
        """Return who holds a factory in the data; None where nobody known does."""
        place = self._places.get(id(factory))
        return None if place is None else place.owner

    def name(self, factory: Any) -> str | None:
        """Return a factory's task id within its owner."""
        place = self._places.get(id(factory))
        return own_task_id(factory, options_of(type(factory))) if place is None else place.child.name

    def take_plain(self) -> list[Any]:
        """Return the plain dataclass factories that were learnt since the last call."""
        plain = self._plain
        if plain:
            self._plain = []
        return plain

    def siblings(self, owner: object) -> dict[str, Any]:
        """Return the factories of an owner by name; the first where two have one name."""
        known = self._siblings.get(id(owner))
        if known is None:
            known = self._siblings[id(owner)] = {}
            for child in self.children(owner):
                if child.name is not None:
                    known.setdefault(child.name, child.factory)
        return known

    def path(self, factory: object) -> str:
        """Return the way to a factory from the root, as `jobs.job_definitions[0]`."""
        text = ""
        place = self._places.get(id(factory))
        while place is not None:
            text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place.child.path) + text
            place = self._places.get(id(place.owner))
        return text.removeprefix(".")
