from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from dagwright.diagnostics import Diagnostic
from dagwright.project import ProjectConfig, load_config

Write = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def write(root: Path) -> Write:
    """Write files below the root; a value is a text, bytes, or None for an empty file."""

    def write_files(files: Mapping[str, str | bytes | None] | None = None, /, **toml: str) -> Path:
        for name, content in {**(files or {}), **{f"{key}.toml": text for key, text in toml.items()}}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else (content or "").encode())
        return root

    return write_files


Load = Callable[..., tuple[ProjectConfig | None, list[Diagnostic]]]


@pytest.fixture
def load(root: Path) -> Load:
    def load_it(
        start: Path | None = None,
        *,
        env: str | None = None,
        inside_airflow: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> tuple[ProjectConfig | None, list[Diagnostic]]:
        return load_config(start or root, env=env, inside_airflow=inside_airflow, environ=environ or {})

    return load_it


@pytest.fixture
def config(load: Load) -> Callable[..., ProjectConfig]:
    """Load a project that has nothing wrong with it."""

    def load_clean(**arguments: object) -> ProjectConfig:
        loaded, diagnostics = load(**arguments)
        assert diagnostics == []
        assert loaded is not None
        return loaded

    return load_clean


@pytest.fixture
def shown() -> Callable[[Iterable[Diagnostic]], list[str]]:
    """Write findings as `CODE place message`, so that a test reads as what a user sees."""

    def show(diagnostics: Iterable[Diagnostic]) -> list[str]:
        return [f"{found.code} {found.span or found.file} {found.message}" for found in diagnostics]

    return show
