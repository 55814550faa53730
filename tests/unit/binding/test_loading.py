"""`load` and `load_project`, as Python code meets them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import dagwright
from dagwright.binding import opening

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

ENVIRONMENTS = "[env.dev]\nallow = ['process']\n[env.prod]\n"
JOB = "tasks: {run: {type: container_job, docker_image: x, command: y}}"


def _project(bench: Workbench, toml: str = "", **files: str) -> None:
    bench.write({"dagwright.toml": f'factories = ["{bench.package}"]\n{toml}', **files})


def test_load_gives_the_factory(bench: Workbench) -> None:
    _project(bench, **{"dags/a.dag.yaml": "type: flow\nloads: [{target: x}]\n"})
    flow: Any = dagwright.load(bench.root / "dags" / "a.dag.yaml")
    assert flow.loads[0].target == "x"


def test_load_says_everything_that_is_wrong(bench: Workbench) -> None:
    _project(bench, **{"dags/a.dag.yaml": "type: flow\nlods: 1\nloads: [{count: x}]\n"})
    with pytest.raises(dagwright.LoadError) as raised:
        dagwright.load(bench.root / "dags" / "a.dag.yaml")
    assert sorted(found.code for found in raised.value.diagnostics) == ["DW203", "DW204", "DW205"]
    assert "dags/a.dag.yaml:2:1" in str(raised.value)


def test_load_reads_an_editors_text_with_the_binding_of_its_file(bench: Workbench) -> None:
    _project(bench, '[[bind]]\npath = "dags/flows/*.yml"\ntype = "flow"\n')
    new = bench.root / "dags" / "flows" / "new.yml"
    assert type(dagwright.load(new, text="loads: [{target: x}]")).__name__ == "Flow"
    with pytest.raises(dagwright.LoadError, match=r"dags/flows/new\.yml:1:1"):
        dagwright.load(new, text="lods: []")


def test_a_project_serves_many_loads(bench: Workbench) -> None:
    _project(bench, **{"dags/a.dag.yaml": "type: flow\n", "dags/b.dag.yaml": "type: flow\nx: 1\n"})
    project = dagwright.load_project(bench.root)
    assert [bound.dag_id for bound in project.files] == ["a", "b"]
    assert len(project.dags) == 1
    assert [found.code for found in project.diagnostics] == ["DW203"]
    assert dagwright.load(bench.root / "dags" / "a.dag.yaml", project=project) is not project.dags[0]


def test_a_real_airflow_needs_a_chosen_environment(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    _project(bench, ENVIRONMENTS, **{"dags/a.dag.yaml": JOB})
    monkeypatch.setitem(sys.modules, "airflow", sys)
    monkeypatch.delenv("DAGWRIGHT_LOCAL_RUN", raising=False)
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)
    assert opening.is_inside_airflow()
    with pytest.raises(dagwright.LoadError, match="DW406"):
        dagwright.load_project(bench.root)
    with pytest.raises(dagwright.LoadError, match="DW406"):
        dagwright.load(bench.root / "dags" / "a.dag.yaml")
    monkeypatch.setenv("DAGWRIGHT_ENV", "dev")
    assert len(dagwright.load_project(bench.root).dags) == 1


def test_a_real_airflow_refuses_processes_that_the_project_does_not_allow(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _project(bench, ENVIRONMENTS, **{"dags/a.dag.yaml": JOB})
    monkeypatch.delenv("DAGWRIGHT_LOCAL_RUN", raising=False)
    assert len(dagwright.load_project(bench.root, env="prod").dags) == 1
    monkeypatch.setitem(sys.modules, "airflow", sys)
    with pytest.raises(dagwright.LoadError, match="DW508"):
        dagwright.load(bench.root / "dags" / "a.dag.yaml", env="prod")
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    assert not opening.is_inside_airflow()


def test_the_digest_follows_the_data_and_nothing_else(bench: Workbench) -> None:
    def digest(text: str, toml: str = "") -> str:
        _project(bench, toml, **{"dags/a.dag.yaml": f"type: flow\n{text}"})
        return dagwright.load_project(bench.root).files[0].digest()

    first = digest("owner: x\nloads: [{target: a, either: [b, c]}]\n")
    assert first == digest("# a comment\nloads:\n  - either: [b, c]\n    target: a\nowner: x\n")
    assert first == digest("loads: [{target: a, either: [b, c]}]\n", '[defaults.dag]\nowner = "x"')
    assert first != digest("owner: x\nloads: [{target: a, either: [c, b]}]\n")
    assert first != digest("owner: y\nloads: [{target: a, either: [b, c]}]\n")
