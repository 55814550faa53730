"""How a command ends: the exit codes, and the error of a command that could not start."""

from __future__ import annotations

from typing import IO, Any

import click

__all__ = [
    "BUG",
    "CHANGES_FOUND",
    "CLEAN",
    "COULD_NOT_START",
    "FAILED",
    "INTERRUPTED",
    "CannotStartError",
    "NothingFoundError",
]

CLEAN = 0
FAILED = 1
COULD_NOT_START = 2
BUG = 3
CHANGES_FOUND = 4
INTERRUPTED = 130


class _QuietError(click.ClickException):
    def show(self, file: IO[Any] | None = None) -> None:
        from dagwright.cli.screen import echo_error

        echo_error(self.message, file=file)


class CannotStartError(_QuietError):
    """There is no such file or project, or what the command needs is not installed."""

    exit_code = COULD_NOT_START


class NothingFoundError(_QuietError):
    """A selector or a name matches nothing."""

    exit_code = FAILED
