"""What a process keeps of a project from one DAG file to the next, and when it reads it again."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dagwright.binding import DagBinder, Project, load, open_project
from dagwright.diagnostics import LoadError

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

VARS = '[vars]\nfolder = "one"\n'
FROM_ENV = '[vars]\nfolder = {from_env = "SINK_FOLDER", default = "none"}\n'
DAG = 'type: flow\nsinks: {disk: {folder: "${{ vars.folder }}"}}\n'


@pytest.fixture
def flow(bench: Workbench) -> Path:
    write(bench, VARS)
    bench.write({"dags/team/a.dag.yaml": DAG})
    return bench.root / "dags/team/a.dag.yaml"


def write(bench: Workbench, toml: str) -> None:
    bench.write({"dagwright.toml": f'factories = ["{bench.package}"]\n{toml}'})


def opened(bench: Workbench, file: Path, env: str | None = None) -> Project:
    project, problems = open_project(bench.root, env=env, selection=[file], bind=False)
    assert project is not None, problems
    return project


def folder_of(bench: Workbench, file: Path, env: str | None = None) -> Any:
    made: Any = load(file, project=opened(bench, file, env))
    return made.sinks["disk"].folder


def in_the_same_tick(file: Path, text: str) -> None:
    """Write a text of the same length so that the file's times and size stay what they are."""
    before = file.stat()
    assert len(text.encode()) == before.st_size
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_was_read_serves_the_next_file(bench: Workbench, flow: Path) -> None:
    first, second = opened(bench, flow), opened(bench, flow)
    assert (second.config, second.registry, second.binder) == (first.config, first.registry, first.binder)
    assert second.files is not first.files


def test_a_changed_project_file_is_read_again_though_its_times_are_the_same(bench: Workbench, flow: Path) -> None:
    assert folder_of(bench, flow) == "one"
    project_file = bench.root / "dagwright.toml"
    in_the_same_tick(project_file, project_file.read_text().replace("one", "two"))
    assert folder_of(bench, flow) == "two"


@pytest.mark.parametrize("name", ["defaults.yaml", "dags/defaults.yml", "dags/team/defaults.json"])
def test_defaults_that_come_change_and_go_are_seen(bench: Workbench, flow: Path, name: str) -> None:
    assert folder_of(bench, flow) == "one"
    file = bench.root / name
    file.write_text('{"vars": {"folder": "two"}}', encoding="utf-8")
    assert folder_of(bench, flow) == "two"
    in_the_same_tick(file, '{"vars": {"folder": "six"}}')
    assert folder_of(bench, flow) == "six"
    file.unlink()
    assert folder_of(bench, flow) == "one"


def test_a_changed_variable_of_the_process_environment_is_seen(
    bench: Workbench, flow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, FROM_ENV)
    assert folder_of(bench, flow) == "none"
    monkeypatch.setenv("SINK_FOLDER", "secret")
    assert folder_of(bench, flow) == "secret"
    kept = opened(bench, flow).config
    monkeypatch.setenv("ANOTHER", "value")
    assert opened(bench, flow).config is kept
    monkeypatch.delenv("SINK_FOLDER")
    assert folder_of(bench, flow) == "none"


def test_environments_are_kept_apart(bench: Workbench, flow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(bench, f'{VARS}[env.dev.vars]\nfolder = "dev"\n[env.prod.vars]\nfolder = "prod"\n')
    for _ in range(2):
        assert [folder_of(bench, flow, env) for env in (None, "dev", "prod")] == ["one", "dev", "prod"]
        monkeypatch.setenv("DAGWRIGHT_ENV", "dev")
        assert folder_of(bench, flow) == "dev"
        monkeypatch.delenv("DAGWRIGHT_ENV")


def test_a_project_with_problems_is_read_each_time(bench: Workbench, flow: Path) -> None:
    write(bench, "surprise = 1\n")
    for _ in range(2):
        project, problems = open_project(bench.root, selection=[flow], bind=False)
        assert project is not None
        assert [found.code for found in problems] == ["DW401"]


def test_what_is_wrong_with_defaults_is_said_to_every_file(bench: Workbench, flow: Path) -> None:
    write(bench, f"{VARS}[defaults.lod]\nmode = 'append'\n")
    bench.write({"dags/team/b.dag.yaml": DAG.replace("folder:", "foldr:")})
    for _ in range(2):
        with pytest.raises(LoadError) as raised:
            load(flow.with_name("b.dag.yaml"), project=opened(bench, flow))
        assert "DW407" in {found.code for found in raised.value.diagnostics}


def test_whole_folders_are_read_anew(bench: Workbench, flow: Path) -> None:
    first, _ = open_project(bench.root)
    (flow.parent / "defaults.yaml").write_text("vars: {folder: two}\n", encoding="utf-8")
    second, _ = open_project(bench.root, selection=[bench.root / "dags"])
    assert first is not None
    assert second is not None
    assert [project.dags[0].sinks["disk"].folder for project in (first, second)] == ["one", "two"]  # type: ignore[attr-defined]  # `flow` has them


def test_a_module_of_factories_that_comes_is_found(bench: Workbench, flow: Path) -> None:
    package = bench.root / f"{bench.package}_late"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    bench.write({"dagwright.toml": f'factories = ["{bench.package}", "{bench.package}_late"]\n{VARS}'})
    before = opened(bench, flow)
    (package / "late.py").write_text("from dagwright import Component\nclass Late(Component): ...\n", encoding="utf-8")
    # The clock of a file system has ticks.
    os.utime(package, ns=(0, 1))
    after = opened(bench, flow)
    names = [{cls.__name__ for cls in project.registry.fillers} for project in (before, after)]
    assert ["Late" in each for each in names] == [False, True]
    assert after.binder is not before.binder


def test_a_project_file_that_takes_precedence_is_seen(bench: Workbench, flow: Path) -> None:
    text = (bench.root / "dagwright.toml").read_text()
    (bench.root / "dagwright.toml").unlink()
    tables = "[tool.dagwright]\n" + text.replace("[vars]", "[tool.dagwright.vars]")
    (bench.root / "pyproject.toml").write_text(tables, encoding="utf-8")
    assert folder_of(bench, flow) == "one"
    (bench.root / "dagwright.toml").write_text(text.replace("one", "two"), encoding="utf-8")
    assert folder_of(bench, flow) == "two"


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_defaults_that_cannot_be_read_are_an_error_until_they_go(bench: Workbench, flow: Path, kind: str) -> None:
    assert folder_of(bench, flow) == "one"
    broken = flow.parent / "defaults.yaml"
    broken.symlink_to("nowhere") if kind == "link" else broken.mkdir()
    for _ in range(2):
        project, problems = open_project(bench.root, selection=[flow])
        assert project is not None
        assert [found.code for found in problems] == ["DW116"]
    broken.unlink() if kind == "link" else broken.rmdir()
    assert folder_of(bench, flow) == "one"


def test_projects_with_folders_of_factories_of_one_name_have_their_own(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    name = f"{bench.package}_shared"
    found = []
    for number in (1, 2):
        root = tmp_path / f"p{number}"
        (root / name).mkdir(parents=True)
        code = f"from dagwright import Component\nclass Own{number}(Component): ...\n"
        (root / name / f"m{number}.py").write_text(code, encoding="utf-8")
        (root / "dagwright.toml").write_text(f'factories = ["{name}"]\n', encoding="utf-8")
        project, problems = open_project(root, bind=False)
        assert project is not None, problems
        found.append({cls.__name__ for cls in project.registry.fillers})
    assert "Own1" in found[0]
    assert "Own2" in found[1]


def test_a_file_that_is_written_while_it_is_read_is_read_again(
    bench: Workbench, flow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half of a file may look whole.
    project = opened(bench, flow)
    whole = f"{DAG}description: whole\n"
    bind, texts = DagBinder.bind, []

    def slow_writer(self: DagBinder, dag_file: Any, source: Any) -> Any:
        texts.append(source.text)
        if len(texts) == 1:
            flow.write_text(whole, encoding="utf-8")
        return bind(self, dag_file, source)

    monkeypatch.setattr(DagBinder, "bind", slow_writer)
    assert load(flow, project=project).description == "whole"
    assert texts == [DAG, whole]


def test_the_name_of_the_environment_has_its_own_place_each_time(bench: Workbench) -> None:
    toml = f'factories = ["{bench.package}"]\n[env.dev]\n'
    bench.write(
        {"dagwright.toml": toml, "dags/a.dag.yaml": 'type: flow\ntags: ["${{ env.name }}", "${{ env.name }}"]\n'}
    )
    project, _ = open_project(bench.root, env="dev")
    assert project is not None
    (bound,) = project.files
    assert bound.merged is not None
    tags: Any = (bound.merged.entries or {})["tags"][0]
    assert [tag.start <= tag.variables[0].start < tag.end for tag in tags.items] == [True, True]


def test_a_variable_that_is_no_utf8_is_a_finding(bench: Workbench, flow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(bench, FROM_ENV)
    monkeypatch.setenv("SINK_FOLDER", "\udcff")
    with pytest.raises(LoadError) as raised:
        folder_of(bench, flow)
    assert [found.code for found in raised.value.diagnostics] == ["DW206"]
