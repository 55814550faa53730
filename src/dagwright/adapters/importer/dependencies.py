"""Which other files a DAG comes from: its project file, defaults, suites, SQL."""

from __future__ import annotations

from pathlib import Path

from dagwright.binding import BoundDag, Project

__all__ = ["dependencies_of"]


def dependencies_of(bound: BoundDag, project: Project) -> list[Path]:
    """Return the files, sorted; the DAG file itself is not among them.

    Defaults count wherever they could reach the file, as adding a key there can change the DAG.
    """
    found = {*project.config.defaults_files(bound.file.parent), *filter(Path.is_file, bound.project_files)}
    if project.config.file is not None:
        found.add(project.config.file)
    return sorted(found - {bound.file})
