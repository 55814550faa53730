"""A project is unchanged as long as no file comes or goes, and only where that can be seen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dagwright.adapters.stubs.unchanged import forget, is_unchanged, look_at, remember


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "dags/fin").mkdir(parents=True)
    for name in ("dagwright.toml", "dags/.airflowignore", "dags/fin/rates.dag.yaml"):
        (folder / name).write_text("", encoding="utf-8")
    settle(folder)
    return folder


def settle(root: Path) -> None:
    """Let everything be older than a moment."""
    for path in (root, *root.rglob("*")):
        os.utime(path, (1e9, 1e9), follow_symlinks=False)


def remembered(root: Path, said: str = "prod") -> Path:
    mark = root.parent / "mark.json"
    looks = look_at(root)
    assert looks is not None
    remember(mark, root, said, looks)
    return mark


def test_nothing_changed(root: Path):
    mark = remembered(root)
    assert is_unchanged(mark, root, "prod")
    (root / "dags/fin/rates.dag.yaml").write_text("tasks: {}\n", encoding="utf-8")
    assert is_unchanged(mark, root, "prod")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "dags/fin/new.dag.yaml").touch(),
        lambda root: (root / "dags/fin/rates.dag.yaml").unlink(),
        lambda root: (root / "dags/new").mkdir(),
        lambda root: (root / "dagwright.toml").write_text("dags = []", encoding="utf-8"),
        lambda root: (root / "dags/.airflowignore").write_text("fin", encoding="utf-8"),
        lambda root: (root / "dagwright.toml").unlink(),
    ],
)
def test_which_files_there_are_may_have_changed(root: Path, change: Callable[[Path], object]):
    mark = remembered(root)
    change(root)
    assert not is_unchanged(mark, root, "prod")


def test_something_else_is_said(root: Path):
    mark = remembered(root)
    assert not is_unchanged(mark, root, "dev")
    assert not is_unchanged(mark, root.parent, "prod")
    forget(mark)
    assert not is_unchanged(mark, root, "prod")
    for text in ("", "[]", '{"format": 0}', "no json"):
        mark.write_text(text, encoding="utf-8")
        assert not is_unchanged(mark, root, "prod")


def test_what_is_too_young_or_linked_is_not_relied_on(root: Path, tmp_path: Path):
    (root / "dags/new.dag.yaml").touch()
    assert look_at(root) is None
    settle(root)
    assert look_at(root) is not None
    (tmp_path / "elsewhere").mkdir()
    (root / "dags/linked").symlink_to(tmp_path / "elsewhere")
    settle(root)
    assert look_at(root) is None
