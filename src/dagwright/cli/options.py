"""Options that several verbs share, declared once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "TRACEBACK",
    "common_options",
    "dag_file_argument",
    "file_option",
    "folder_option",
    "format_option",
    "project_options",
]

TRACEBACK = "dagwright.traceback"

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _set_color(ctx: click.Context, _: click.Parameter, value: bool | None) -> None:
    if value is not None:
        ctx.color = value


def _set_traceback(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[TRACEBACK] = True


def common_options(function: _Function) -> _Function:
    """Add what every command takes, before the verb and behind it."""
    function = click.option(
        "--traceback",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set_traceback,
        help="Show where Dagwright broke, if it does.",
    )(function)
    return click.option(
        "--color/--no-color",
        default=None,
        expose_value=False,
        is_eager=True,
        callback=_set_color,
        help="Colour or none; by default as the terminal and NO_COLOR say.",
    )(function)


def project_options(function: _Function) -> _Function:
    """Add `--project` and `--env`, for verbs that read a project."""
    function = click.option("--env", metavar="NAME", help="The environment; by default what DAGWRIGHT_ENV says.")(
        function
    )
    return click.option(
        "--project",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="DIR",
        help="The project's folder; by default the nearest one with a dagwright.toml.",
    )(function)


def format_option(*formats: str) -> Callable[[_Function], _Function]:
    """Add `--format`; the first format is the default."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print the result.",
    )


def folder_option(name: str, help_text: str) -> Callable[[_Function], _Function]:
    """Add an option that names a folder, which need not exist."""
    return click.option(name, type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=help_text)


def file_option(name: str, help_text: str) -> Callable[[_Function], _Function]:
    """Add an option that names a file that exists."""
    path = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option(name, type=path, metavar="FILE", help=help_text)


def dag_file_argument(function: _Function) -> _Function:
    """Add the argument FILE: one DAG file."""
    return click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))(function)
