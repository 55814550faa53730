"""Which other files a DAG comes from: its project file, defaults, suites, SQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dagwright.binding import BoundDag, Project

__all__ = ["dependencies_of", "templates_of"]


def dependencies_of(bound: BoundDag, project: Project) -> list[Path]:
    """Return the files, sorted; the DAG file itself is not among them.

    Defaults count wherever they could reach the file, as adding a key there can change the DAG.
    """
    found = {*project.config.defaults_files(bound.file.parent), *filter(os.path.isfile, bound.project_files)}
    if project.config.file is not None:
        found.add(project.config.file)
    return sorted(found - {bound.file})


def templates_of(dag: Any) -> list[Path]:
    """Return the files that Airflow puts in place of texts when it takes the DAG over, such as SQL, sorted."""
    said = dag.template_searchpath or ()
    folders = [said] if isinstance(said, str) else list(said)
    names = {name for task in dag.tasks for name in _template_names(task)}
    # A whole script may end like a file's name: `isfile` says no to it, where Path.is_file raises for long ones.
    places = ([os.path.join(folder, name) for folder in folders] for name in names)  # noqa: PTH118
    return sorted(Path(found) for each in places if (found := next(filter(os.path.isfile, each), None)) is not None)


def _template_names(task: Any) -> Iterator[str]:
    """Yield the texts of a task that name a file, by the rule of Airflow's operators."""
    endings = tuple(task.template_ext or ())
    for field in task.template_fields:
        value = getattr(task, field, None)
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and text.endswith(endings):
                yield text
