"""`dagwright graph`: a DAG as Airflow will have it, drawn."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from dagwright.cli.findings import echo_findings
from dagwright.cli.hiding import hide_secrets, secrets_in
from dagwright.cli.opening import named_from_here, open_file
from dagwright.cli.options import common_options, dag_file_argument, format_option, project_options
from dagwright.cli.outcome import FAILED, CannotStartError
from dagwright.cli.rendering import prepare_airflow, rendered
from dagwright.cli.screen import is_terminal
from dagwright.graph import DagGraph, PngError, format_mermaid, format_svg, format_tree, render_png

__all__ = ["graph"]

_PICTURES = ("svg", "png")


@click.command(short_help="Draw a DAG.")
@dag_file_argument
@format_option("tree", "mermaid", "svg", "png", "json")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Write to a file instead of to standard output.",
)
@project_options
@common_options
@click.pass_context
def graph(
    ctx: click.Context, *, file: Path, output_format: str, output: Path | None, project: Path | None, env: str | None
) -> None:
    """Draw a DAG.

    The DAG is built with Airflow, so that the picture shows the tasks that there really will be.
    """
    if output is None and output_format in _PICTURES and is_terminal(sys.stdout):
        raise CannotStartError(f"a terminal shows no {output_format}: add --output dag.{output_format}")
    prepare_airflow()
    opened, bound, diagnostics = open_file(file, project=project, env=env, airflow_is_ready=True)
    if bound.factory is None:
        echo_findings(diagnostics, err=True)
        ctx.exit(FAILED)
    from dagwright.render import RenderError, dag_graph

    try:
        drawn = dag_graph(rendered(bound.factory))
        secrets = set(secrets_in(bound.merged)) if bound.merged is not None else set()
        picture = _drawn(hide_secrets(drawn, secrets), output_format)
    except RenderError as error:
        echo_findings(named_from_here(error.diagnostics, opened.config.root), err=True)
        ctx.exit(FAILED)
    except PngError as error:
        raise CannotStartError(str(error)) from error
    if output is None:
        click.echo(picture, nl=False)
        return
    try:
        output.write_bytes(picture if isinstance(picture, bytes) else picture.encode())
    except OSError as error:
        raise CannotStartError(f"cannot write '{output}': {error.strerror}") from error


def _drawn(dag: DagGraph, output_format: str) -> str | bytes:
    match output_format:
        case "tree":
            return format_tree(dag)
        case "mermaid":
            return format_mermaid(dag)
        case "svg":
            return format_svg(dag)
        case "png":
            return render_png(dag)
        case _:
            return json.dumps(dag.to_json(), indent=2) + "\n"
