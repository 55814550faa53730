"""`dagwright init`: a small project that works at once."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from dagwright.cli.options import common_options
from dagwright.cli.outcome import CannotStartError
from dagwright.cli.scaffold import project_files

__all__ = ["init"]


@click.command(short_help="Make a small project that works at once.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@common_options
def init(*, folder: Path) -> None:
    """Make a small project that works at once.

    FOLDER is made where there is none; by default it is the current one. Nothing that exists is overwritten.
    """
    root = Path(os.path.abspath(folder))  # noqa: PTH100  links stay as the user wrote them
    files = project_files(root)
    existing = [path.relative_to(root).as_posix() for path in files if os.path.lexists(path)]
    if existing:
        raise CannotStartError(f"nothing is made, for these files exist already: {', '.join(existing)}")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise CannotStartError(f"cannot write '{error.filename}': {error.strerror}") from error
    for path in files:
        click.echo(os.path.relpath(path))
    here = os.path.relpath(root)
    click.echo("\nnext:", err=True)
    for line in (
        *([] if here == "." else [f"cd {shlex.quote(here)}"]),
        "dagwright check",
        "dagwright run dags/hello.dag.yaml",
    ):
        click.echo(f"  {line}", err=True)
