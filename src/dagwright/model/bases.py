"""The bases of all factories: typed metadata first, operators on demand.

A subclass is a frozen, keyword-only pydantic dataclass compared by identity; nothing has to be decorated.
`make_operator` and `make_operators` are wrapped so that they run once per factory and DAG, however often
they are called or wired.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ClassVar, cast, dataclass_transform

from pydantic import ConfigDict, Field, GetCoreSchemaHandler
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import CoreSchema

from dagwright.diagnostics.suggest import did_you_mean
from dagwright.model.building import LazyValidator, schema_of_component
from dagwright.model.computed import Computed, per_class
from dagwright.model.making import RAW, current_maker
from dagwright.model.naming import slug, snake_case
from dagwright.model.options import OPTIONS, ClassOptions, options_of
from dagwright.model.task_args import TaskArgs
from dagwright.model.wiring import Wirable

if TYPE_CHECKING:
    from dagwright.diagnostics import Diagnostic
    from dagwright.model.checking import CheckContext
    from dagwright.model.settings import RenderSettings

__all__ = ["Component", "OperatorFactory", "own_task_id"]

_CONFIG = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True, validate_by_name=True)
_MAKING_METHODS = ("make_operator", "make_operators")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field, Field))
class Component:
    """Typed metadata that owns no place in the graph: a column, a table, a credential reference.

    Class keywords: `abstract` (a slot), `type_name`, `aliases`, `default_type` (of a slot), `shorthand`,
    `name_from`, `version`; see `dagwright.model.options.ClassOptions`.

    Example:
        >>> class Column(Component, shorthand="name"):
        ...     name: str
        ...     type: str = "VARCHAR"
    """

    __dagwright_options__: ClassVar[ClassOptions] = ClassOptions(type_name="component", abstract=True)

    def __init_subclass__(
        cls,
        *,
        abstract: bool = False,
        type_name: str | None = None,
        aliases: Sequence[str] = (),
        default_type: str | None = None,
        shorthand: str | None = None,
        name_from: str | None = None,
        version: int = 1,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise TypeError(_unknown_keyword(cls, next(iter(kwargs))))
        super().__init_subclass__()
        inherited = options_of(cls.__mro__[1])
        options = ClassOptions(
            type_name=type_name or snake_case(cls.__name__),
            abstract=abstract,
            aliases=tuple(aliases),
            default_type=default_type,
            shorthand=shorthand or inherited.shorthand,
            name_from=name_from or inherited.name_from,
            version=version,
        )
        setattr(cls, OPTIONS, options)
        _copy_mutable_defaults(cls)
        pydantic_dataclass(cls, repr=False, frozen=True, kw_only=True, eq=False, config=_CONFIG)
        cls.__pydantic_validator__ = LazyValidator(cls)  # type: ignore[attr-defined]  # pydantic's own attribute

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return schema_of_component(
            cls, source, handler, lambda value: isinstance(value, cls), f"a {cls.__dagwright_options__.type_name}"
        )

    # One for all classes: making a function for each takes longer than anybody ever spends on reading them.
    @recursive_repr("...")
    def __repr__(self) -> str:
        """Return the object as Python code would make it."""
        shown = (field.name for field in dataclasses.fields(self) if field.repr)  # type: ignore[arg-type]  # subclasses are
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:  # noqa: ARG002  subclasses use it
        """Yield what is wrong with this object beyond the types of its fields.

        Runs offline in `dagwright check` and whenever a file is loaded. `context` resolves paths, knows the
        project and makes diagnostics with the right place: `yield context.error("path", "…")`.
        """
        return ()

    def worker_packages(self) -> Iterable[str]:
        """Return what has to be installed where the tasks run, each as pip takes it: `acme-dataflows[web]`.

        `dagwright doctor` says which of it is missing. What making the operators imports needs not be named.
        """
        return ()


def _unknown_keyword(cls: type, keyword: str) -> str:
    known = [name for name in ClassOptions.__dataclass_fields__ if not name.startswith("_")]
    suggestion = did_you_mean(keyword, known)
    hint = f"did you mean '{suggestion}'?" if suggestion else f"there are {', '.join(sorted(known))}"
    return f"class {cls.__qualname__} has an unknown keyword '{keyword}': {hint}"


def _copy_mutable_defaults(cls: type) -> None:
    """Let `columns: list[Column] = []` mean a new list per object, as readers expect."""
    for name in inspect.get_annotations(cls):
        default = cls.__dict__.get(name)
        if isinstance(default, (list, dict, set)):
            setattr(cls, name, dataclasses.field(default_factory=_copies(default)))


def _copies(default: Any) -> Callable[[], Any]:
    # A function, as pydantic asks for the signature, and finding that of a `partial` takes ten times as long.
    return lambda: type(default)(default)


def own_task_id(factory: object, options: ClassOptions) -> str | None:
    """Return the id that a factory has by itself: `task_id`, `name`, or the slug of its `name_from` field."""
    for attribute in _id_fields(type(factory)):
        value = getattr(factory, attribute)
        if isinstance(value, str) and value:
            return value
    value = getattr(factory, options.name_from) if options.name_from else None
    return (slug(str(value)) or None) if value is not None else None


@per_class
def _id_fields(cls: type) -> tuple[str, ...]:
    """Return which of the names of ids are fields; the property of the base is not an id of its own."""
    return tuple(name for name in ("task_id", "name") if name in getattr(cls, "__dataclass_fields__", {}))


class OperatorFactory(Component, Wirable, abstract=True):
    """Typed metadata that owns one place in the graph: one operator, or several in a TaskGroup.

    A subclass writes `make_operator`, which returns one operator, TaskGroup or XComArg, or `make_operators`,
    whose operators are wrapped in a TaskGroup named after the factory with the class's docstring as tooltip.
    Factories wire like operators (`>>`, `<<`, `chain`), in lists and with labels.

    Attributes:
        name: the task id within the owner; a mapping key or a field name gives it where the data does not.
        depends_on: names of siblings (factories of the same owner) that run before.
        task_args: arguments of Airflow's `BaseOperator` for everything inside; what the factory sets wins.
    """

    name: str | None = None
    depends_on: list[str] = []
    task_args: TaskArgs = cast(TaskArgs, {})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for method in _MAKING_METHODS:
            written = cls.__dict__.get(method)
            if written is not None and not hasattr(written, RAW):
                setattr(cls, method, _once(written))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def accepts(value: Any) -> bool:
            # Plain factories, which know no base, fit where any operator factory does.
            return isinstance(value, cls) or (cls is OperatorFactory and hasattr(value, "make_operator"))

        return schema_of_component(cls, source, handler, accepts, f"a {cls.__dagwright_options__.type_name}")

    @Computed
    def task_id(self) -> str:
        """The task id within the owner: the key or field that holds the factory, `name`, or its slug."""
        return current_maker().task_id(self)

    @Computed
    def settings(self) -> RenderSettings:
        """What the DAG file and the project say to factories while they make operators."""
        return cast("RenderSettings", current_maker().dag_settings())

    # A subclass writes one of these two; whoever calls the other by hand gets the same.

    def make_operator(self) -> Any:
        """Return one operator, TaskGroup or XComArg."""
        return current_maker().made(self)

    def make_operators(self) -> None:
        """Make and wire several operators; they are wrapped in a TaskGroup."""
        current_maker().made(self)


def _once(written: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Send a call of a making method to the maker, which makes every factory once."""

    @functools.wraps(written)
    def make(self: OperatorFactory) -> Any:
        return current_maker().made(self, written)

    setattr(make, RAW, written)
    return make
