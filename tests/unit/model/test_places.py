"""What an owner holds, and under which names."""

from __future__ import annotations

import dataclasses
from typing import Any

from dagwright.model.bases import Component, OperatorFactory
from dagwright.model.dag_factory import DagFactory
from dagwright.model.places import children_of


class Job(OperatorFactory):
    command: str = "true"


class Copy(OperatorFactory, name_from="path"):
    path: str


class Nested(OperatorFactory):
    before: Job
    jobs: list[Job] = []


class Stage(Component):
    definitions: list[Job] = []
    cleanup: Job | None = None


class Named(DagFactory):
    prepare: OperatorFactory | None = None
    stage: Stage | None = None
    keyed: dict[str, OperatorFactory] = {}
    listed: list[OperatorFactory] = []
    tuples: tuple[Copy, ...] = ()
    sets: frozenset[OperatorFactory] = frozenset()
    deep: dict[str, list[Stage]] = {}


@dataclasses.dataclass
class PlainJob:
    task_id: str
    inner: Any = None

    def make_operator(self) -> None: ...


@dataclasses.dataclass
class PlainGroup:
    jobs: list[Any]
    mapping: dict[Any, Any]


@dataclasses.dataclass
class PlainRoot:
    group: PlainGroup
    first: PlainJob

    def make_dag(self) -> None: ...


def names(owner: object) -> list[tuple[str | None, str]]:
    return [(child.name, ".".join(map(str, child.path))) for child in children_of(owner)]


def test_names_come_from_keys_fields_names_and_slugs():
    root = Named(
        prepare=Job(),
        stage=Stage(definitions=[Job(name="a"), Job()], cleanup=Job()),
        keyed={"k": Job(name="ignored"), "copy": Copy(path="x/y")},
        listed=[Copy(path="out/rates.csv")],
        tuples=(Copy(path="z", name="given"),),
    )

    assert names(root) == [
        ("prepare", "prepare"),
        ("a", "stage.definitions.0"),
        (None, "stage.definitions.1"),
        ("cleanup", "stage.cleanup"),
        ("k", "keyed.k"),
        ("copy", "keyed.copy"),
        ("out_rates_csv", "listed.0"),
        ("given", "tuples.0"),
    ]


def test_a_given_name_wins_over_the_field_that_holds_the_factory():
    assert names(Named(prepare=Job(name="other"))) == [("other", "prepare")]


def test_the_field_wins_over_a_slug():
    assert names(Named(prepare=Copy(path="x"))) == [("prepare", "prepare")]


def test_what_a_factory_holds_is_its_own():
    nested = Nested(before=Job(), jobs=[Job(name="a")])

    assert names(Named(listed=[nested])) == [(None, "listed.0")]
    assert names(nested) == [("before", "before"), ("a", "jobs.0")]


def test_lists_and_components_in_mappings_are_looked_through():
    root = Named(deep={"x": [Stage(definitions=[Job(name="a")])]})

    assert names(root) == [("a", "deep.x.0.definitions.0")]


def test_an_object_in_two_places_is_one_child_at_the_first():
    job = Job(name="a")

    assert names(Named(prepare=job, listed=[job], keyed={"k": job})) == [("a", "prepare")]


def test_sets_are_ordered_by_name():
    jobs = [Job(name=name) for name in "hgfedcba"]

    assert [name for name, _ in names(Named(sets=frozenset(jobs)))] == list("abcdefgh")


def test_plain_dataclasses_own_and_hold():
    root = PlainRoot(PlainGroup([PlainJob("a", PlainJob("inner"))], {1: PlainJob("b")}), PlainJob("c"))

    assert names(root) == [("a", "group.jobs.0"), ("1", "group.mapping.1"), ("c", "first")]
    assert names(root.group.jobs[0]) == [("inner", "inner")]


def test_classes_of_factories_are_data():
    assert names(PlainGroup([Job, PlainJob, "text", 3, None], {})) == []


def test_an_object_that_holds_itself_ends():
    group = PlainGroup([], {})
    group.jobs += [group, PlainJob("a")]

    assert [name for name, _ in names(group)][-1] == "a"


class Scalars(DagFactory):
    text: str = ""
    number: int | None = None
    either: str | OperatorFactory | None = None
    anything: Any = None


def test_fields_that_may_hold_a_factory_are_looked_at():
    assert names(Scalars(either=Job(), anything=[Job(name="a")])) == [("either", "either"), ("a", "anything.0")]
