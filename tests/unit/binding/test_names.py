"""Names of tasks and DAGs, and dependencies between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench


@pytest.mark.parametrize(
    ("dag", "code", "path"),
    [
        ("loads: [{target: a}, {target: b, depends_on: [c]}]", "DW301", "loads[1].depends_on[0]"),
        ("loads: [{target: a, depends_on: [a]}]", "DW302", "loads[0].depends_on[0]"),
        ("loads: [{target: a, depends_on: [b]}, {target: b, depends_on: [a]}]", "DW303", "loads[1].depends_on[0]"),
        ("loads: [{target: a/b}, {target: x, name: a_b}]", "DW304", "loads[1]"),
        ("loads: [{target: a}]\nsinks: {a: {type: net}}", "DW304", "sinks.a"),
        ("loads: [{target: a, name: a.b}]", "DW306", "loads[0]"),
        ("sinks: {'a b': {type: net}}", "DW306", "sinks['a b']"),
        ("sinks: {net: {name: other}}", "DW209", "sinks.net.name"),
        ("group: {name: other}", "DW209", "group.name"),
        ("loads: [{target: '—'}]", "DW307", "loads[0]"),
        ("dag_id: a/b", "DW306", "dag_id"),
    ],
)
def test_a_wrong_name_or_dependency(bench: Workbench, dag: str, code: str, path: str) -> None:
    (found,) = bench.problems(dag)
    assert (found.code, found.path) == (code, path.replace("['a b']", ".a b"))


def test_siblings_are_of_one_owner(bench: Workbench) -> None:
    assert bench.codes("loads: [{target: a, depends_on: [net]}]\nsinks: {net: {}}") == []
    assert bench.codes("loads: [{target: a}]\ngroup: {loads: [{target: b, depends_on: [a]}]}") == ["DW301"]
    assert bench.codes("loads: [{target: a}]\ngroup: {loads: [{target: a}]}") == []


def test_a_task_that_cannot_be_read_keeps_its_name(bench: Workbench) -> None:
    found = bench.codes(
        "sinks: {a: {type: wrong}, b: {type: net, depends_on: [a]}, c: 3, d: {type: net, depends_on: [c]}}"
    )
    assert found == ["DW201", "DW205"]


def test_a_long_circle_is_reported_once(bench: Workbench) -> None:
    (found,) = bench.problems(
        "loads: [{target: a, depends_on: [c]}, {target: b, depends_on: [a]}, {target: c, depends_on: [b]}, "
        "{target: d, depends_on: [a, c]}]"
    )
    assert found.message == "tasks depend on each other in a circle: a → c → b → a"


def test_a_thousand_tasks_in_a_row(bench: Workbench) -> None:
    rows = [f"  - {{target: t{n}, depends_on: [t{n - 1}]}}" for n in range(1, 1000)]
    assert bench.codes("\n".join(["loads:", "  - {target: t0}", *reversed(rows)])) == []


def test_dag_ids_are_unique_in_the_project(bench: Workbench) -> None:
    bench.write({"dags/b.dag.yaml": "type: flow\ndag_id: a\n", "dags/sub/c.dag.yaml": "type: flow\n"})
    project = bench.open("description: x")
    (found,) = project.diagnostics
    assert (found.code, found.file_name, found.related[0].span.source.name) == (
        "DW305",
        "dags/b.dag.yaml",
        "dags/a.dag.yaml",
    )
    assert [bound.dag_id for bound in project.files if bound.factory is not None] == ["a", "c"]


def test_the_file_name_gives_the_id(bench: Workbench) -> None:
    bench.write({"dags/my dag.x.dag.yaml": "type: flow\n"})
    (found,) = bench.open().diagnostics
    assert (found.code, found.file_name, found.help) == (
        "DW306",
        "dags/my dag.x.dag.yaml",
        "rename the file or give it a 'dag_id'",
    )
