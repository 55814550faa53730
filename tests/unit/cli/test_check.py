"""`dagwright check`: what it looks at, how it prints it, how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run, write_project

BROKEN = "type: talk_dag\ntalks: {one: {txt: 1}}\n"


def test_a_sound_project(project: Path, run: Run):
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "1 file, no problems\n")


def test_all_problems_and_a_summary(project: Path, run: Run):
    (project / "dags/broken.dag.yaml").write_text(BROKEN, encoding="utf-8")
    result = run("check")
    assert result.exit_code == 1
    assert "--> dags/broken.dag.yaml:2:15   (talks.one.txt)" in result.stdout
    assert (
        result.stderr
        == f"{result.stdout.count('error[')} error{'s' * (result.stdout.count('error[') > 1)} in 1 of 2 files\n"
    )


def test_a_single_file_and_a_folder(project: Path, run: Run):
    (project / "dags/broken.dag.yaml").write_text(BROKEN, encoding="utf-8")
    assert run("check", "dags/talk.dag.yaml").exit_code == 0
    assert run("check", "dags").exit_code == 1
    assert run("check", "dags/nothing.yaml").exit_code == 2


def test_files_are_named_as_seen_from_the_current_folder(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    (project / "dags/broken.dag.yaml").write_text(BROKEN, encoding="utf-8")
    monkeypatch.chdir(project / "dags")
    assert "--> broken.dag.yaml:2:" in run("check").stdout
    monkeypatch.chdir(project.parent)
    found = json.loads(run("check", "--project", project, "--format", "json").stdout)["diagnostics"]
    assert {each["file"] for each in found} == {f"{project.name}/dags/broken.dag.yaml"}


def test_several_projects_are_checked_each_in_its_own(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path / "one")
    two = write_project(tmp_path / "two")
    # The same package name, but what it holds is this project's.
    text = (two / "talking.py").read_text(encoding="utf-8")
    (two / "talking.py").write_text(text.replace("class TalkDag", "class ChatDag"), encoding="utf-8")
    result = run("check", "one", "two")
    assert result.exit_code == 1
    assert "two/dags/talk.dag.yaml:1:7" in result.stdout
    assert "one/dags" not in result.stdout


def test_an_environment_inside_the_project_stays_loaded(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(write_project(tmp_path))
    installed = tmp_path / ".venv" / "lib" / "site-packages"
    installed.mkdir(parents=True)
    (installed / "dagwright_test_installed.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(installed)
    module = tmp_path / "talking.py"
    module.write_text("import dagwright_test_installed\n" + module.read_text(encoding="utf-8"), encoding="utf-8")
    assert run("check").exit_code == 0
    assert "dagwright_test_installed" in sys.modules
    assert "talking" not in sys.modules


@pytest.mark.parametrize("output_format", ["json", "sarif", "github"])
def test_formats_for_other_programs(project: Path, run: Run, output_format: str):
    (project / "talking.py").write_text("print('noise')\n" + (project / "talking.py").read_text(), encoding="utf-8")
    (project / "dags/broken.dag.yaml").write_text(BROKEN, encoding="utf-8")
    result = run("check", "--format", output_format)
    assert result.exit_code == 1
    assert "noise" in result.stderr
    if output_format == "github":
        assert result.stdout.startswith("::error file=dags/broken.dag.yaml,line=2,")
    else:
        data = json.loads(result.stdout)
        assert data["diagnostics"] if output_format == "json" else data["runs"][0]["results"]


def test_warnings_fail_only_when_asked_to(project: Path, run: Run):
    toml = (project / "dagwright.toml").read_text(encoding="utf-8")
    bind = '\n[[bind]]\npath = "none/*.yml"\ntype = "talk_dag"\n'
    (project / "dagwright.toml").write_text(toml + bind, encoding="utf-8")
    assert run("check").exit_code == 0
    assert run("check", "--strict").exit_code == 1


def test_an_empty_folder_is_no_project(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    result = run("check")
    assert result.exit_code == 2
    assert "error: no dagwright.toml and no DAG file in this folder or above" in result.stderr


def test_an_unknown_environment(project: Path, run: Run):
    result = run("check", "--env", "prod")
    assert result.exit_code == 1
    assert "DW405" in result.stdout


def test_sixty_columns(project: Path, run: Run):
    (project / "dags/broken.dag.yaml").write_text(BROKEN, encoding="utf-8")
    assert max(map(len, run("check", columns=60).stdout.splitlines())) <= 60
