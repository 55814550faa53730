"""`dagwright sync`: one small Python file per DAG file, in which Airflow 3.1 to 3.3 finds the DAG."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dagwright.cli.findings import echo_findings
from dagwright.cli.opening import named_from_here, open_at, projects_of
from dagwright.cli.options import common_options, folder_option, project_options
from dagwright.cli.outcome import CHANGES_FOUND, FAILED, CannotStartError
from dagwright.cli.rendering import prepare_airflow
from dagwright.cli.screen import echo_error, echo_note
from dagwright.diagnostics import Severity, has_errors
from dagwright.diagnostics.cells import show

if TYPE_CHECKING:
    from dagwright.adapters.stubs.sync import Change
    from dagwright.project import DagFile

__all__ = ["sync"]

_DONE = {"add": "added", "update": "updated", "remove": "removed"}
_TO_DO = {"add": "would add", "update": "would update", "remove": "would remove"}


@click.command(short_help="Write the small Python files in which Airflow finds the DAGs.")
@folder_option("--output", "The folder of the files; by default 'dagwright' in Airflow's DAG folder.")
@click.option("--check", is_flag=True, help="Change nothing; exit with 4 where something would change.")
@project_options
@common_options
@click.pass_context
def sync(ctx: click.Context, *, output: Path | None, check: bool, project: Path | None, env: str | None) -> None:
    """Write the small Python files in which Airflow finds the DAGs.

    One file per DAG file, for Airflow 3.1 to 3.3. Only what changed is written, files of DAG files that are gone are
    removed, and nothing else is touched.
    """
    from dagwright.adapters.stubs.making import made_of, planned
    from dagwright.adapters.stubs.sync import apply_changes
    from dagwright.adapters.versions import airflow_version, has_importers, unsupported_airflow

    if (problem := unsupported_airflow()) is not None:
        raise CannotStartError(problem)
    if has_importers():
        echo_note(f"Airflow {airflow_version()} can read DAG files without these Python files, by an importer")
    folder = _folder(output)
    (root,) = projects_of([], project)
    prepare_airflow()
    with _locked(folder, check=check):
        opened = open_at(root, env=env, airflow_is_ready=True, trees="digest")
        diagnostics = list(opened.diagnostics)
        if opened.project is None:
            # Without its project file nothing is known of the project's files, so every stub stays.
            echo_findings(diagnostics)
            ctx.exit(FAILED)
        before = _states([bound.dag_file for bound in opened.project.files])
        made, found = made_of(opened.project)
        diagnostics += named_from_here(found, root)
        # Making DAGs takes time, in which files come and go, and a bundle may have written their stubs already.
        changes, dag_files = planned(opened.project, folder, env=env, made=made)
        if not check and changes:
            changes = apply_changes(changes, folder)
        changed_meanwhile = sorted({name for name, _ in before.items() ^ _states(dag_files).items()})
    errors = [found for found in diagnostics if found.severity is Severity.ERROR]
    echo_findings(errors, err=True)
    _echo_changes(changes, check=check)
    for name in changed_meanwhile:
        echo_error(f"'{name}' changed while the project was read: run 'dagwright sync' once more")
    _echo_summary(changes, len(dag_files))
    if has_errors(errors) or changed_meanwhile or any(change.action == "blocked" for change in changes):
        ctx.exit(FAILED)
    if check and changes:
        ctx.exit(CHANGES_FOUND)


def _folder(output: Path | None) -> Path:
    from dagwright.adapters.stubs.home import dags_folder

    if output is not None:
        return Path(os.path.abspath(output))  # noqa: PTH100  links stay as the user wrote them
    dags = dags_folder(os.environ)
    if not dags.is_dir():
        raise CannotStartError(f"Airflow's DAG folder '{dags}' does not exist; name a folder with --output")
    return Path(os.path.abspath(dags)) / "dagwright"  # noqa: PTH100


@contextmanager
def _locked(folder: Path, *, check: bool) -> Iterator[None]:
    """Let one sync at a time read and write: an older reading must not overwrite a newer one."""
    if check:
        yield
        return
    from contextlib import ExitStack

    from dagwright.adapters.stubs.folder import locked

    def wait() -> None:
        echo_note(f"another sync is at work in '{folder}': waiting for it")

    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder, on_wait=wait))
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise CannotStartError(f"the folder '{folder}' cannot be written to: {reason}") from error
        yield


def _states(dag_files: Iterable[DagFile]) -> dict[str, tuple[int, int] | None]:
    states: dict[str, tuple[int, int] | None] = {}
    for dag_file in dag_files:
        try:
            found = dag_file.path.stat()
        except OSError:
            states[dag_file.name] = None
        else:
            states[dag_file.name] = (found.st_size, found.st_mtime_ns)
    return states


def _echo_changes(changes: list[Change], *, check: bool) -> None:
    words = _TO_DO if check else _DONE
    for change in sorted(changes, key=lambda change: change.stub):
        where = os.path.relpath(change.stub)
        if change.action == "blocked":
            echo_error(f"{where}: {change.message}")
        else:
            click.echo(show(f"{words[change.action]} {where}" + (f": {change.message}" if change.message else "")))


def _echo_summary(changes: list[Change], files: int) -> None:
    counts = {action: sum(change.action == action for change in changes) for action in (*_DONE, "blocked")}
    parts = [f"{counts[action]} {word}" for action, word in _DONE.items() if counts[action]]
    parts += [f"{counts['blocked']} left as they are"] if counts["blocked"] else []
    click.echo(f"{files} DAG file{'' if files == 1 else 's'}: {', '.join(parts) or 'nothing to do'}", err=True)
