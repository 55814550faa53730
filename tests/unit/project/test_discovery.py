from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from dagwright.diagnostics import Severity


def names(files) -> list[str]:
    return [file.name for file in files]


@pytest.fixture
def found(write, config):
    """Find the DAG files of a project that consists of the given files, which has nothing wrong with it."""

    def find(files, *, toml: str = "", selection=None) -> list[str]:
        write({"dagwright.toml": toml, **(files if isinstance(files, dict) else dict.fromkeys(files, "a: 1\n"))})
        dag_files, diagnostics = config().dag_files(selection)
        assert diagnostics == []
        return names(dag_files)

    return find


def test_the_default_patterns(found) -> None:
    files = [
        "dags/b.dag.yml",
        "dags/a.dag.yaml",
        "dags/x/y/c.dag.json",
        "dags/d.yaml",
        "e.dag.yaml",
        "x/dags/f.dag.yaml",
    ]
    assert found(files) == ["dags/a.dag.yaml", "dags/b.dag.yml", "dags/x/y/c.dag.json"]


def test_weird_names(found) -> None:
    files = [
        "dags/ü ö/日本 語.dag.yaml",
        "dags/a'b\"c.dag.yaml",
        "dags/[x].dag.yaml",
        "dags/-.dag.yaml",
        "dags/🙂.dag.yaml",
    ]
    assert found(files) == sorted(files)


def test_a_bound_file_has_its_type_and_its_place(root: Path, write, config) -> None:
    toml = "dags = ['dags/**/*.yml']\n[[bind]]\npath = 'dags/typical/**/*.yml'\ntype = 'typical_dag'\n"
    write({"dagwright.toml": toml, "dags/typical/x/a.yml": "a: 1", "dags/b.yml": "b: 1"})
    files, diagnostics = config().dag_files()
    assert diagnostics == []
    assert [(file.name, file.path, file.type) for file in files] == [
        ("dags/b.yml", root / "dags/b.yml", None),
        ("dags/typical/x/a.yml", root / "dags/typical/x/a.yml", "typical_dag"),
    ]
    assert str(files[1].type_span) == "dagwright.toml:4:8"


BOUND = "dags = []\n[[bind]]\npath = 'a/*.yml'\ntype = '{}'\n[[bind]]\npath = '*/x*.yml'\ntype = '{}'\n"


def test_two_bindings_of_one_type_agree(found) -> None:
    assert found(["a/b.yml", "a/x.yml", "b/x.yml"], toml=BOUND.format("t", "t")) == ["a/b.yml", "a/x.yml", "b/x.yml"]


@pytest.mark.parametrize("selection", [None, ["a"], ["a/x1.yml", "a/x2.yml", "b"]])
def test_two_bindings_of_different_types_are_one_finding(root: Path, write, config, selection) -> None:
    write({"dagwright.toml": BOUND.format("one", "two"), "a/x1.yml": "", "a/x2.yml": "", "a/c.yml": "", "b/x.yml": ""})
    files, diagnostics = config().dag_files([root / name for name in selection] if selection else None)
    assert {"a/x1.yml", "a/x2.yml"}.isdisjoint(names(files))
    assert [(found.code, str(found.span), found.message) for found in diagnostics] == [
        ("DW411", "dagwright.toml:6:8", "'a/x1.yml' and 1 more are bound to both 'one' and 'two'")
    ]
    assert [str(related.span) for related in diagnostics[0].related] == ["dagwright.toml:3:8"]


def test_folders_that_nobody_means(found) -> None:
    files = [
        "dags/a.dag.yaml",
        "dags/.git/a.dag.yaml",
        "dags/.dagwright/a.dag.yaml",
        "dags/__pycache__/a.dag.yaml",
        "dags/node_modules/a.dag.yaml",
        "dags/venv/pyvenv.cfg",
        "dags/venv/lib/a.dag.yaml",
        "dags/conda/conda-meta/history",
        "dags/conda/a.dag.yaml",
        "dags/.#a.dag.yaml",
        "dags/._a.dag.yaml",
    ]
    assert found(files) == ["dags/a.dag.yaml"]


def test_a_hidden_folder_counts_where_a_pattern_names_it(found) -> None:
    assert found(["dags/.late/a.yaml", "dags/.b/a.yaml"], toml="dags = ['dags/.late/*.yaml']\n") == [
        "dags/.late/a.yaml"
    ]


def test_the_folder_of_our_own_never_counts(root: Path, write, config) -> None:
    write({"dagwright.toml": "dags = ['.dagwright/*.yaml', 'a.yaml']\n", ".dagwright/a.yaml": "", "a.yaml": ""})
    assert names(config().dag_files()[0]) == ["a.yaml"]


def test_a_project_inside_the_project_is_its_own(found) -> None:
    files = {
        "a.dag.yaml": "a: 1",
        "inner/dagwright.toml": "",
        "inner/a.dag.yaml": "a: 1",
        "other/pyproject.toml": "[tool.dagwright]\n",
        "other/a.dag.yaml": "a: 1",
        "third/pyproject.toml": "[tool.ruff]\n",
        "third/a.dag.yaml": "a: 1",
    }
    assert found(files, toml="dags = ['**/*.dag.yaml']\n") == ["a.dag.yaml", "third/a.dag.yaml"]


def test_defaults_are_no_dag_files(found) -> None:
    files = {"dags/defaults.yaml": "", "dags/x/defaults.yml": "", "dags/defaults.json": "", "dags/a.yaml": ""}
    assert found(files, toml="dags = ['dags/**']\n") == ["dags/a.yaml"]


def test_only_defaults_are_nothing(write, config) -> None:
    write({"dagwright.toml": "dags = ['dags/**']\n", "dags/defaults.yaml": ""})
    assert [found.code for found in config().dag_files()[1]] == ["DW409"]


def test_folders_without_hope_are_never_opened(root: Path, write, config, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"dagwright.toml": "", "dags/x/a.dag.yaml": "", "data/x/y.csv": "", "src/a.py": ""})
    opened: list[str] = []
    scandir = os.scandir

    def spy(path):
        opened.append(os.path.relpath(path, root))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", spy)
    config().dag_files()
    assert sorted(opened) == [".", "dags", "dags/x"]
    opened.clear()
    config().dag_files([root / "dags/x"])
    assert sorted(opened) == [".", "dags", "dags/x"]
    opened.clear()
    config().dag_files([root / "dags/x/a.dag.yaml"])
    assert opened == []


def test_an_unreadable_folder_is_a_finding_and_the_rest_is_found(
    root: Path, write, config, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"dagwright.toml": "", "dags/a.dag.yaml": "", "dags/locked/b.dag.yaml": ""})
    scandir = os.scandir

    def refuse(path):  # a superuser may read everything, so the system's answer is given here
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files, diagnostics = config().dag_files()
    assert names(files) == ["dags/a.dag.yaml"]
    assert [(found.code, found.file, found.message) for found in diagnostics] == [
        ("DW116", "dags/locked/", "the folder cannot be read: permission denied")
    ]


# Links


def test_links_inside_the_project_are_followed(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "shared/x/a.dag.yaml": "", "dags/..data/b.dag.yaml": ""})
    (root / "dags/shared").symlink_to(root / "shared")
    (root / "dags/b.dag.yaml").symlink_to("..data/b.dag.yaml")  # as a mounted ConfigMap has it
    files, diagnostics = config().dag_files()
    assert diagnostics == []
    assert names(files) == ["dags/b.dag.yaml", "dags/shared/x/a.dag.yaml"]


def test_links_in_circles_are_left(root: Path, write, config) -> None:
    write({"dags/x/a.dag.yaml": "", "other/b.dag.yaml": ""})
    (root / "dags/x/up").symlink_to("..")
    (root / "dags/root").symlink_to(root)
    (root / "dags/self").symlink_to("self")
    (root / "dags/other").symlink_to(root / "other")
    (root / "other/back").symlink_to(root / "dags")
    files, diagnostics = config().dag_files()
    assert diagnostics == []
    assert names(files) == ["dags/other/b.dag.yaml", "dags/x/a.dag.yaml"]


def test_links_that_lead_out_are_not_followed_and_said(root: Path, write, config, tmp_path: Path) -> None:
    outside = tmp_path / "project-2"
    outside.mkdir()
    (outside / "b.dag.yaml").write_text("b: 1")
    write({"dagwright.toml": "", "dags/a.dag.yaml": ""})
    (root / "dags/folder").symlink_to(outside)
    (root / "dags/b.dag.yaml").symlink_to(outside / "b.dag.yaml")
    (root / "elsewhere").symlink_to(outside)
    files, diagnostics = config().dag_files()
    assert names(files) == ["dags/a.dag.yaml"]
    assert [(found.code, found.severity, found.file) for found in diagnostics] == [
        ("DW211", Severity.WARNING, "dags/b.dag.yaml"),
        ("DW211", Severity.WARNING, "dags/folder"),
    ]


def test_links_that_lead_nowhere_are_findings_where_a_dag_file_was_meant(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "dags/a.dag.yaml": ""})
    (root / "dags/b.dag.yaml").symlink_to("missing")
    (root / "dags/c.dag.yaml").symlink_to("c.dag.yaml")
    (root / "dags/whatever").symlink_to("missing")
    files, diagnostics = config().dag_files()
    assert names(files) == ["dags/a.dag.yaml"]
    assert [(found.code, found.file) for found in diagnostics] == [
        ("DW116", "dags/b.dag.yaml"),
        ("DW116", "dags/c.dag.yaml"),
    ]


def test_a_project_that_is_itself_reached_by_a_link(root: Path, write, load, tmp_path: Path) -> None:
    write({"dagwright.toml": "", "dags/a.dag.yaml": ""})
    (root / "dags/b.dag.yaml").symlink_to("a.dag.yaml")
    (tmp_path / "current").symlink_to(root)
    project, _ = load(tmp_path / "current")
    files, diagnostics = project.dag_files()
    assert diagnostics == []
    assert [(file.name, file.path) for file in files] == [
        ("dags/a.dag.yaml", tmp_path / "current/dags/a.dag.yaml"),
        ("dags/b.dag.yaml", tmp_path / "current/dags/b.dag.yaml"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8_is_a_finding_that_can_be_shown(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "dags/a.dag.yaml": ""})
    (root / os.fsdecode(b"dags/\xff.dag.yaml")).touch()
    files, diagnostics = config().dag_files()
    assert names(files) == ["dags/a.dag.yaml"]
    assert [(found.code, found.file) for found in diagnostics] == [("DW116", "dags/\\xff.dag.yaml")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes")
def test_what_is_no_file_is_none(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "dags/a.dag.yaml": "", "dags/folder.dag.yaml/b.dag.yaml": ""})
    os.mkfifo(root / "dags/pipe.dag.yaml")
    files, diagnostics = config().dag_files()
    assert diagnostics == []
    assert names(files) == ["dags/a.dag.yaml", "dags/folder.dag.yaml/b.dag.yaml"]
    (found,) = config().dag_files([root / "dags/pipe.dag.yaml"])[1]
    assert (found.code, found.message) == ("DW116", "this is neither a file nor a folder")


# Selections


def selected(config, *paths: Path | str) -> tuple[list[str], list[tuple[str, str | None]]]:
    files, diagnostics = config().dag_files([Path(path) for path in paths])
    return names(files), [(found.code, found.file) for found in diagnostics]


@pytest.fixture
def project(root: Path, write) -> Path:
    toml = "[[bind]]\npath = 'bound/*.yml'\ntype = 'typical_dag'\n"
    files = [
        "dags/a.dag.yaml",
        "dags/x/b.dag.yaml",
        "dags/xy/c.dag.yaml",
        "bound/d.yml",
        "suites/e.json",
        "dags/defaults.yaml",
    ]
    write({"dagwright.toml": toml, **dict.fromkeys(files, "a: 1\n")})
    return root


def test_a_folder_restricts(project: Path, config) -> None:
    assert selected(config, project / "dags/x") == (["dags/x/b.dag.yaml"], [])
    assert selected(config, project / "dags") == (["dags/a.dag.yaml", "dags/x/b.dag.yaml", "dags/xy/c.dag.yaml"], [])


def test_the_root_and_what_is_around_it_mean_everything(project: Path, config) -> None:
    everything = ["bound/d.yml", "dags/a.dag.yaml", "dags/x/b.dag.yaml", "dags/xy/c.dag.yaml"]
    assert selected(config, project) == (everything, [])
    assert selected(config, project.parent) == (everything, [])


def test_a_file_named_twice_counts_once(project: Path, config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "dags")
    paths: list[Path | str] = ["x/b.dag.yaml", project / "dags/x/b.dag.yaml", "x", "../dags/x/", "."]
    assert selected(config, *paths)[0] == ["dags/a.dag.yaml", "dags/x/b.dag.yaml", "dags/xy/c.dag.yaml"]
    assert selected(config, *paths[:4]) == (["dags/x/b.dag.yaml"], [])


def test_a_named_file_is_found_whatever_the_patterns_say(project: Path, config) -> None:
    files, diagnostics = config().dag_files([project / "suites/e.json", project / "bound/d.yml"])
    assert diagnostics == []
    assert [(file.name, file.type, file.path) for file in files] == [
        ("bound/d.yml", "typical_dag", project / "bound/d.yml"),
        ("suites/e.json", None, project / "suites/e.json"),
    ]


def test_a_named_file_is_found_although_it_is_ignored(project: Path, write, config) -> None:
    write({".airflowignore": "dags/\n"})
    assert selected(config, project / "dags/a.dag.yaml") == (["dags/a.dag.yaml"], [])
    assert selected(config, project / "dags") == ([], [("DW409", "dags")])


def test_a_missing_path_is_a_finding_and_the_rest_is_found(project: Path, config) -> None:
    paths = [project / "dags/a.dag.yaml", project / "dags/z.dag.yaml", project / "nowhere"]
    assert selected(config, *paths) == (["dags/a.dag.yaml"], [("DW116", "dags/z.dag.yaml"), ("DW116", "nowhere")])


def test_folders_without_dag_files_are_findings_each(project: Path, config) -> None:
    paths = [project / "suites", project / "dags/x", project / "dags"]
    assert selected(config, *paths)[1] == [("DW409", "suites")]


def test_a_folder_elsewhere_is_a_finding(project: Path, config, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert selected(config, elsewhere) == ([], [("DW409", elsewhere.as_posix())])


def test_a_file_elsewhere_is_loaded_under_its_path(project: Path, config, tmp_path: Path) -> None:
    elsewhere = tmp_path / "z.dag.yaml"
    elsewhere.write_text("a: 1")
    assert selected(config, elsewhere) == ([elsewhere.as_posix()], [])


def test_defaults_named_as_a_dag_file_are_a_finding(project: Path, config) -> None:
    assert selected(config, project / "dags/defaults.yaml") == ([], [("DW411", "dags/defaults.yaml")])


def test_an_empty_selection_selects_nothing(project: Path, config) -> None:
    assert selected(config) == ([], [])


def test_patterns_that_match_nothing_at_all(write, config) -> None:
    write(dagwright="[[bind]]\npath = 'x/*.yml'\ntype = 'x'\n")
    (found,) = config().dag_files()[1]
    assert (found.code, found.severity, found.file) == ("DW409", Severity.ERROR, "dagwright.toml")
    assert found.notes == ("patterns: x/*.yml, dags/**/*.dag.yaml, dags/**/*.dag.yml, dags/**/*.dag.json",)


def test_a_binding_that_matches_nothing_is_a_warning(write, config) -> None:
    write({"dagwright.toml": "[[bind]]\npath = 'x/*.yml'\ntype = 'x'\n", "dags/a.dag.yaml": ""})
    files, (found,) = config().dag_files()
    assert names(files) == ["dags/a.dag.yaml"]
    assert (found.code, found.severity, str(found.span)) == ("DW409", Severity.WARNING, "dagwright.toml:2:8")


def test_ten_thousand_files(root: Path, write, config) -> None:
    write({"dagwright.toml": "[[bind]]\npath = 'dags/7?/**/*.yml'\ntype = 't'\n"})
    one = root / "one.dag.yaml"  # ten thousand names of it are made much faster than as many files
    one.touch()
    for folder in range(100):
        (root / f"dags/{folder:02}/deep").mkdir(parents=True)
        for number in range(50):
            (root / f"dags/{folder:02}/{number:02}.dag.yaml").hardlink_to(one)
            (root / f"dags/{folder:02}/deep/{number:02}.yml").hardlink_to(one)
    (root / "dags/.airflowignore").write_text("0?/\n*9.dag.yaml\n!99/09.dag.yaml\n")
    files, diagnostics = config().dag_files()
    expected = {f"dags/{folder:02}/{number:02}.dag.yaml": None for folder in range(10, 100) for number in range(50)}
    expected = {
        name: None for name in expected if not re.search(r"9\.dag\.yaml", name) or name == "dags/99/09.dag.yaml"
    }
    bound = {f"dags/7{folder}/deep/{number:02}.yml": "t" for folder in range(10) for number in range(50)}
    assert diagnostics == []
    assert {file.name: file.type for file in files} == {**expected, **bound}
    assert names(files) == sorted(names(files))


@pytest.mark.parametrize("selection", [None, ["dags"], ["dags/x", "dags/one.dag.yaml", "dags/two.dag.yaml", "gone"]])
def test_files_by_the_id_that_their_names_give(root: Path, write, config, selection) -> None:
    files = ["dags/one.dag.yaml", "dags/one_more.dag.yaml", "dags/two.dag.yaml", "dags/x/one.dag.yml", "one.dag.yaml"]
    write({"dagwright.toml": "", **dict.fromkeys(files, "a: 1\n")})
    chosen = None if selection is None else [root / name for name in selection]
    everything, _ = config().dag_files(chosen)
    called = config().dag_files_called("one", chosen)
    assert names(called) == ["dags/one.dag.yaml", "dags/x/one.dag.yml"]
    assert called == [file for file in everything if file.path.name.split(".")[0] == "one"]
