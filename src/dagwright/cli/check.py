"""`dagwright check`: everything that is wrong, in all files, in one run."""

from __future__ import annotations

from pathlib import Path

import click

from dagwright.binding import Trees
from dagwright.cli.findings import echo_findings, echo_summary
from dagwright.cli.opening import Opened, named_from_here, open_at, projects_of, separate_modules
from dagwright.cli.options import common_options, format_option, project_options
from dagwright.cli.outcome import FAILED
from dagwright.cli.screen import echo_note
from dagwright.diagnostics import Diagnostic, has_errors

__all__ = ["check"]


@click.command(short_help="Find everything that is wrong with DAG files, without Airflow.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--render", is_flag=True, help="Also build every DAG, with Airflow.")
@click.option("--strict", is_flag=True, help="Let warnings fail as well.")
@format_option("text", "json", "github", "sarif")
@project_options
@common_options
@click.pass_context
def check(
    ctx: click.Context,
    *,
    paths: tuple[Path, ...],
    render: bool,
    strict: bool,
    output_format: str,
    project: Path | None,
    env: str | None,
) -> None:
    """Find everything that is wrong with DAG files, without Airflow.

    PATHS are files and folders; without any, the whole project is checked.
    """
    diagnostics: list[Diagnostic] = []
    files = 0
    trees: Trees = "digest" if render else "drop"
    if render:
        from dagwright.cli.rendering import prepare_airflow

        prepare_airflow()
    for root, selection in projects_of(paths, project).items():
        with separate_modules(root):
            opened = open_at(root, env=env, selection=selection, airflow_is_ready=render, trees=trees)
            diagnostics += opened.diagnostics
            if render:
                diagnostics += _rendered(opened)
        _note_airflow(opened, render=render)
        if opened.project is not None:
            files += len(opened.project.files)
    echo_findings(diagnostics, output_format)
    echo_summary(diagnostics, files)
    if has_errors(diagnostics) or (strict and diagnostics):
        ctx.exit(FAILED)


def _rendered(opened: Opened) -> list[Diagnostic]:
    """Build the DAGs of all sound files, and return what is wrong with them."""
    from dagwright.cli.rendering import render_problems

    files = opened.project.files if opened.project is not None else ()
    return named_from_here(render_problems(files), opened.root)


def _note_airflow(opened: Opened, *, render: bool) -> None:
    if opened.airflow_importer and not render:
        echo_note(
            f"{opened.airflow_importer} imports airflow, which every command then waits for "
            f"({opened.airflow_seconds:.1f} s here); import it inside the method that makes the operator"
        )
