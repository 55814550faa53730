"""Patterns find what a shell would find, in folders and in object stores, and nothing outside of the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.file_patterns import find_files, is_pattern, pattern_problem, published_name
from dagwright.runtime.publishing import plan_sources
from dagwright.runtime.workspace import RunWorkspace

FILES = [
    "top.csv",
    "out/b.csv",
    "out/a.csv",
    "out/a.json",
    "out/.hidden.csv",
    "out/rates[eur].csv",
    "out/ratese.csv",
    "out/deep/c.csv",
    "out/deep/er/d.csv",
    "out/.cache/e.csv",
]


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    root = tmp_path / "run"
    for file in FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(file.encode())
    return RunWorkspace(root)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.csv", ["top.csv"]),
        ("out/*.csv", ["out/a.csv", "out/b.csv", "out/rates[eur].csv", "out/ratese.csv"]),
        ("out/?.csv", ["out/a.csv", "out/b.csv"]),
        ("out/rates[eur]*", ["out/rates[eur].csv"]),  # brackets are themselves
        ("out/.*.csv", ["out/.hidden.csv"]),
        ("out/*/*.csv", ["out/deep/c.csv"]),
        ("out/**/d.csv", ["out/deep/er/d.csv"]),
        ("out/**/c.csv", ["out/deep/c.csv"]),
        ("out/deep/**", ["out/deep/c.csv", "out/deep/er/d.csv"]),
        ("./out//d*/*.csv", ["out/deep/c.csv"]),
        ("**/*.json", ["out/a.json"]),
        ("out/*.parquet", []),
        ("nowhere/*.csv", []),
        ("out/A.*", []),
    ],
)
def test_what_a_pattern_finds(workspace: RunWorkspace, pattern: str, found: list[str]):
    assert find_files(workspace, pattern) == found


def test_double_stars_reach_the_top_and_no_hidden_folder(workspace: RunWorkspace):
    found = find_files(workspace, "**/*.csv")

    assert "top.csv" in found
    assert "out/deep/er/d.csv" in found
    assert not any("/." in file for file in found)


def test_links_to_folders_are_not_entered(workspace: RunWorkspace, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret.csv").touch()
    (workspace.local_path / "out/link").symlink_to(tmp_path / "elsewhere")
    (workspace.local_path / "out/circle").symlink_to(workspace.local_path)

    assert not any("link" in file or "circle" in file for file in find_files(workspace, "out/**"))


def test_a_match_that_leads_out_is_refused(workspace: RunWorkspace, tmp_path: Path):
    (tmp_path / "secret.csv").touch()
    (workspace.local_path / "out/z.csv").symlink_to(tmp_path / "secret.csv")

    with pytest.raises(WorkspaceError, match=r"'out/z\.csv' leaves the workspace by a symbolic link"):
        plan_sources(workspace, ["out/*.csv"])


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("out/*.csv", True),
        ("out/a?.csv", True),
        ("out/rates[eur].csv", False),
        ("out/{{ params.x * 2 }}.csv", False),
        ("out/{{ ds }}/*.csv", True),
        ("out/{# * #}{% if x %}?{% endif %}", True),
    ],
)
def test_what_is_a_pattern(path: str, is_one: bool):
    assert is_pattern(path) is is_one


@pytest.mark.parametrize(
    ("pattern", "wrong"), [("out/**.csv", True), ("a**/b", True), ("**/b", False), ("a/**", False)]
)
def test_double_stars_stand_alone(pattern: str, wrong: bool):
    assert (pattern_problem(pattern) is not None) is wrong


def test_a_pattern_without_files_stops_everything(workspace: RunWorkspace):
    with pytest.raises(PublishError, match=r"'out/\*\.parquet' matches no file \(workspace '.*/run'\)"):
        plan_sources(workspace, ["top.csv", "out/*.parquet"])


def test_a_file_is_planned_once_and_at_the_place_of_its_own_entry(workspace: RunWorkspace):
    planned = plan_sources(workspace, ["out/*.csv", "out/?.csv", "out/a.csv", "top.csv"])

    assert [source.file for source in planned] == [
        "out/b.csv",
        "out/rates[eur].csv",
        "out/ratese.csv",
        "out/a.csv",
        "top.csv",
    ]


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        (["**/a.csv", "other/*"], {}, "'other/a.csv' and 'out/a.csv' would both be published as 'a.csv'"),
        (["out/a.csv", "out/a.csv.gz"], {"gzip": True}, "'out/a.csv' and 'out/a.csv.gz' would both be published as"),
        (["out/a.csv"], {"manifest": "a.csv"}, "the manifest and 'out/a.csv' would both be published as 'a.csv'"),
        (["out/manifest.*"], {"manifest": True}, "the manifest and 'out/manifest.json' would both be published as"),
    ],
)
def test_two_of_one_name(workspace: RunWorkspace, files, options, message):
    for file in ("other/a.csv", "out/a.csv.gz", "out/manifest.json"):
        (workspace.local_path / file).parent.mkdir(exist_ok=True)
        (workspace.local_path / file).touch()

    with pytest.raises(PublishError) as caught:
        plan_sources(workspace, files, **options)

    assert message in str(caught.value)


@pytest.mark.parametrize(("file", "name"), [("out/a.csv", "a.csv.gz"), ("out/a.csv.gz", "a.csv.gz")])
def test_names_of_compressed_files(file: str, name: str):
    assert published_name(file, gzip=True) == name
    assert published_name(file) == file.rpartition("/")[2]
