"""Which other files a DAG comes from: its project file, defaults, suites, SQL."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from dagwright.binding import BoundDag, Project
from dagwright.model.fields import ProjectFile
from dagwright.project.folders import DEFAULTS_FILES

__all__ = ["dependencies_of"]


def dependencies_of(bound: BoundDag, project: Project | None) -> list[Path]:
    """Return the files, sorted; the DAG file itself is not among them.

    Defaults count wherever they could reach the file, as adding a key there can change the DAG.
    """
    found: set[Path] = set()
    if project is not None:
        root = project.config.root
        if project.config.file is not None:
            found.add(project.config.file)
        folder = bound.file.parent
        around = [folder, *folder.parents] if folder.is_relative_to(root) else []
        for each in around[: around.index(root) + 1] if root in around else around[:0]:
            found.update(path for name in sorted(DEFAULTS_FILES) if (path := each / name).is_file())
    found.update(_project_files(bound.factory, set()))
    return sorted(found - {bound.file})


def _project_files(value: Any, seen: set[int]) -> Iterator[Path]:
    """Yield the project's files that the data names."""
    if isinstance(value, ProjectFile):
        yield Path(value.location)
        return
    below: list[Any] = []
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        below = [getattr(value, field.name, None) for field in dataclasses.fields(value)]
    elif isinstance(value, Mapping):
        below = list(value.values())
    elif isinstance(value, (list, tuple, AbstractSet)):
        below = list(value)
    if not below or id(value) in seen:
        return
    seen.add(id(value))
    for each in below:
        yield from _project_files(each, seen)
