"""`dagwright run`: one DAG, executed for real in this process."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dagwright.binding import BoundDag
from dagwright.binding.secrets import masked
from dagwright.cli.findings import echo_findings
from dagwright.cli.opening import named_from_here, open_file, projects_of
from dagwright.cli.options import common_options, dag_file_argument, file_option, folder_option, project_options
from dagwright.cli.outcome import FAILED, INTERRUPTED, CannotStartError
from dagwright.cli.progress import progress
from dagwright.cli.rendering import require_airflow
from dagwright.cli.run_report import format_report, from_here
from dagwright.cli.screen import echo_note, screen_width, wants_color
from dagwright.diagnostics import LoadError
from dagwright.runtime.workspace import open_workspace

if TYPE_CHECKING:
    from dagwright.adapters.local import Home, RunResult

__all__ = ["run"]

_LOCAL = ".dagwright"


def _read_conf(_: click.Context, __: click.Parameter, value: str | None) -> dict[str, Any]:
    if value is None:
        return {}
    try:
        conf = json.loads(value)
    except ValueError as error:
        raise click.BadParameter(f"this is no JSON: {error}") from error
    if not isinstance(conf, dict):
        raise click.BadParameter("this is no JSON object")
    return conf


def _read_date(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    try:
        return None if value is None else datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("write it as 2030-01-31 or 2030-01-31T06:00:00+01:00") from error


@click.command(short_help="Run a DAG here and now, for real.")
@dag_file_argument
@click.option("--workspace", metavar="DIR", help="Where the run's files go; a folder or a URI.")
@folder_option("--home", "Airflow's home, which is kept; by default one that is thrown away.")
@file_option("--connections", "Airflow's connections: .json, .yaml or .env.")
@file_option("--variables", "Airflow's variables: .json, .yaml or .env.")
@click.option("--conf", metavar="JSON", callback=_read_conf, help="The configuration of the DAG run, a JSON object.")
@click.option("--logical-date", metavar="DATE", callback=_read_date, help="The logical date; by default now.")
@folder_option("--log-dir", "Where the logs of the tasks go.")
@project_options
@common_options
@click.pass_context
def run(
    ctx: click.Context,
    *,
    file: Path,
    workspace: str | None,
    home: Path | None,
    connections: Path | None,
    variables: Path | None,
    conf: dict[str, Any],
    logical_date: datetime | None,
    log_dir: Path | None,
    project: Path | None,
    env: str | None,
) -> None:
    """Run a DAG here and now, for real.

    The file is checked first. Its tasks then run one after the other in this process, without a scheduler and
    without the Airflow that may be installed here: on an embedded SQLite in a home of its own. Connections come
    from --connections or from AIRFLOW_CONN_… variables.
    """
    require_airflow()
    from dagwright.adapters.local import LocalRun, LocalRunError, prepare_home

    (root,) = projects_of([file], project)
    local = _local_folder(root, needed=workspace is None or (log_dir is None and home is None))
    options = LocalRun(
        home=home,
        connections=connections,
        variables=variables,
        logical_date=logical_date,
        conf=conf,
        log_dir=log_dir or (local / "logs" if home is None else None),
    )
    try:
        # Before the factories are read: one of them may import Airflow.
        with prepare_home(options) as prepared:
            _, bound, diagnostics = open_file(file, project=project, env=env, airflow_is_ready=True)
            if bound.factory is None:
                echo_findings(diagnostics, err=True)
                ctx.exit(FAILED)
            base = _workspace_base(workspace, bound, local)
            # The renderer asks the bound file for its settings, so that the DAG itself stays as the file says.
            bound.settings = replace(bound.settings, workspace=base)
            result = _run(prepared, bound)
    except LocalRunError as error:
        more = "" if error.log_path is None else f"\nits log: {from_here(error.log_path)}"
        raise CannotStartError(f"{error}{more}") from error
    except LoadError as error:
        echo_findings(named_from_here(error.diagnostics, root), err=True)
        ctx.exit(FAILED)
    color = wants_color()
    click.echo("\n" + format_report(result, bound, root, color=color, width=screen_width()), color=color, nl=False)
    _echo_end(result, base, bound.secrets)
    if result.state == "interrupted":
        echo_note("interrupted; what was running is stopped")
        ctx.exit(INTERRUPTED)
    if result.state == "failed" or result.failed_tasks:
        ctx.exit(FAILED)


def _run(home: Home, bound: BoundDag) -> RunResult:
    from dagwright.adapters.local import run_dag

    def make_dag() -> Any:
        from dagwright.render import render_dag

        return render_dag(bound.factory)

    with progress() as shown:
        return run_dag(make_dag, home, on_event=shown, secrets=bound.secrets)


def _local_folder(root: Path, *, needed: bool) -> Path:
    """Return the project's folder for local runs, which keeps itself out of version control."""
    folder = root / _LOCAL
    ignore = folder / ".gitignore"
    if needed and not ignore.exists():
        try:
            folder.mkdir(exist_ok=True)
            ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise CannotStartError(
                f"cannot write to '{from_here(folder)}': {error.strerror}\n"
                "name other places by --workspace and --log-dir"
            ) from error
    return folder


def _workspace_base(workspace: str | None, bound: BoundDag, local: Path) -> str:
    """Choose where workspaces lie: the command line beats the data, which beats the project's local folder."""
    if workspace is None:
        return bound.settings.workspace or str(local / "workspaces")
    return workspace if "://" in workspace else str(Path(workspace).expanduser().absolute())


def _echo_end(result: RunResult, base: str, secrets: AbstractSet[str]) -> None:
    verdict = {"success": "succeeded", "failed": "failed", "interrupted": "was interrupted"}[result.state]
    click.echo(f"\n{result.dag_id} {verdict} after {result.seconds:.1f} s")
    workspace = open_workspace(base, result.dag_id, result.run_id)
    if not workspace.is_local:
        click.echo(f"workspace: {masked(workspace.uri, secrets)}")
    elif workspace.local_path.is_dir():
        click.echo(f"workspace: {masked(from_here(workspace.local_path), secrets)}")
    click.echo(f"logs: {from_here(result.log_dir)}")
