"""Factories as Python objects: frozen, keyword-only, compared by identity, made without Airflow."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError, field_validator

from dagwright import Component, DagFactory, OperatorFactory, ProjectFile, WorkspacePath
from dagwright.model.options import options_of, summary_of


class Column(Component, shorthand="name"):
    """A column.

    More about it.
    """

    name: str
    schema: str = "public"
    json: dict[str, int] = {}
    copy: Annotated[int, Field(ge=1)] = 1

    @field_validator("name")
    @classmethod
    def _upper(cls, value: str) -> str:
        return value.upper()


class Store(Component, abstract=True): ...


class FileStore(Store):
    path: WorkspacePath


class Load(OperatorFactory, aliases=["upload"], version=3):
    columns: list[Column]
    store: Store | None = None
    tags: set[str] = set()

    def make_operator(self) -> Any: ...


class LaterLoad(Load):
    when: str = "later"


def test_objects_are_frozen_keyword_only_and_themselves() -> None:
    one, other = Column(name="a"), Column(name="a")
    assert one != other
    assert len({one, other}) == 2
    with pytest.raises((dataclasses.FrozenInstanceError, ValidationError)):
        one.name = "b"  # type: ignore[misc]
    with pytest.raises((TypeError, ValidationError)):
        Column("a")  # type: ignore[call-arg]


def test_fields_may_have_any_name_and_validators_run() -> None:
    column = Column(name="a", schema="s", json={"x": 1})
    assert (column.name, column.schema, column.json) == ("A", "s", {"x": 1})
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Column(name="a", copy=0)
    with pytest.raises(ValidationError, match="Unexpected keyword"):
        Column(name="a", colour="red")  # type: ignore[call-arg]


def test_mutable_defaults_are_not_shared() -> None:
    one, other = Load(columns=[]), Load(columns=[])
    assert one.tags == other.tags == set()
    assert one.tags is not other.tags
    assert one.depends_on is not other.depends_on


def test_slots_take_any_subclass_and_nothing_else() -> None:
    store = FileStore(path="out/a.csv")
    assert Load(columns=[Column(name="a")], store=store).store is store
    with pytest.raises(ValidationError, match="a store"):
        Load(columns=[], store=Column(name="a"))  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="a column"):
        Load(columns=[{"name": "a"}])  # type: ignore[list-item]


def test_subclasses_inherit_fields_but_not_names() -> None:
    load = LaterLoad(columns=[], when="now")
    assert load.when == "now"
    assert options_of(Load).aliases == ("upload",)
    assert options_of(LaterLoad).aliases == ()
    assert (options_of(LaterLoad).type_name, options_of(LaterLoad).version) == ("later_load", 1)


def test_the_first_paragraph_is_the_summary() -> None:
    assert summary_of(Column) == "A column."
    assert summary_of(FileStore) == ""


@pytest.mark.parametrize("path", ["/abs", "../up", "a/../../b", "a\\b", "C:/x", "", "s3://b/k", "a\0b"])
def test_workspace_paths_stay_inside(path: str) -> None:
    with pytest.raises(ValidationError):
        FileStore(path=path)


@pytest.mark.parametrize("path", ["a", "a/b.csv", "{{ ds }}/x.csv", "a..b", "ünï.csv"])
def test_workspace_paths(path: str) -> None:
    assert FileStore(path=path).path == path


def test_a_class_may_refer_to_itself_and_to_later_ones() -> None:
    tree = Tree(children=[Tree(), Tree(leaf=Leaf(n=1))])
    assert tree.children[1].leaf.n == 1  # type: ignore[union-attr]


class Tree(Component):
    children: list[Tree] = []
    leaf: Leaf | None = None


class Leaf(Component):
    n: int


def test_a_subclass_field_beats_an_argument_of_the_dag() -> None:
    class Tagged(DagFactory):
        tags: dict[str, str] = {}  # type: ignore[assignment]

    assert Tagged(tags={"a": "b"}).tags == {"a": "b"}


def test_project_files_are_paths() -> None:
    file = ProjectFile("/srv/project/suites/a.json", "suites/a.json")
    assert (str(file), file.__fspath__()) == ("suites/a.json", "/srv/project/suites/a.json")
    assert file == ProjectFile("/srv/project/suites/a.json")


def test_importing_dagwright_loads_neither_airflow_nor_pydantic() -> None:
    code = "import dagwright, sys; print(sorted({'airflow', 'pydantic', 'yaml', 'click'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    import dagwright

    assert all(getattr(dagwright, name) is not None for name in dagwright.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        dagwright.nothing  # noqa: B018
