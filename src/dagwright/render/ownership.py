"""Who owns which factory of a DAG, and under which name."""

from __future__ import annotations

from collections import deque
from typing import Any

from dagwright.model.bases import OperatorFactory, own_task_id
from dagwright.model.options import options_of
from dagwright.model.places import Child, can_hold_factories, children_of

__all__ = ["Ownership"]


class Ownership:
    """The owners and names of all factories below the roots that were added.

    Keyed by `id`; whatever is in here is kept alive, so that no id is used again.

    Attributes:
        plain: the plain dataclass factories that were learnt since it was emptied.
    """

    def __init__(self) -> None:
        self._places: dict[int, tuple[object, Child]] = {}  # by factory: its owner, and how that holds it
        self.plain: list[Any] = []
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
            key = id(child.factory)
            if key in self._places or key in self._children:
                continue  # another's; or an owner that was met before: above this one, or made by itself
            self._places[key] = (owner, child)
            children.append(child)
            if not isinstance(child.factory, OperatorFactory):
                self.plain.append(child.factory)
        return children

    def add(self, root: object) -> None:
        """Learn everything below a root: an owner's own children first, then theirs."""
        owners = deque([root])
        while owners:
            owner = owners.popleft()
            if id(owner) not in self._children:
                owners.extend([child.factory for child in self.children(owner) if child.holds])

    def owner(self, factory: object) -> object | None:
        """Return who holds a factory in the data; None where nobody known does."""
        place = self._places.get(id(factory))
        return None if place is None else place[0]

    def name(self, factory: Any) -> str | None:
        """Return a factory's task id within its owner."""
        place = self._places.get(id(factory))
        return own_task_id(factory, options_of(type(factory))) if place is None else place[1].name

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
            owner, child = place
            text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in child.path) + text
            place = self._places.get(id(owner))
        return text.removeprefix(".")
