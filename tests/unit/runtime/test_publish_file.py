from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.identity import RunIdentity
from dagwright.runtime.part_names import PartNames
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


RUN = RunIdentity(dag_id="rates", run_id="manual__1", task_id="publish")


def test_what_a_killed_try_left_is_removed(workspace, tmp_path):
    target = tmp_path / "public"
    target.mkdir()
    mine, other = PartNames(RUN).new("rates.csv"), PartNames(replace(RUN, run_id="manual__2")).new("rates.csv")
    for name in (mine, other, ".someone.part"):
        (target / name).write_bytes(b"half")

    publish_to_folder(workspace, ["out/rates.csv"], target, run=RUN)

    assert sorted(path.name for path in target.iterdir()) == sorted([other, ".someone.part", "rates.csv"])


@pytest.mark.parametrize(("old", "passes"), [(None, True), (RATES, True), (b"old", False)])
def test_error_where_a_name_is_taken(workspace, tmp_path, old, passes):
    target = tmp_path / "public"
    target.mkdir()
    if old is not None:
        (target / "rates.csv").write_bytes(old)

    if passes:
        publish_to_folder(workspace, ["out/rates.csv"], target, if_exists="error")
    else:
        with pytest.raises(PublishError, match=r"rates\.csv is there already, with other content"):
            publish_to_folder(workspace, ["out/rates.csv"], target, if_exists="error")

    assert [path.name for path in target.iterdir()] == ["rates.csv"]
    assert (target / "rates.csv").read_bytes() == (RATES if passes else old)
    assert (target / "rates.csv").stat().st_nlink == 1


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_comes_at_the_last_moment_stays(workspace, tmp_path, monkeypatch, caplog, links):
    target = tmp_path / "public"
    hardlink_to = Path.hardlink_to

    def late(self: Path, copy: Path) -> None:
        (target / "rates.csv").write_bytes(b"theirs")
        if not links:
            raise OSError(errno.EPERM, "Operation not permitted")
        hardlink_to(self, copy)

    monkeypatch.setattr(Path, "hardlink_to", late)
    (published,) = publish_to_folder(workspace, ["out/rates.csv"], target, if_exists="skip")

    assert published.skipped
    assert (target / "rates.csv").read_bytes() == b"theirs"
    assert [path.name for path in target.iterdir()] == ["rates.csv"]
    assert ("knows no links" in caplog.text) is not links


def test_another_machine_is_named_without_its_password():
    with pytest.raises(PublishError) as caught:
        _folder("file://user:hunter2@nas/data")
    assert "hunter2" not in str(caught.value)
