"""What the screen is like: whether it takes colour and how wide it is; and the one way to print a message."""

from __future__ import annotations

import os
import shutil
import sys
from typing import IO, Any

import click

__all__ = ["echo_error", "echo_note", "is_terminal", "screen_width", "wants_color"]


def is_terminal(stream: IO[Any]) -> bool:
    """Say whether somebody watches a stream; a closed one has no watcher."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def wants_color(stream: IO[Any] | None = None) -> bool:
    """Say whether to use colour: `--color` and `--no-color` beat `NO_COLOR`, which beats what the terminal can do."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is not None:
        return context.color
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(sys.stdout if stream is None else stream)


def screen_width(stream: IO[Any] | None = None) -> int | None:
    """Return the cells of a line, or None where nobody looks and nothing needs to be broken."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout if stream is None else stream) else None


def echo_error(message: str, *, file: IO[Any] | None = None) -> None:
    """Print why a command ends, on standard error."""
    _message("error", "1;31", message, file)


def echo_note(message: str) -> None:
    """Print what is worth knowing beside the data, on standard error."""
    _message("note", "1;32", message, None)


def _message(word: str, style: str, message: str, file: IO[Any] | None) -> None:
    from dagwright.diagnostics.cells import show, wrap

    stream = sys.stderr if file is None else file
    color = wants_color(stream)
    width = screen_width(stream)
    indent = len(word) + 2
    lines = [
        line
        for part in message.splitlines()
        for line in wrap(show(part), None if width is None else max(20, width - indent))
    ]
    head = f"\x1b[{style}m{word}\x1b[0m" if color else word
    click.echo(f"{head}: " + ("\n" + " " * indent).join(lines), file=stream, color=color)
