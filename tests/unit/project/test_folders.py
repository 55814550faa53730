from __future__ import annotations

from pathlib import Path

import pytest


def names(layers) -> list[str]:
    return [layer.name for layer in layers]


FOLDER = "defaults: {dag: {owner: x}}\nenv: {prod: {defaults: {dag: {owner: y}}}}\n"


def test_layers_run_from_weak_to_strong(root: Path, write, config) -> None:
    write(
        {
            "dagwright.toml": "[defaults.dag]\nowner = 'a'\n[env.prod.defaults.dag]\nowner = 'b'\n"
            "[env.dev.defaults.dag]\n",
            "defaults.yaml": FOLDER,
            "dags/defaults.json": '{"defaults": {"dag": {"owner": "z"}}}',
            "dags/finance/defaults.yml": FOLDER,
            "dags/other/defaults.yaml": FOLDER,
        }
    )
    project = config(env="prod")
    assert names(project.layers(root / "dags/finance/deep")) == [
        "dagwright.toml",
        "dagwright.toml [env.prod]",
        "defaults.yaml",
        "defaults.yaml [env.prod]",
        "dags/defaults.json",
        "dags/finance/defaults.yml",
        "dags/finance/defaults.yml [env.prod]",
    ]
    assert names(config().layers(root / "dags/finance")) == [
        "dagwright.toml",
        "defaults.yaml",
        "dags/defaults.json",
        "dags/finance/defaults.yml",
    ]
    assert project.layer_diagnostics([root / "dags/finance/deep", root / "dags/other"]) == []


def test_values_keep_their_places(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "dags/defaults.yaml": "defaults:\n  dag:\n    owner: x\n"})
    (layer,) = config().layers(root / "dags")
    assert layer.defaults is not None
    assert str(layer.defaults.key_span("dag")) == "dags/defaults.yaml:2:3"


def test_a_location_is_one_object_for_all_folders_below_and_read_once(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "dags/defaults.yaml": FOLDER, "dags/x/a": "", "dags/y/a": ""})
    project = config()
    (first,) = project.layers(root / "dags/x")
    (root / "dags/defaults.yaml").write_text("defaults: {dag: {owner: changed}}\n")
    (second,) = project.layers(root / "dags/y")
    assert first is second
    fresh = config().layers(root / "dags/y")[0]
    assert fresh.defaults is not None
    assert fresh.defaults.plain() == {"dag": {"owner": "changed"}}


def test_folders_count_without_a_project_file(root: Path, write, load) -> None:
    write({"dags/defaults.yaml": FOLDER})
    project, _ = load()
    assert names(project.layers(root / "dags")) == ["dags/defaults.yaml"]


def test_relative_folders_and_links_to_the_project_are_understood(
    root: Path, write, config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"dagwright.toml": "", "dags/defaults.yaml": FOLDER})
    (tmp_path / "link").symlink_to(root)
    project = config()
    monkeypatch.chdir(root)
    assert names(project.layers(Path("dags"))) == ["dags/defaults.yaml"]
    assert names(project.layers(tmp_path / "link/dags")) == ["dags/defaults.yaml"]


def test_outside_of_the_project_only_the_project_speaks(root: Path, write, config, tmp_path: Path) -> None:
    write({"dagwright.toml": "[defaults.dag]\nowner = 'a'\n"})
    (tmp_path / "defaults.yaml").write_text(FOLDER)
    assert names(config().layers(tmp_path)) == ["dagwright.toml"]


BROKEN = """\
default: {}
vars: 3
defaults: {dag: x}
env:
  prd: {defaults: {}}
  dev: {allow: [process]}
  prod: 1
"""


def test_problems_surface_once_however_many_folders_they_reach(root: Path, write, config, shown) -> None:
    write(
        {
            "dagwright.toml": "[env.prod]\n[env.dev]\n",
            "dags/defaults.yaml": BROKEN,
            "defaults.yaml": "var: {}\n",
            "dags/x/defaults.yaml": "a: [\n",
            "dags/y/defaults.yaml": "",
            "dags/z/defaults.yaml": b"\xff",
            "dags/w/defaults.yaml": "[]",
        }
    )
    project = config()
    folders = [root / "dags" / name for name in "zyxw"]
    found = project.layer_diagnostics([*folders, *folders, root / "dags/x/deep"])
    assert [line.partition(" ")[0] for line in shown(found)[7:]] == ["DW111", "DW103", "DW110", "DW101"]
    assert shown(found)[:7] == [
        "DW401 defaults.yaml:1:1 unknown key 'var' in a folder's defaults",
        "DW401 dags/defaults.yaml:1:1 unknown key 'default' in a folder's defaults",
        "DW401 dags/defaults.yaml:3:17 the defaults of 'dag' must be a mapping of its fields, not a string",
        "DW401 dags/defaults.yaml:2:7 'vars' must be a mapping, not an integer",
        "DW405 dags/defaults.yaml:5:3 the project file declares no environment 'prd'",
        "DW401 dags/defaults.yaml:6:9 unknown key 'allow' in a folder's [env.dev]",
        "DW401 dags/defaults.yaml:7:9 'prod' must be a mapping, not an integer",
    ]
    assert found[1].label == "did you mean 'defaults'?"
    assert found[4].label == "did you mean 'prod'?"
    assert project.layer_diagnostics(folders) == found
    assert names(project.layers(root / "dags/x")) == ["dags/defaults.yaml"]


def test_two_files_in_one_folder_are_one_too_many(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "dags/defaults.yaml": "defaults: {dag: {}}", "dags/defaults.json": "{}"})
    project = config()
    assert names(project.layers(root / "dags")) == ["dags/defaults.yaml"]
    (found,) = project.layer_diagnostics([root / "dags"])
    assert (found.code, found.file) == ("DW401", "dags/defaults.yaml")
    assert found.message == "the folder has 2 files with defaults: defaults.yaml, defaults.json"


def test_a_link_that_leads_nowhere_is_not_taken_for_absence(root: Path, write, config) -> None:
    write({"dagwright.toml": "", "dags/a": ""})
    (root / "dags/defaults.yaml").symlink_to(root / "missing.yaml")
    (found,) = config().layer_diagnostics([root / "dags"])
    assert (found.code, found.file) == ("DW116", "dags/defaults.yaml")
