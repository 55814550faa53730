"""`dagwright doctor`: how the installed Airflow finds the DAGs of a project, and what is wrong with that."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dagwright.cli.opening import projects_of
from dagwright.cli.options import common_options, format_option, project_options
from dagwright.cli.outcome import FAILED, CannotStartError
from dagwright.cli.screen import wants_color
from dagwright.diagnostics import Severity
from dagwright.diagnostics.cells import show
from dagwright.project import find_project

if TYPE_CHECKING:
    from dagwright.adapters.doctor import Problem, Report

__all__ = ["doctor"]

_MOST_PLACES = 10
_STYLES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33"}


@click.command(short_help="Say how Airflow finds the DAGs, and what is wrong with that.")
@format_option("text", "json")
@project_options
@common_options
@click.pass_context
def doctor(ctx: click.Context, *, output_format: str, project: Path | None, env: str | None) -> None:
    """Say how Airflow finds the DAGs, and what is wrong with that.

    Run it where the DAG processor runs, with the same environment variables. It reads Airflow's configuration and
    asks for connections and pools, and changes nothing.
    """
    from dagwright.adapters.doctor import examine

    (root,) = projects_of([], project)
    report = examine(root, env=env)
    if not report.dag_files and find_project(root) is None:
        raise CannotStartError(
            "no dagwright.toml and no DAG file in this folder or above; name a project with --project"
        )
    if output_format == "json":
        click.echo(json.dumps(_to_json(report), indent=2))
    else:
        color = wants_color()
        click.echo(_text(report, color=color), nl=False, color=color)
    if any(problem.severity is Severity.ERROR for problem in report.problems):
        ctx.exit(FAILED)


def _to_json(report: Report) -> dict[str, object]:
    data = asdict(report)
    data["modes"] = [{"mode": way.mode, "where": way.where} for way in report.modes]
    return {"format_version": 1, **data}


def _text(report: Report, *, color: bool) -> str:
    environment = report.environment if report.environment is not None else "none"
    modes = ", ".join(f"{way.mode} ({way.where})" for way in report.modes) or "none"
    lines = [
        f"Airflow      {report.airflow or 'not installed'}",
        f"project      {report.project}, {report.dag_files} DAG file{'' if report.dag_files == 1 else 's'}",
        f"environment  {environment}",
        f"mode         {modes}",
    ]
    head = "".join(f"{show(line)}\n" for line in lines)
    return head + "".join("\n" + _problem(problem, color=color) for problem in report.problems)


def _problem(problem: Problem, *, color: bool) -> str:
    word = problem.severity.value
    start = f"\x1b[{_STYLES[problem.severity]}m{word}\x1b[0m" if color else word
    lines = [f"{start}: {problem.about}: {show(problem.message)}"]
    lines += [f"  --> {show(place)}" for place in problem.places[:_MOST_PLACES] if place]
    more = len(problem.places) - _MOST_PLACES
    lines += [f"  and {more} more"] if more > 0 else []
    lines += [f"  = help: {show(problem.help)}"] if problem.help else []
    return "".join(f"{line}\n" for line in lines)
