"""`dagwright ls`: the DAGs, tasks or factories of a project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from dagwright.binding import Project
from dagwright.cli.catalogue import Catalogue
from dagwright.cli.findings import echo_project_errors
from dagwright.cli.listing import dag_rows, is_selected, schedule_text, task_rows
from dagwright.cli.opening import open_at, projects_of
from dagwright.cli.options import common_options, format_option, project_options
from dagwright.cli.outcome import FAILED, NothingFoundError
from dagwright.cli.screen import screen_width
from dagwright.cli.tables import format_table
from dagwright.diagnostics import has_errors

__all__ = ["ls"]


@click.command(short_help="List DAGs, tasks or factories.")
@click.argument("what", type=click.Choice(["dags", "tasks", "factories"]), metavar="dags|tasks|factories")
@click.argument("selector", required=False)
@format_option("text", "json")
@project_options
@common_options
@click.pass_context
def ls(
    ctx: click.Context, *, what: str, selector: str | None, output_format: str, project: Path | None, env: str | None
) -> None:
    """List DAGs, tasks or factories.

    SELECTOR is a pattern such as 'fin_*': of DAG ids; of tasks as 'dag_id.task_id'; of types or slots.
    """
    (root,) = projects_of([], project)
    opened = open_at(root, env=env, bind=what != "factories")
    echo_project_errors(opened.diagnostics)
    if opened.project is None:
        ctx.exit(FAILED)
    rows, table = _ROWS[what](opened.project, selector)
    if selector is not None and not rows:
        raise NothingFoundError(f"no {what.removesuffix('s').replace('factorie', 'factory')} matches '{selector}'")
    if output_format == "json":
        click.echo(json.dumps({"format_version": 1, what: rows}, indent=2))
    else:
        click.echo(format_table(table[0], table[1:], screen_width()), nl=False)
    if has_errors(opened.diagnostics):
        ctx.exit(FAILED)


_Rows = tuple[list[dict[str, Any]], Sequence[Sequence[str]]]


def _dags(project: Project, selector: str | None) -> _Rows:
    rows = [row for row in dag_rows(project) if is_selected(selector, row.dag_id)]
    broken = any(row.errors for row in rows)
    table = [("DAG", "TYPE", "SCHEDULE", "OWNER", "FILE", *(["ERRORS"] if broken else []))]
    table += [
        (
            row.dag_id,
            row.type or "",
            schedule_text(row.schedule),
            row.owner or "",
            row.file,
            *([str(row.errors) if row.errors else ""] if broken else []),
        )
        for row in rows
    ]
    return [asdict(row) for row in rows], table


def _tasks(project: Project, selector: str | None) -> _Rows:
    rows = [row for row in task_rows(project) if is_selected(selector, row.dag_id, f"{row.dag_id}.{row.task_id}")]
    table = [("TASK", "TYPE", "PLACE", "AFTER")]
    table += [
        (f"{row.dag_id}.{row.task_id}", row.type, f"{row.file}:{row.line}", ", ".join(row.depends_on)) for row in rows
    ]
    return [asdict(row) for row in rows], table


def _factories(project: Project, selector: str | None) -> _Rows:
    rows = [
        row for row in Catalogue(project.registry).rows() if is_selected(selector, row.type, row.slot, row.full_name)
    ]
    table = [("TYPE", "SLOT", "PACKAGE", "CLASS", "SUMMARY")]
    table += [(row.type, row.slot, row.package, row.cls.rpartition(".")[2], row.summary) for row in rows]
    return [{("class" if key == "cls" else key): value for key, value in asdict(row).items()} for row in rows], table


_ROWS = {"dags": _dags, "tasks": _tasks, "factories": _factories}
