"""A mistake outside of DAG files: both places are shown, and it is said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

TWO_LOADS = "loads: [{target: a}, {target: b}]"


def test_a_bad_default_is_one_finding_with_both_places(bench: Workbench):
    (found,) = bench.problems(TWO_LOADS, toml="[defaults.load]\ncount = 0")
    (used,) = found.related
    assert (found.code, found.message) == ("DW206", "expected at least 1, found the integer 0")
    assert str(found.span).startswith("dagwright.toml:")
    assert (str(used.span), used.message) == ("dags/a.dag.yaml:2:9", "used here")
    assert found.notes == ("and used in 1 more place",)


def test_each_file_keeps_its_own_finding(bench: Workbench):
    files = {"dags/b.dag.yaml": f"type: flow\n{TWO_LOADS}\n"}
    opened = bench.open(TWO_LOADS, toml="[defaults.load]\ncount = 0", **files)
    assert opened.dags == ()
    assert [len(bound.diagnostics) for bound in opened.files] == [2, 2]
    assert [found.notes for found in opened.diagnostics] == [("and used in 3 more places",)]


def test_a_byte_order_mark_makes_no_other_file_of_a_file(bench: Workbench):
    files = {"dags/b.dag.yaml": "\ufefftype: flow\nloads: [{target: a, count: 0}]\n"}
    (found,) = bench.problems("loads: []", **files)
    assert found.related == ()


def test_the_same_mistake_in_two_dag_files_stays_two(bench: Workbench):
    files = {"dags/b.dag.yaml": "type: flow\nloads: [{target: a, count: 0}]\n"}
    assert bench.codes("loads: [{target: a, count: 0}]", **files) == ["DW206", "DW206"]


def test_a_wrong_type_of_a_binding_is_shown_where_it_stands(bench: Workbench):
    toml = '[[bind]]\npath = "dags/*.yml"\ntype = "flo"'
    files = {"dags/b.yml": "loads: []\n", "dags/c.yml": "loads: []\n"}
    (found,) = bench.problems("loads: []", toml=toml, **files)
    assert (found.code, str(found.span), found.label) == ("DW201", "dagwright.toml:4:8", "did you mean 'flow'?")
    assert [str(used.span) for used in found.related] == ["dags/b.yml:1:1"]
    assert found.notes[-1] == "and used in 1 more place"


def test_a_type_in_defaults_chooses_nothing(bench: Workbench):
    (found,) = bench.problems("sinks: {a: {type: net}}", toml='[defaults.sink]\ntype = "disk"')
    assert (found.code, found.message) == ("DW401", "'type' in the defaults of 'sink' chooses nothing")
