"""Findings on the screen: the formats of `check`, and the short way for verbs that stop at errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click

from dagwright.cli.screen import screen_width, wants_color
from dagwright.diagnostics import (
    Diagnostic,
    Severity,
    format_github,
    format_summary,
    format_text,
    sort_diagnostics,
    to_json,
    to_sarif,
)

__all__ = ["echo_findings", "echo_project_errors", "echo_summary"]


def echo_findings(diagnostics: Sequence[Diagnostic], output_format: str = "text", *, err: bool = False) -> None:
    """Print findings in their one order; `err` where something else is the command's data."""
    found = sort_diagnostics(diagnostics)
    stream = sys.stderr if err else sys.stdout
    color = wants_color(stream)
    match output_format:
        case "json":
            text = json.dumps(to_json(found), indent=2)
        case "sarif":
            text = json.dumps(to_sarif(found), indent=2)
        case "github":
            text = format_github(found)
        case _:
            text = format_text(found, color=color, width=screen_width(stream))
    if text:
        click.echo(text, file=stream, color=color)


def echo_summary(diagnostics: Sequence[Diagnostic], files: int) -> None:
    """Print the closing line on standard error."""
    if diagnostics and sys.stdout.isatty():
        click.echo(err=True)
    click.echo(format_summary(sort_diagnostics(diagnostics), files), err=True)


def echo_project_errors(diagnostics: Sequence[Diagnostic]) -> None:
    """Print the errors of a project on standard error, for verbs that go on with what is sound."""
    errors = [found for found in diagnostics if found.severity is Severity.ERROR]
    if errors:
        echo_findings(errors, err=True)
