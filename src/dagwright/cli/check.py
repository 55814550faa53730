"""`dagwright check`: everything that is wrong, in all files, in one run."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from dagwright.cli.findings import echo_findings, echo_summary
from dagwright.cli.opening import open_at, projects_of, separate_modules
from dagwright.cli.options import common_options, format_option, project_options
from dagwright.cli.outcome import FAILED
from dagwright.diagnostics import Diagnostic, has_errors

__all__ = ["check"]


@click.command(short_help="Find everything that is wrong with DAG files, without Airflow.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Let warnings fail as well.")
@format_option("text", "json", "github", "sarif")
@project_options
@common_options
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[Path, ...],
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
    with ExitStack() as stack:
        for root, selection in projects_of(paths, project).items():
            stack.enter_context(separate_modules(root))
            opened = open_at(root, env=env, selection=selection)
            diagnostics += opened.diagnostics
            if opened.project is not None:
                files += len(opened.project.files)
            stack.close()
    echo_findings(diagnostics, output_format)
    echo_summary(diagnostics, files)
    if has_errors(diagnostics) or (strict and diagnostics):
        ctx.exit(FAILED)
