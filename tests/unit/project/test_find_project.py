from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.project import find_project
from dagwright.project.locate import relative_name


def test_the_nearest_folder_upwards_wins(root: Path, write) -> None:
    write({"dagwright.toml": "", "inner/dagwright.toml": "", "inner/dags/x/a.dag.yaml": "a: 1", "dags/b.yaml": "b: 1"})
    assert find_project(root / "inner/dags/x/a.dag.yaml") == root / "inner"
    assert find_project(root / "inner/dags/x") == root / "inner"
    assert find_project(root / "dags/b.yaml") == root
    assert find_project(root) == root
    assert find_project(root / "dags/missing.yaml") == root


def test_no_project_file_is_no_project(root: Path, write) -> None:
    write({"dags/a.dag.yaml": "a: 1", "pyproject.toml": "[project]\nname = 'dagwright-user'\n"})
    assert find_project(root / "dags") is None


@pytest.mark.parametrize(
    "text",
    [
        "[tool.dagwright]\n",
        "[tool]\ndagwright = {}\n",
        '[tool."dagwright".vars]\nx = 1\n',
        "[[tool.dagwright.bind]]\npath = 'x'\n",
        "\ufeff[tool.dagwright]\r\n",
        "[tool.dagwright]\nbroken = \n",
        "  [ tool . dagwright . vars ]\nbroken",
    ],
)
def test_a_pyproject_counts_where_it_configures_dagwright(root: Path, write, text: str) -> None:
    write(pyproject=text)
    assert find_project(root) == root


@pytest.mark.parametrize(
    "text",
    [
        "[tool.dagwrights]\n",
        "# [tool.dagwright]\n",
        "[tool]\nx = 'dagwright'\n",
        "dagwright = 1\nbroken",
        "tool = 1 # dagwright",
    ],
)
def test_a_pyproject_that_only_mentions_dagwright_does_not_count(root: Path, write, text: str) -> None:
    write(pyproject=text)
    assert find_project(root) is None


def test_a_pyproject_that_is_not_utf8_counts_by_its_header(root: Path, write) -> None:
    write({"pyproject.toml": b"[tool.dagwright]\nx = '\xff'\n"})
    assert find_project(root) == root


def test_a_folder_called_like_the_project_file_is_none(root: Path) -> None:
    (root / "dagwright.toml").mkdir()
    assert find_project(root) is None


def test_a_relative_start_is_searched_upwards_from_here(root: Path, write, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"dagwright.toml": "", "dags/a.yaml": "a: 1"})
    monkeypatch.chdir(root / "dags")
    assert find_project(Path("a.yaml")) == root
    assert find_project(Path()) == root


def test_names_are_relative_also_through_a_link_to_the_project(root: Path, write, tmp_path: Path) -> None:
    write({"dags/a b ü.yaml": "a: 1"})
    (tmp_path / "link").symlink_to(root)
    assert relative_name(root, tmp_path / "link/dags/a b ü.yaml") == "dags/a b ü.yaml"
    assert relative_name(tmp_path / "link", root / "dags") == "dags"
    assert relative_name(root, root) == "."
    assert relative_name(root, tmp_path) is None
    assert relative_name(root, tmp_path / "project-2") is None
