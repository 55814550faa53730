from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dagwright.runtime.errors import WorkspaceError
from dagwright.runtime.workspace import RunWorkspace, open_workspace, run_folder_name, without_user
from dagwright.source.paths import workspace_path_problem


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    root = tmp_path / "run"
    root.mkdir()
    return RunWorkspace(root)


def test_the_default_is_in_airflows_home(monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    workspace = open_workspace(None, "daily", "manual__2026-01-01T00:00:00+00:00")
    assert workspace.local_path == tmp_path / "dagwright/workspaces/daily/manual__2026-01-01T00~3A00~3A00~2B00~3A00"
    assert not workspace.local_path.exists()
    monkeypatch.delenv("AIRFLOW_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert open_workspace(None, "d", "r").local_path == tmp_path / "home/airflow/dagwright/workspaces/d/r"


@pytest.mark.parametrize("base", ["/data/work", "file:///data/work", "file://localhost/data/work", "/data//work/"])
def test_a_folder_or_a_file_uri(base):
    workspace = open_workspace(base, "daily", "run")
    assert workspace.local_path == Path("/data/work/daily/run")
    assert workspace.is_local
    assert workspace.uri == "file:///data/work/daily/run"
    assert workspace.variable == "/data/work/daily/run"


@pytest.mark.parametrize(
    ("base", "said"),
    [("work", "relative path"), ("./work", "relative path"), ("file://nas/work", "another machine")],
)
def test_a_base_that_is_no_place(base, said):
    with pytest.raises(WorkspaceError, match=said):
        open_workspace(base, "d", "r")


def test_folder_names_are_safe_and_different():
    names = ["a", "A", "a b", "a~20b", "a/b", "a%2Fb", "..", ".", "~2E.", ".a", "é", "a:b", "\ud800", "x" * 400]
    names += ["x" * 400 + "y", "x" * 166]
    safe = [run_folder_name(name) for name in names]
    assert len(set(safe)) == len(names)
    for one in safe:
        assert len(one.encode()) <= 200
        assert not one.startswith(".")
        assert set(one) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
    assert run_folder_name("scheduled__2026-01-01") == "scheduled__2026-01-01"


def test_an_empty_id():
    with pytest.raises(WorkspaceError, match="empty"):
        open_workspace("/data", "", "r")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "names no file"),
        (".", "names no file"),
        ("./", "names no file"),
        ("/etc/passwd", "is absolute"),
        ("../other/file", "leaves the workspace"),
        ("a/../../b", "leaves the workspace"),
        ("a/..", "leaves the workspace"),
        ("a\\b", "backslash"),
        ("C:/x", "drive letter"),
        ("c:x", "drive letter"),
        ("s3://bucket/x", "is a URI"),
        ("a\0b", "NUL"),
    ],
)
def test_paths_that_leave_are_refused(workspace, path, problem):
    assert problem in str(workspace_path_problem(path))
    with pytest.raises(WorkspaceError, match=problem):
        workspace.resolve(path)


@pytest.mark.parametrize("path", ["a.csv", "out/a.csv", "out//a.csv", "./a", "..a/b..", "~x", "ab:c.csv", "a b/é.csv"])
def test_paths_that_stay_are_taken(workspace, path):
    assert workspace_path_problem(path) is None
    assert workspace.resolve(path).is_relative_to(workspace.local_path)


def test_symbolic_links(workspace, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("x")
    root = workspace.local_path
    (root / "real").mkdir()
    (root / "inside").symlink_to(root / "real")
    (root / "out").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    (root / "dangling").symlink_to(tmp_path / "nowhere")
    (root / "circle").symlink_to(root / "circle")
    assert workspace.resolve("inside/a") == root / "inside/a"
    for path in ("out/secret", "out/new", "file", "dangling"):
        with pytest.raises(WorkspaceError, match="symbolic link"):
            workspace.resolve(path)
    with pytest.raises(WorkspaceError):
        workspace.require_file("circle")


def test_a_workspace_behind_a_link_is_one(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    workspace = RunWorkspace(tmp_path / "link")
    with workspace.open("a", "w") as file:
        file.write("x")
    assert workspace.size("a") == 1


def test_reading_and_writing(workspace):
    with workspace.open("deep/er/a.txt", "w") as file:
        file.write("é\n")
    data = "é\n".encode()
    assert workspace.size("deep/er/a.txt") == len(data)
    assert workspace.sha256("deep/er/a.txt") == hashlib.sha256(data).hexdigest()
    with workspace.open("deep/er/a.txt") as file:
        assert file.read() == data
    with workspace.local_copy("deep/er/a.txt") as path:
        assert path == workspace.local_path / "deep/er/a.txt"
    assert workspace.is_file("deep/er/a.txt")
    assert not workspace.is_file("deep")


def test_files_that_are_not_there(workspace):
    with pytest.raises(WorkspaceError, match="'nope' is not there"):
        workspace.open("nope")
    (workspace.local_path / "folder").mkdir()
    with pytest.raises(WorkspaceError, match="'folder' is a folder, not a file"):
        workspace.size("folder")


def test_a_workspace_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot make the workspace"):
        RunWorkspace(tmp_path / "file/run").create()


def test_credentials_are_left_out_of_uris():
    assert without_user("sftp://user:pa@ss@host:22/x") == "sftp://host:22/x"
    assert without_user("s3://bucket/a@b") == "s3://bucket/a@b"
