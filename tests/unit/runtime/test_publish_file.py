from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.publish_file import _folder, publish_to_folder
from dagwright.runtime.publishing import plan_sources, rows
from dagwright.runtime.workspace import RunWorkspace

RATES = b"day,rate\n" * 100_000


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    (tmp_path / "run/out").mkdir(parents=True)
    (tmp_path / "run/out/rates.csv").write_bytes(RATES)
    (tmp_path / "run/out/other.csv").write_bytes(b"x")
    (tmp_path / "run/rates.csv").write_bytes(b"y")
    return RunWorkspace(tmp_path / "run")


def test_files_arrive_and_a_retry_replaces_them(workspace, tmp_path):
    target = tmp_path / "public/rates"
    for _ in range(2):
        published = publish_to_folder(workspace, ["out/rates.csv", "out/other.csv"], target)
    assert sorted(path.name for path in target.iterdir()) == ["other.csv", "rates.csv"]
    assert (target / "rates.csv").read_bytes() == RATES
    assert rows(published)[0] == {
        "file": "out/rates.csv",
        "target": (target / "rates.csv").as_uri(),
        "bytes": len(RATES),
        "sha256": hashlib.sha256(RATES).hexdigest(),
    }


def test_nothing_is_published_when_one_is_missing(workspace, tmp_path):
    with pytest.raises(WorkspaceError, match=r"'out/nope\.csv' is not there"):
        publish_to_folder(workspace, ["out/rates.csv", "out/nope.csv"], tmp_path / "public")
    assert not (tmp_path / "public").exists()


def test_a_failure_leaves_the_old_files_and_no_part(workspace, tmp_path, monkeypatch):
    target = tmp_path / "public"
    target.mkdir()
    (target / "rates.csv").write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PublishError, match=r"cannot publish into '.*': No space left on device"):
        publish_to_folder(workspace, ["out/rates.csv", "out/other.csv"], target)
    assert [path.name for path in target.iterdir()] == ["rates.csv"]
    assert (target / "rates.csv").read_bytes() == b"old"


def test_a_folder_in_the_way(workspace, tmp_path):
    (tmp_path / "public/rates.csv").mkdir(parents=True)
    with pytest.raises(PublishError, match="that is a folder"):
        publish_to_folder(workspace, ["out/rates.csv"], tmp_path / "public")


def test_a_file_where_the_folder_should_be(workspace, tmp_path):
    (tmp_path / "public").write_text("")
    with pytest.raises(PublishError, match="cannot publish into"):
        publish_to_folder(workspace, ["out/rates.csv"], tmp_path / "public")


@pytest.mark.parametrize("files", [["out/rates.csv", "rates.csv"], ["rates.csv", "rates.csv"]])
def test_two_files_of_one_name(workspace, files):
    with pytest.raises(PublishError, match=r"would both be published as 'rates\.csv'"):
        plan_sources(workspace, files)


@pytest.mark.parametrize("files", [[], "out/rates.csv"])
def test_no_list_of_files(workspace, files):
    with pytest.raises(PublishError, match="'files' has to list at least one file"):
        plan_sources(workspace, files)


def test_folders_are_absolute():
    assert _folder("/data/x") == Path("/data/x")
    assert _folder("file:///data/a%20b") == Path("/data/a b")
    for wrong, text in [("data", "is relative"), ("file://nas/data", "another machine")]:
        with pytest.raises(PublishError, match=text):
            _folder(wrong)
