"""What a sync would find, of one project and in whichever environment its stubs are bound to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dagwright.adapters.stubs.making import made_of, planned
from dagwright.adapters.stubs.sync import Change, Made
from dagwright.binding import Project, open_project

__all__ = ["Syncing"]


class Syncing:
    """A project whose DAGs are made once for each environment.

    Args:
        root: the project's folder.
        project: the project in the environment of the examination.
        made: what making its DAGs has shown.
    """

    def __init__(self, root: Path, project: Project, made: Mapping[str, Made]) -> None:
        self._root = root
        self._project = project
        self._made = {project.config.environment: made}

    def is_about(self, folder: Path) -> bool:
        """Say whether a folder is the project's."""
        return os.path.realpath(folder) == os.path.realpath(self._root)

    def changes(self, output: Path, env: str | None) -> list[Change]:
        """Return what `dagwright sync --check` says of a folder of stubs, bound to an environment or to none."""
        changes, _ = planned(self._project, output, env=env, made=self._made_in(env))
        return changes

    def _made_in(self, env: str | None) -> Mapping[str, Made]:
        # Stubs that are bound to none are read in the environment that the examination is about.
        wanted = env if env is not None else self._project.config.environment
        if wanted not in self._made:
            project, _ = open_project(self._root, env=wanted, inside_airflow=True)
            self._made[wanted] = made_of(project)[0] if project is not None else {}
        return self._made[wanted]
