"""What stubs say of DAGs that shows only when these are made: `sync` writes it, `doctor` compares."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dagwright.adapters.stubs.modules import airflow_modules
from dagwright.adapters.stubs.sync import MOST_RIVALS, Change, Made, plan_changes
from dagwright.binding.owners import claim
from dagwright.diagnostics import Diagnostic

if TYPE_CHECKING:
    from dagwright.binding import Project
    from dagwright.project import DagFile

__all__ = ["made_of", "planned"]


def made_of(project: Project) -> tuple[dict[str, Made], list[Diagnostic]]:
    """Make every DAG once, to see which modules of Airflow it needs and whether it can be made at all."""
    from dagwright.render import RenderError, render_dag

    made: dict[str, Made] = {}
    problems: list[Diagnostic] = []
    by_id: dict[str, list[DagFile]] = {}
    for bound in project.files:
        by_id.setdefault(bound.dag_id, []).append(bound.dag_file)
    for bound in project.files:
        name = bound.dag_file.name
        modules = None
        if bound.factory is not None:
            try:
                # What factories and Airflow print must not end in data for other programs.
                with redirect_stdout(sys.stderr):
                    modules = airflow_modules(render_dag(bound.factory))
            except RenderError as error:
                problems.extend(error.diagnostics)
        # Those with a stronger claim, sound or not: the stub asks them anew each time, as a file may be mended.
        same = sorted(by_id[bound.dag_id], key=partial(claim, bound.dag_id)) if bound.dag_id else [bound.dag_file]
        rivals = tuple(dag_file.name for dag_file in same[: same.index(bound.dag_file)][:MOST_RIVALS])
        made[name] = Made(dag_id=bound.dag_id, modules=modules, rivals=rivals)
    return made, problems


def planned(
    project: Project, output: Path, *, env: str | None, made: Mapping[str, Made]
) -> tuple[list[Change], list[DagFile]]:
    """Return what a sync changes, and the DAG files that there are now: making DAGs takes time, in which they change.

    Args:
        project: the project.
        output: the folder of the stubs.
        env: the environment to bind the stubs to.
        made: what is known of the DAG files.
    """
    dag_files, found = project.config.dag_files()
    changes = plan_changes(project.config.root, output, [each.name for each in dag_files], env=env, made=made)
    if any(each.code == "DW116" for each in (*project.project_diagnostics, *found)):
        changes = [_not_removed(change) for change in changes]
    return changes, dag_files


def _not_removed(change: Change) -> Change:
    """Keep a stub whose DAG file may lie in a folder that could not be read."""
    if change.action != "remove":
        return change
    return replace(change, action="blocked", message="it stays, as a part of the project cannot be read")
