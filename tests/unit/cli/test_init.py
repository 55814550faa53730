"""`dagwright init`: a project that is sound from the start, and nothing overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run


@pytest.mark.parametrize("name", ["rates", "My Project", "2nd", "_", "ünï"])
def test_the_project_is_sound(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    made = run("init", name)
    assert made.exit_code == 0
    assert "dagwright run dags/hello.dag.yaml" in made.stderr
    monkeypatch.chdir(tmp_path / name)
    result = run("check", "--strict")
    assert (result.exit_code, result.output) == (0, "1 file, no problems\n")
    assert "greeting" in run("ls", "factories").stdout


def test_nothing_is_overwritten(tmp_path: Path, run: Run):
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    result = run("init", tmp_path)
    assert result.exit_code == 2
    assert "these files exist already: README.md" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"
