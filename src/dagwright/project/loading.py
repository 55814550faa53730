"""From a folder to its project: find the project file, read it, choose the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dagwright.diagnostics import Diagnostic
from dagwright.project.config import ProjectConfig

__all__ = ["find_project", "load_config"]


def find_project(start: Path) -> Path | None:
    """Return the nearest folder, from a file or folder upwards, that has a project file."""
    raise NotImplementedError


def load_config(
    folder_or_file: Path, *, env: str | None, inside_airflow: bool, environ: Mapping[str, str]
) -> tuple[ProjectConfig | None, list[Diagnostic]]:
    """Load the project that a file or folder belongs to; None where it does not load."""
    raise NotImplementedError
