"""Functions and plain dataclasses as operator factories."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest
from pydantic import ValidationError

from dagwright import OperatorFactory, operator_factory
from dagwright.model.functions import adapt_plain
from dagwright.model.options import options_of
from dagwright.model.shapes import Shapes, SlotShape


@operator_factory
def run_sql(name: str, connection_id: str, sql: str, retries: int = 2) -> Any:
    """Run one statement."""
    return (name, connection_id, sql, retries)


@operator_factory(aliases=["old_count"], version=2)
def count(table: str, *, where: str | None = None) -> Any:
    return table, where


# To type checkers it is still the function; it is a class.
COUNT = cast(type, count)


@dataclasses.dataclass
class Wait:
    """Wait a while."""

    name: str
    seconds: int = 5
    tags: list[str] = dataclasses.field(default_factory=list)
    derived: str = dataclasses.field(init=False, default="x")

    def make_operator(self) -> Any:
        return self.name, self.seconds, self.tags


def test_the_signature_is_the_type() -> None:
    factory = run_sql(name="a", connection_id="c", sql="select 1")
    assert isinstance(factory, OperatorFactory)
    assert factory.retries == 2  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        run_sql(name="a", connection_id="c", sql=3)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        run_sql(name="a", sql="x")  # type: ignore[call-arg]


def test_options_and_names() -> None:
    assert options_of(cast(type, run_sql)).type_name == "run_sql"
    assert (options_of(COUNT).aliases, options_of(COUNT).version) == (("old_count",), 2)
    shape = Shapes().of_class(COUNT)
    assert list(shape.fields) == ["name", "depends_on", "task_args", "table", "where"]
    assert shape.required == ("table",)


def test_a_parameter_needs_an_annotation_and_a_name() -> None:
    with pytest.raises(TypeError, match="parameter 'x' has no annotation"):
        operator_factory(lambda x: x)

    def variadic(*names: str) -> Any: ...

    with pytest.raises(TypeError, match="'names' cannot be given by keyword"):
        operator_factory(variadic)


def test_a_plain_dataclass_keeps_its_fields() -> None:
    adapted = adapt_plain(Wait)
    shape = Shapes().of_class(adapted)
    assert shape.kind == "operator"
    assert [name for name in shape.fields if name not in {"depends_on", "task_args"}] == ["name", "seconds", "tags"]
    one, other = adapted(name="a"), adapted(name="b")
    assert one.tags == [] and one.tags is not other.tags  # type: ignore[attr-defined]  # noqa: PT018
    assert not isinstance(shape.fields["seconds"].shape, SlotShape)
