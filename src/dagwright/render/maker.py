"""Makes each factory of one DAG once, in the TaskGroup where it is first touched."""

from __future__ import annotations

from typing import Any, NamedTuple

from airflow.sdk import DAG, TaskGroup, XComArg
from airflow.sdk.definitions._internal.node import DAGNode

from dagwright.model.bases import OperatorFactory
from dagwright.model.making import ACTIVE_MAKER
from dagwright.model.places import HolderKinds
from dagwright.model.settings import RenderSettings
from dagwright.render.errors import RenderError, Reporter, type_name
from dagwright.render.ownership import Ownership
from dagwright.render.plans import Plan, Plans
from dagwright.render.task_args import TaskArgs

__all__ = ["DagMaker"]


class _Running(NamedTuple):
    """A factory that is being made, and those of its making functions that run."""

    factory: object
    functions: list[Any]


class DagMaker:
    """The `Maker` of one DAG.

    Everything is remembered by `id` together with the object itself, so that no id is used again: factories
    compare by identity, plain dataclasses do not.
    """

    def __init__(self, dag: DAG, reporter: Reporter, settings: RenderSettings, ownership: Ownership) -> None:
        self._dag = dag
        self._reporter = reporter
        self._settings = settings
        self._ownership = ownership
        self._plans = Plans()
        self._task_args = TaskArgs(reporter)
        self._made: dict[int, tuple[object, Any]] = {}
        self._running: dict[int, _Running] = {}
        self._waiting: dict[int, list[Any]] = {}

    def made(self, factory: Any, written: Any = None) -> Any:
        """Return what is made of a factory; its owner in the data is made first.

        Args:
            factory: the factory.
            written: the function that was called by name, where one was: a subclass may call its base's.
        """
        key = id(factory)
        known = self._made.get(key)
        if known is not None:
            return known[1]
        running = self._running.get(key)
        if running is not None:
            return self._call_again(running, written)
        self._ownership.add(factory)
        owner = self._ownership.owner(factory)
        if owner is not None and id(owner) not in self._made and id(owner) not in self._running:
            self.made(owner)
            return self._made[key][1]
        made = self._make(factory, owner)
        self._made[key] = (factory, made)
        if owner is not None:
            self._wire(factory, made, owner)
        return made

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

    def run(self, owner: Any, function: Any) -> None:
        """Run the function that makes and wires what an owner holds, and see that nothing was left out."""
        self._running[id(owner)] = _Running(owner, [function])
        token = ACTIVE_MAKER.set(self)
        try:
            function(owner)
            self._check_all_made(owner)
        except Exception as error:  # noqa: BLE001  a factory is a stranger's code, which may raise anything
            self._reporter.reraise(owner, error)
        finally:
            ACTIVE_MAKER.reset(token)
            del self._running[id(owner)]

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
        plan = self._plans[type(factory)]
        if owner is None and isinstance(factory, OperatorFactory) and factory.depends_on:
            first = factory.depends_on[0]
            raise self._reporter.error(
                "DW504",
                f"nobody wires 'depends_on: {first}' of {type_name(factory)}",
                factory,
                help=f"write `{first} >> {self.task_id(factory)}` instead: the factory stands in no other's data",
            )
        made: Any = None

        def make(factory: Any) -> None:
            nonlocal made
            made = self._called(factory, plan)

        self.run(factory, make)
        return made

    def _called(self, factory: Any, plan: Plan) -> Any:
        """Call the making function and look at what it returns."""
        running = self._running[id(factory)]
        running.functions[:] = [plan.function]
        task_args = factory.task_args if isinstance(factory, OperatorFactory) else {}
        if plan.function is None:
            raise NotImplementedError(f"{type(factory).__name__} has neither make_operator nor make_operators")
        if plan.wraps:
            default_args = self._task_args.checked(factory, task_args) if task_args else {}
            group = TaskGroup(self.task_id(factory), tooltip=plan.tooltip, doc_md=plan.doc, default_args=default_args)
            with group:
                plan.function(factory)
            if not group.children:
                raise self._reporter.error("DW502", f"{type_name(factory)} makes no operator", factory)
            return group
        if task_args:
            with self._task_args.applied(factory, task_args, self._dag):
                made = plan.function(factory)
        else:
            made = plan.function(factory)
        if not isinstance(made, (DAGNode, XComArg)):
            raise self._reporter.error(
                "DW502",
                f"make_operator of {type_name(factory)} returns "
                + ("nothing" if made is None else f"a {type(made).__name__}, not an operator, TaskGroup or XComArg"),
                factory,
            )
        return made

    def _check_all_made(self, owner: object) -> None:
        for child in self._ownership.children(owner):
            if id(child.factory) not in self._made:
                where = self._ownership.path(child.factory)
                raise self._reporter.error(
                    "DW503",
                    f"{type_name(child.factory)} '{where}' is never made by {type_name(owner)}",
                    child.factory,
                    help="wire it, or call its make_operator, in make_tasks or make_operators",
                )

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
                raise self._reporter.error(
                    "DW301",
                    f"{type_name(factory)} depends on '{name}', which is no sibling of it",
                    factory,
                    notes=(f"siblings: {names}",),
                )
            known = self._made.get(id(upstream))
            if known is None:
                self._waiting.setdefault(id(upstream), []).append(made)
            else:
                made.set_upstream(known[1])
