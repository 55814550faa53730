"""`dagwright explain`: what a code means and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from dagwright.cli.options import common_options, format_option
from dagwright.cli.outcome import CannotStartError
from dagwright.cli.prose import format_prose
from dagwright.cli.screen import screen_width, wants_color
from dagwright.cli.tables import format_table
from dagwright.diagnostics import CODES, Code, close_codes
from dagwright.diagnostics import explain as find_code

__all__ = ["explain"]

_WIDTH = 100


@click.command(short_help="Say what a code such as DW203 means, or list all codes.")
@click.argument("code", required=False)
@format_option("text", "json")
@common_options
def explain(*, code: str | None, output_format: str) -> None:
    """Say what a code such as DW203 means, or list all codes."""
    if code is None:
        _list_codes(output_format)
        return
    found = find_code(code)
    if found is None:
        close = close_codes(code)
        raise CannotStartError(
            f"there is no code '{code}'"
            + (f"; did you mean {' or '.join(close)}?" if close else "; 'dagwright explain' lists all codes")
        )
    if output_format == "json":
        click.echo(json.dumps({"format_version": 1, **asdict(found)}, indent=2))
    else:
        color = wants_color()
        click.echo(_page(found, color=color), color=color, nl=False)


def _list_codes(output_format: str) -> None:
    if output_format == "json":
        codes = [{"code": found.code, "title": found.title} for found in CODES.values()]
        click.echo(json.dumps({"format_version": 1, "codes": codes}, indent=2))
    else:
        rows = [(found.code, found.title) for found in CODES.values()]
        click.echo(format_table(("CODE", "MEANING"), rows, screen_width()), nl=False)


def _page(found: Code, *, color: bool) -> str:
    width = min(screen_width() or _WIDTH, _WIDTH)
    title = f"{found.code}: {found.title}"
    parts = [f"\x1b[1m{title}\x1b[0m" if color else title]
    parts.append(format_prose(found.explanation, width))
    for heading, example in (("wrong:", found.example_wrong), ("right:", found.example_right)):
        if example:
            parts.append("\n".join([heading, *(f"    {line}".rstrip() for line in example.rstrip().splitlines())]))
    return "\n\n".join(parts) + "\n"
