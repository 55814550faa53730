"""`dagwright show`: what a DAG file says once every layer has spoken."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dagwright.cli.findings import echo_findings
from dagwright.cli.opening import open_file
from dagwright.cli.options import common_options, dag_file_argument, format_option, project_options
from dagwright.cli.outcome import FAILED
from dagwright.cli.resolved import as_written, plain, resolved
from dagwright.cli.resolved import origins as origins_of
from dagwright.cli.screen import screen_width
from dagwright.cli.yaml_text import Line, format_lines, yaml_lines

__all__ = ["show"]


@click.command(short_help="Print what a DAG file says after all defaults.")
@dag_file_argument
@click.option("--origins", is_flag=True, help="Say behind each value where it comes from.")
@click.option("--defaults", is_flag=True, help="Add the defaults that stand in code.")
@format_option("yaml", "json")
@project_options
@common_options
@click.pass_context
def show(
    ctx: click.Context,
    *,
    file: Path,
    origins: bool,
    defaults: bool,
    output_format: str,
    project: Path | None,
    env: str | None,
) -> None:
    """Print what a DAG file says after all defaults.

    Values from the process environment are shown as ***.
    """
    opened, bound, diagnostics = open_file(file, project=project, env=env)
    if bound.factory is None or bound.merged is None:
        echo_findings(diagnostics, err=True)
        ctx.exit(FAILED)
    value = resolved(bound, opened.registry, defaults=defaults)
    if output_format == "json":
        data = {
            "format_version": 1,
            "file": bound.dag_file.name,
            "dag_id": bound.dag_id,
            "environment": opened.config.environment,
            "data": plain(value),
        }
        if origins:
            data["origins"] = origins_of(value)
        click.echo(json.dumps(data, indent=2))
        return
    lines = list(yaml_lines(as_written(value)))
    if not origins:
        lines = [Line(line.text) for line in lines]
    click.echo(format_lines(lines, screen_width()), nl=False)
