"""What values of each type are accepted, and what is said about the others."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench


def test_a_sound_file_becomes_its_factory(bench: Workbench) -> None:
    project = bench.open(
        """
        schedule: "@daily"
        loads:
          - target: rates
            columns: [day, {name: rate, type: NUMERIC}]
            wait: 1h30m
            since: 2025-01-31
            on: 2025-01-31
            free: {a: [1, {b: null}], c: 2.5}
            either: [x, y]
            engine: {type: cloud, cluster: dw}
        """
    )
    assert list(project.diagnostics) == []
    (flow,) = project.dags
    (load,) = flow.loads  # type: ignore[attr-defined]
    assert [(column.name, column.type) for column in load.columns] == [("day", "VARCHAR"), ("rate", "NUMERIC")]
    assert load.wait == dt.timedelta(minutes=90)
    assert load.since == dt.datetime(2025, 1, 31)  # noqa: DTZ001  the file gives no time zone
    assert load.on == dt.date(2025, 1, 31)
    assert load.free == {"a": [1, {"b": None}], "c": 2.5}
    assert load.either == ["x", "y"]
    assert load.engine.cluster == "dw"
    assert flow.schedule == "@daily"
    assert flow.dag_id == project.files[0].dag_id == "a"


@pytest.mark.parametrize(
    ("field", "code", "message", "label"),
    [
        ("count: '3'", "DW205", "expected an integer, found the string '3'", "remove the quotes"),
        ("count: true", "DW205", "expected an integer, found true", ""),
        ("count: 2.5", "DW205", "expected an integer, found the number 2.5", ""),
        ("count: 0", "DW206", "expected at least 1, found the integer 0", ""),
        ("flag: yes", "DW205", "expected true or false, found the string 'yes'", "write true"),
        ("flag: 1", "DW205", "expected true or false, found the integer 1", ""),
        ("mode: apend", "DW206", "expected 'replace' or 'append', found the string 'apend'", "did you mean 'append'?"),
        ("wait: soon", "DW205", "expected a duration such as 5m or PT5M, found the string 'soon'", ""),
        ("on: 31.1.2025", "DW205", "expected a date such as 2025-01-31, found the string '31.1.2025'", ""),
        ("columns: day", "DW205", "expected a list, found the string 'day'", "write [day]"),
        ("columns: [[a]]", "DW205", "expected a string, found a list", ""),
        ("free: 3", "DW205", "expected a mapping, found the integer 3", ""),
        ("either: {a: 1}", "DW205", "expected a string or a list, found a mapping", ""),
        ("either: [1]", "DW205", "expected a string, found the integer 1", "put quotes around it"),
        ("engine: cloud", "DW205", "expected a mapping, found the string 'cloud'", "write {type: cloud}"),
        ("paths: [../up]", "DW211", "path '../up' leaves the workspace", ""),
        ("suite: gone.json", "DW212", "file 'gone.json' not found", ""),
        ("suite: ../../../etc/passwd", "DW211", "path '../../../etc/passwd' leads out of the project", ""),
        ("retries: 3", "DW203", "unknown field 'retries' in load", ""),
        ("colums: [a]", "DW203", "unknown field 'colums' in load", "did you mean 'columns'?"),
        ("name: null", "", "", ""),
    ],
)
def test_a_value_of_the_wrong_kind(bench: Workbench, field: str, code: str, message: str, label: str) -> None:
    found = bench.problems(f"loads:\n  - target: rates\n    {field}\n")
    assert [(one.code, one.message, one.label) for one in found] == ([(code, message, label)] if code else [])
    if found:
        assert found[0].span is not None
        assert found[0].span.start.line == 4


def test_every_problem_of_a_file_is_reported(bench: Workbench) -> None:
    found = bench.problems(
        """
        schedle: x
        loads:
          - target: has spaces
            count: -1
            columns: [{nam: a}, {name: 3}]
            engine: {type: cloud}
          - mode: x
          - target: b
            depends_on: [nothing]
        sinks:
          disk: {}
          x: {type: nt}
        """
    )
    assert sorted(one.code for one in found) == [
        "DW201", "DW203", "DW203", "DW204", "DW204", "DW204", "DW205", "DW206", "DW206", "DW210", "DW301",
    ]  # fmt: skip


def test_paths_of_the_project_resolve_against_the_file_then_the_project(bench: Workbench) -> None:
    bench.write({"dags/near.json": "{}", "far.json": "{}", "dags/far.json/x": ""})
    project = bench.open(
        "loads: [{target: a, suite: near.json}, {target: b, suite: far.json}, {target: c, folder: dags}]"
    )
    assert list(project.diagnostics) == []
    loads = project.dags[0].loads  # type: ignore[attr-defined]
    assert [load.suite.name for load in loads[:2]] == ["dags/near.json", "far.json"]
    assert loads[0].suite.location == bench.root / "dags" / "near.json"
    assert loads[2].folder.location == bench.root / "dags"


def test_unset_and_null_differ(bench: Workbench) -> None:
    found = bench.problems("loads: [{target: null}]")
    assert [(one.code, one.message) for one in found] == [("DW205", "expected a string, found null")]


def test_not_a_number_is_a_number(bench: Workbench) -> None:
    project = bench.open("loads: [{target: a, free: {x: .inf, y: -0.0}}]")
    assert project.dags[0].loads[0].free == {"x": float("inf"), "y": 0.0}  # type: ignore[attr-defined]
