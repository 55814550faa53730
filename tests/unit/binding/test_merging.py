"""Corners of merging: bare values, unions, free mappings, words about another type, and what is never reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagwright.diagnostics import format_text

if TYPE_CHECKING:
    import pytest

    from tests.unit.binding.conftest import Workbench

FACTORIES = """
    from __future__ import annotations
    from dataclasses import dataclass, field
    from pydantic import Field
    from dagwright import Component, DagFactory, OperatorFactory

    class Target(Component, abstract=True, default_type="local"): ...
    class Local(Target, shorthand="path"):
        path: str = "nowhere"
        size: int = 1
    class Cloud(Target):
        bucket: str = "b"

    class A(Component):
        a: int = 0
        b: int = 0
    class B(Component):
        b: int = 0
        c: int = 0

    class Other(Component, abstract=True, default_type="y"): ...
    class Y(Other): ...
    class Z(Other):
        m: int = 0

    class Load(OperatorFactory):
        target: Target
        union: A | B | None = None
        free: dict[str, object] = {}
        other: Other = Z(m=5)
        def make_operator(self): ...

    class Group(OperatorFactory):
        children: list[Group] = []
        def make_operators(self): ...

    @dataclass
    class Job:
        name: str
        image: str = "none"
        def make_operator(self): ...

    @dataclass
    class Plain:
        jobs: list[Job]
        def make_dag(self): ...
"""
LOAD = "tasks: {a: {type: load, %s}}"


def _open(bench: Workbench, dag: str, toml: str = "") -> Any:
    bench.write({"merging.py": FACTORIES, "dags/p.dag.yaml": dag})
    return bench.open(toml=f'factories = ["merging"]\n{toml}')


def _load(bench: Workbench, fields: str, toml: str = "") -> Any:
    project = _open(bench, LOAD % fields, toml)
    assert list(project.diagnostics) == [], format_text(project.diagnostics)
    return project.dags[0].tasks["a"]


def test_a_bare_value_merges_with_what_layers_say_about_the_default_filler(bench: Workbench) -> None:
    target = _load(bench, "target: there", "[defaults.load]\ntarget = { size = 7 }").target
    assert (target.path, target.size) == ("there", 7)
    target = _load(bench, "target: {size: 3}", '[defaults.load]\ntarget = "base"').target
    assert (target.path, target.size) == ("base", 3)
    target = _load(bench, "target: {type: cloud}", '[defaults.load]\ntarget = "base"').target
    assert target.bucket == "b"


def test_a_wrong_type_in_a_weaker_layer_is_said_once_and_owns_its_words(bench: Workbench) -> None:
    toml = '[defaults.load]\ntarget = { type = "locl", junk = 3 }'
    (found,) = _open(bench, LOAD % "target: {type: local}", toml).diagnostics
    assert (found.code, found.file_name, found.label) == ("DW201", "dagwright.toml", "did you mean 'local'?")


def test_all_words_together_choose_the_member_of_a_union(bench: Workbench) -> None:
    toml = "[defaults.load]\nunion = { c = 1 }"
    union = _load(bench, "union: {b: 2}", toml).union
    assert (union.b, union.c) == (2, 1)
    union = _load(bench, "union: {a: 3}", toml).union
    assert (union.a, union.b) == (3, 0)
    union = _load(bench, "union: {c: 4}", toml).union
    assert union.c == 4


def test_mappings_that_no_class_describes_merge_deeply(bench: Workbench) -> None:
    toml = "[defaults.load.free]\nx = { y = { a = 1, b = 1 }, l = [1] }"
    assert _load(bench, "free: {x: {y: {b: 2}, l: [3]}, z: 1}", toml).free == {
        "x": {"y": {"a": 1, "b": 2}, "l": [3]},
        "z": 1,
    }


def test_a_default_in_code_holds_for_a_slot_that_has_a_default_filler(bench: Workbench) -> None:
    assert _load(bench, "target: x").other.m == 5
    assert type(_load(bench, "other: {}").other).__name__ == "Y"


def test_a_reference_that_does_not_count_need_not_resolve(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGWRIGHT_TEST_UNSET", raising=False)
    toml = """
        [vars]
        s = { from_env = "DAGWRIGHT_TEST_UNSET" }
        [defaults.dag]
        owner = "${{ vars.s }}"
        tags = ["${{ vars.s }}"]
    """
    project = _open(bench, "owner: me\ntags: [a]\n" + LOAD % "target: x", toml)
    assert list(project.diagnostics) == []
    assert [found.code for found in _open(bench, "tags: [a]\n" + LOAD % "target: x", toml).diagnostics] == ["DW408"]


def test_defaults_that_hold_themselves_are_a_finding(bench: Workbench) -> None:
    project = _open(bench, "tasks: {a: {type: group}}", '[defaults.group]\nchildren = [{ name = "a" }]')
    (found,) = project.diagnostics
    assert (found.code, found.file_name) == ("DW410", "dagwright.toml")


def test_defaults_reach_plain_dataclasses_inside_others(bench: Workbench) -> None:
    project = _open(bench, "type: plain\njobs: [{name: a}, {name: b, image: own}]", '[defaults.job]\nimage = "base"')
    assert [job.image for job in project.dags[0].jobs] == ["base", "own"]


def test_plain_neighbours_have_names_of_their_own(bench: Workbench) -> None:
    (found,) = _open(bench, "type: plain\njobs: [{name: a}, {name: a}]").diagnostics
    assert (found.code, found.path) == ("DW304", "jobs[1]")


def test_references_are_for_values(bench: Workbench) -> None:
    dag = LOAD % 'free: {"${{ vars.x }}": 1, y: {"${{ vars.z }}": [2]}}'
    assert [found.code for found in _open(bench, dag, "[vars]\nx = 1").diagnostics] == ["DW208", "DW208"]


def test_an_escaped_reference_may_stand_in_a_variable(bench: Workbench) -> None:
    toml = """
        [vars]
        text = "$${{ x }}"
        deep = { a = "$${{ x }}" }
    """
    free = _load(bench, 'free: {a: "${{ vars.text }}", b: "${{ vars.deep }}"}', toml).free
    assert free == {"a": "${{ x }}", "b": {"a": "${{ x }}"}}


def test_the_digest_knows_no_value_of_the_environment(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    toml = '[vars]\ns = { from_env = "DAGWRIGHT_TEST_SECRET" }'
    digests = set()
    for value in ("1234", "5678"):
        monkeypatch.setenv("DAGWRIGHT_TEST_SECRET", value)
        digests.add(_open(bench, 'owner: "${{ vars.s }}"\n' + LOAD % "target: x", toml).files[0].digest())
    assert len(digests) == 1
