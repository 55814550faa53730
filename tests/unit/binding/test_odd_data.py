"""Data that nobody should write, and somebody will."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench


@pytest.mark.parametrize(
    ("dag", "codes"),
    [
        ("sinks: {a: {}}", ["DW202"]),
        ("sinks: {a: null}", ["DW205"]),
        ("sinks: {a: {type: null}}", ["DW201"]),
        ("sinks: {a: {type: [disk]}}", ["DW201"]),
        ("sinks: {a: {type: {}}}", ["DW201"]),
        ("sinks: {a: {type: ''}}", ["DW201"]),
        ("sinks: {a: {type: ':'}}", ["DW201"]),
        ("sinks: [{type: disk, folder: a}]", ["DW205"]),
        ("sinks:", ["DW205"]),
        ("loads: {target: a}", ["DW205"]),
        ("loads: [null]", ["DW205"]),
        ("loads: [[{target: a}]]", ["DW205"]),
        # One mistake, one message: a name that is no string is a name all the same.
        ("loads: [{target: a, name: 3}, {target: b, name: true}]", ["DW205", "DW205"]),
        ("loads: [{target: a, depends_on: [1, null, [a], {b: 1}]}]", ["DW205"] * 4),
        ("loads: [{target: a, depends_on: b}]", ["DW205"]),
        ("loads: [{target: a, free: {$made: 0}}]", []),
        ("loads: [{target: {$made: 0}}]", ["DW205"]),
        ("loads: [{target: a, engine: {$made: 99}}]", ["DW202"]),
        ("sinks: {ж: {type: net}, 日本: {type: net}, '': {type: net}, ' ': {type: net}}", ["DW306"] * 4),
        ("loads: [{target: a, name: b c}, {target: d, depends_on: [b c]}]", ["DW306"]),
        ("schedule: [a]", ["DW205"]),
        ("schedule: {}", ["DW210"]),
        ("max_active_runs: .nan\ndagrun_timeout: .inf", ["DW205", "DW205"]),
        (f"max_active_runs: {'9' * 5000}", ["DW103"]),
        ("dagrun_timeout: 99999999999999999999d\nstart_date: 2025-02-30", ["DW205", "DW205"]),
        ("owner: '${{'\ndescription: '${{ }}'\ndoc_md: '}} ${{'", ["DW208"] * 3),
    ],
)
def test_odd_data_is_a_finding(bench: Workbench, dag: str, codes: list[str]):
    assert bench.codes(dag) == codes


def test_key_order_says_nothing(bench: Workbench):
    files = {"dags/b.dag.yaml": "loads: [{count: 2, target: a}]\nowner: x\ntype: flow\n"}
    assert bench.codes("loads: []", **files) == []


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems(bench: Workbench, end: str):
    bench.open("loads: []")
    text = f"type: flow{end}loads:{end}  - target: a{end}    cuont: 1{end}"
    (bench.root / "dags" / "b.dag.yaml").write_bytes(text.encode())
    (found,) = bench.open().diagnostics
    assert str(found.span) == "dags/b.dag.yaml:4:5"


def test_a_mistake_behind_an_alias_is_said_once(bench: Workbench):
    (found,) = bench.problems("loads: [&a {target: a, cuont: 1, name: x}]\ngroup: {loads: [*a]}")
    assert (found.code, found.notes[-1]) == ("DW203", "and used in 1 more place")


def test_an_alias_may_be_two_tasks(bench: Workbench):
    flow = bench.open("sinks: {a: &s {type: net}, b: *s}").dags[0]
    assert {name: sink.name for name, sink in flow.sinks.items()} == {"a": "a", "b": "b"}  # type: ignore[attr-defined]  # a test's class


def test_a_long_circle_is_abridged(bench: Workbench):
    sinks = "".join(f"  s{i}: {{type: net, depends_on: [s{(i + 1) % 2000}]}}\n" for i in range(2000))
    (found,) = bench.problems("loads: []", **{"dags/b.dag.yaml": f"type: flow\nloads: []\nsinks:\n{sinks}"})
    assert found.code == "DW303"
    assert found.message.endswith("s0 → s1 → s2 → s3 → s4 → s5 → s6 → s7 → s8 → 1990 more → s1999 → s0")
