"""Several processes find what one does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dagwright.binding import open_project, side_by_side
from dagwright.diagnostics import format_text, sort_diagnostics

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench


@pytest.mark.skipif(sys.platform != "linux", reason="only there several processes are used")
def test_several_processes_find_what_one_does(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGWRIGHT_TEST_SECRET", "hunter2 hunter2")
    toml = """
        [vars]
        secret = { from_env = "DAGWRIGHT_TEST_SECRET" }
        [defaults.lod]
        count = 1
        [defaults.load]
        count = "many"
    """
    files = {f"dags/f{n:02d}.dag.yaml": "type: flow\nloads: [{target: a, count: 1}]\n" for n in range(20)}
    files["dags/f03.dag.yaml"] = "type: flow\ndag_id: f05\nlods: 1\n"
    files["dags/f07.dag.yaml"] = "type: flow\nloads: [{target: a}]\n"
    files["dags/f08.dag.yaml"] = "type: flow\nloads: [{target: b}, {target: '${{ vars.secret }}', count: 1, flag: 3}]\n"
    files["dags/sub/f01.dag.yaml"] = "type: flow\n"
    files["dags/sub/latin.dag.yaml"] = "type: flow\n"
    bench.open(toml=toml, **files)
    (bench.root / "dags" / "sub" / "latin.dag.yaml").write_bytes(b"owner: \xe4")
    monkeypatch.setattr(side_by_side, "_FEWEST_FILES", 2)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    several, found = open_project(bench.root, inside_airflow=False, trees="drop")
    monkeypatch.setattr(side_by_side, "_FEWEST_FILES", 2000)
    one, expected = open_project(bench.root, inside_airflow=False, trees="drop")
    assert several is not None
    assert one is not None
    assert [bound.dag_id for bound in several.files] == [bound.dag_id for bound in one.files]
    assert format_text(sort_diagnostics(found)) == format_text(sort_diagnostics(expected))
    assert {"DW101", "DW203", "DW205", "DW305", "DW407"} <= {problem.code for problem in found}
    assert "hunter2" not in format_text(found)
    assert several.dags == ()
