"""Makes each factory of one DAG once, in the TaskGroup where it is first touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airflow.sdk import DAG, TaskGroup, XComArg

from dagwright.diagnostics import DagwrightError, Diagnostic
from dagwright.model.bases import OperatorFactory
from dagwright.model.making import ACTIVE_MAKER
from dagwright.model.settings import RenderSettings
from dagwright.render import compat
from dagwright.render.compat import DAGNode, DuplicateTaskIdFound
from dagwright.render.errors import Reporter, type_name
from dagwright.render.ownership import Ownership
from dagwright.render.plans import Plan, plan_of
from dagwright.render.shadows import Shadows
from dagwright.render.task_args import TaskArgs, place_assets
from dagwright.render.unmade import Unmade, unmade

__all__ = ["DagMaker"]


# What no neighbour that could not be made is to blame for.
_NEVER_A_CONSEQUENCE = (DagwrightError, DuplicateTaskIdFound, ImportError)


class _Running(NamedTuple):
    """A factory that is being made, and those of its making functions that run."""

    factory: object
    functions: list[Any]


class DagMaker:
    """The `Maker` of one DAG.

    Everything is remembered by `id` together with the object itself, so that no id is used again: factories
    compare by identity, plain dataclasses do not.

    Attributes:
        collects: whether a factory that fails becomes one of the `problems`, and the others are made all the same.
            In a hand-written DAG, and in one that is continued by hand, exceptions pass through at once.
        problems: why factories could not be made, in the order of making.
    """

    def __init__(self, dag: DAG, reporter: Reporter, settings: RenderSettings, ownership: Ownership) -> None:
        self._dag = dag
        self._reporter = reporter
        self._settings = settings
        self._ownership = ownership
        self._task_args = TaskArgs(reporter)
        self._made: dict[int, tuple[object, Any]] = {}
        self._running: dict[int, _Running] = {}
        self._waiting: dict[int, list[Any]] = {}
        self._met_unmade: set[int] = set()
        self.collects = reporter.root is not None
        self.problems: list[Diagnostic] = []

    def made(self, factory: Any, written: Any = None) -> Any:
        """Return what is made of a factory; its owner in the data is made first.

        Args:
            factory: the factory.
            written: the function that was called by name, where one was: a subclass may call its base's.
        """
        key = id(factory)
        known = self._made.get(key)
        if known is not None:
            return known[1] if not self.problems else self._handed_over(known[1])
        running = self._running.get(key)
        if running is not None:
            return self._call_again(running, written)
        owner = self._ownership.owner(factory)
        if owner is None:
            self._ownership.add(factory)
        elif id(owner) not in self._made and id(owner) not in self._running:
            self.made(owner)
            # An owner that failed half-way made no place for the rest of what it holds.
            return self._handed_over(self._made.setdefault(key, (factory, unmade()))[1])
        try:
            made = self._make(factory, owner)
        except Exception as error:  # noqa: BLE001  what else could be wrong with a factory: its name, its arguments
            made = self._failed(factory, error)
        self._made[key] = (factory, made)
        if owner is not None:
            self._wire(factory, made, owner)
        return made if not self.problems else self._handed_over(made)

    def task_id(self, factory: object) -> str:
        """Return the task id of a factory within its owner."""
        name = self._ownership.name(factory)
        if name is None:
            raise self._reporter.error("DW307", f"{type_name(factory)} has no name", factory, help="give it a 'name'")
        return name

    def made_children(self, owner: object) -> list[Any]:
        """Make every factory that an owner holds, in the order of the data."""
        return [self.made(child.factory) for child in self._ownership.children(owner)]

    def dag_settings(self) -> RenderSettings:
        """Return what the DAG file and the project say to factories."""
        return self._settings

    def factory_of(self, node_id: str) -> object:
        """Return the factory that made a task or TaskGroup, or the nearest one around it; None where none did."""
        by_id = {node.node_id: factory for factory, made in self._made.values() for node in _nodes(made)}
        while node_id and node_id not in by_id:
            node_id = node_id.rpartition(".")[0]
        return by_id.get(node_id)

    def run(self, owner: Any, function: Callable[[Any], Any], *, holds: bool = True) -> Any:
        """Run the function that makes and wires what an owner holds, and see that nothing was left out.

        Args:
            owner: the factory.
            function: what makes it.
            holds: whether the factory may hold others.

        Returns:
            what the function returns; something `Unmade` where it fails.
        """
        self._running[id(owner)] = _Running(owner, [function])
        token = ACTIVE_MAKER.set(self) if ACTIVE_MAKER.get() is not self else None
        try:
            if plain := self._ownership.plain:
                self._ownership.plain = []
                with Shadows(plain):
                    result = function(owner)
            else:
                result = function(owner)
            if holds:
                self._check_all_made(owner)
        except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code, which may raise anything
            result = self._failed(owner, error)
        finally:
            if token is not None:
                ACTIVE_MAKER.reset(token)
            del self._running[id(owner)]
        return result

    def _failed(self, factory: object, error: BaseException) -> Unmade:
        """Remember why a factory cannot be made, or raise it."""
        if not self.collects:
            raise error
        if id(factory) in self._met_unmade and not isinstance(error, _NEVER_A_CONSEQUENCE):
            # It stumbled over what could not be made. What it did not come to may have problems of its own.
            self.made_children(factory)
        else:
            found = self._reporter.raised(factory, error)
            for running in reversed(self._running.values()):
                # A factory that code made has no place of its own: it gets that of the nearest one around it.
                found = self._reporter.raised(running.factory, found)
            self.problems.extend(found.diagnostics)
        return unmade()

    def _handed_over(self, made: Any) -> Any:
        """Remember who gets to see something that could not be made."""
        if isinstance(made, Unmade) and self._running:
            self._met_unmade.add(next(reversed(self._running)))
        return made

    def _call_again(self, running: _Running, written: Any) -> Any:
        """Let a subclass call the making function of its base; a factory that waits for itself is an error."""
        if written is None or written in running.functions:
            raise self._reporter.error("DW501", f"{type_name(running.factory)} makes itself", running.factory)
        running.functions.append(written)
        try:
            return written(running.factory)
        finally:
            running.functions.pop()

    def _make(self, factory: Any, owner: object) -> Any:
        plan = plan_of(type(factory))
        if owner is None and isinstance(factory, OperatorFactory) and factory.depends_on:
            first = factory.depends_on[0]
            raise self._reporter.error(
                "DW504",
                f"nobody wires 'depends_on: {first}' of {type_name(factory)}",
                factory,
                help=f"write `{first} >> {self.task_id(factory)}` instead: the factory stands in no other's data",
            )
        if plan.function is None:
            raise self._reporter.error(
                "DW502", f"{type_name(factory)} has neither make_operator nor make_operators", factory
            )
        task_args = factory.task_args if isinstance(factory, OperatorFactory) else None
        if plan.wraps:
            return self._group(factory, plan, task_args)
        if task_args:
            with self._task_args.applied(factory, task_args, self._dag):
                made = self.run(factory, plan.function, holds=plan.holds)
        else:
            made = self.run(factory, plan.function, holds=plan.holds)
        if not isinstance(made, (DAGNode, XComArg)):
            kind = f"a value of type {type(made).__name__}"
            what = "nothing" if made is None else f"{kind}, not an operator, TaskGroup or XComArg"
            raise self._reporter.error("DW502", f"make_operator of {type_name(factory)} returns {what}", factory)
        if task_args:
            place_assets(made, task_args)
        return made

    def _group(self, factory: Any, plan: Plan, task_args: Mapping[str, Any] | None) -> TaskGroup | Unmade:
        """Make several operators in a TaskGroup of their own."""
        arguments: dict[str, Any] = {"tooltip": plan.tooltip}
        if plan.doc is not None and "doc_md" in compat.group_arguments():
            arguments["doc_md"] = plan.doc
        if task_args:
            arguments["default_args"] = self._task_args.checked(factory, task_args)
        group = TaskGroup(self.task_id(factory), **arguments)
        with group:
            result = self.run(factory, plan.function, holds=plan.holds)  # type: ignore[arg-type]  # seen to be there
        if isinstance(result, Unmade):
            return result
        if not group.children and id(factory) not in self._met_unmade:
            raise self._reporter.error("DW502", f"make_operators of {type_name(factory)} makes no operator", factory)
        if task_args:
            place_assets(group, task_args)
        return group

    def _check_all_made(self, owner: object) -> None:
        for child in self._ownership.children(owner):
            if id(child.factory) not in self._made:
                where = self._ownership.path(child.factory)
                error = self._reporter.error(
                    "DW503",
                    f"{type_name(child.factory)} '{where}' is never made by {type_name(owner)}",
                    child.factory,
                    help="wire it, or call its make_operator, in make_tasks or make_operators",
                )
                self._made[id(child.factory)] = (child.factory, self._failed(child.factory, error))

    def _wire(self, factory: Any, made: Any, owner: object) -> None:
        """Wire `depends_on` as soon as both siblings are there, so that what is wired next sees it."""
        for waiting in self._waiting.pop(id(factory), ()):
            waiting.set_upstream(made)
        if not isinstance(factory, OperatorFactory) or not factory.depends_on:
            return
        siblings = self._ownership.siblings(owner)
        for name in factory.depends_on:
            upstream = siblings.get(name)
            if upstream is None:
                names = ", ".join(sorted(siblings)) or "none"
                error = self._reporter.error(
                    "DW301",
                    f"{type_name(factory)} depends on '{name}', which is no sibling of it",
                    factory,
                    notes=(f"siblings: {names}",),
                )
                self._failed(factory, error)
                continue
            known = self._made.get(id(upstream))
            if known is None:
                self._waiting.setdefault(id(upstream), []).append(made)
            else:
                made.set_upstream(known[1])


def _nodes(made: Any) -> list[Any]:
    if isinstance(made, Unmade):
        return []
    return [operator for operator, _ in made.iter_references()] if isinstance(made, XComArg) else [made]
