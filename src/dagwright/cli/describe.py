"""`dagwright describe`: what a factory or a slot takes, in the words of somebody who writes data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from dagwright.cli.catalogue import Catalogue
from dagwright.cli.findings import echo_project_errors
from dagwright.cli.opening import open_at, projects_of
from dagwright.cli.options import common_options, format_option, project_options
from dagwright.cli.outcome import FAILED, NothingFoundError
from dagwright.cli.prose import format_prose
from dagwright.cli.screen import screen_width, wants_color
from dagwright.diagnostics import did_you_mean_label
from dagwright.diagnostics.cells import show, wrap

__all__ = ["describe"]

_WIDTH = 100
_KINDS = {"dag": "DAG factory", "operator": "operator factory", "data": "plain data"}


@click.command(short_help="Say what a factory or a slot takes.")
@click.argument("factory")
@format_option("text", "json")
@project_options
@common_options
def describe(*, factory: str, output_format: str, project: Path | None, env: str | None) -> None:
    """Say what a factory or a slot takes.

    FACTORY is a name from 'dagwright ls factories', also as PACKAGE:NAME.
    """
    (root,) = projects_of([], project)
    opened = open_at(root, env=env, bind=False)
    echo_project_errors(opened.diagnostics)
    if opened.project is None:
        raise SystemExit(FAILED)
    catalogue = Catalogue(opened.project.registry)
    descriptions = catalogue.describe(factory)
    if not descriptions:
        hint = did_you_mean_label(factory, catalogue.names()) or "'dagwright ls factories' lists them"
        raise NothingFoundError(f"there is no factory and no slot '{factory}'; {hint}")
    if output_format == "json":
        click.echo(json.dumps({"format_version": 1, "descriptions": descriptions}, indent=2))
        return
    color = wants_color()
    pages = ["\n".join(_Page(color=color).lines(description)) for description in descriptions]
    click.echo("\n\n".join(pages), color=color)


class _Page:
    """One description as lines."""

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._width = min(screen_width() or _WIDTH, _WIDTH)

    def lines(self, description: dict[str, Any]) -> Iterator[str]:
        kind = _KINDS.get(description["kind"], description["kind"])
        yield f"{self._bold(description['name'])} ({kind}, {description['class']})"
        if description["doc"]:
            yield ""
            yield from format_prose(description["doc"], self._width).splitlines()
        if description["kind"] == "slot":
            yield from self._fillers(description)
        else:
            yield from self._fills(description)
            own = [field for field in description["fields"] if not field["inherited"]]
            inherited = [field for field in description["fields"] if field["inherited"]]
            yield from self._fields(own, "fields")
            if description["kind"] == "operator":
                yield from self._fields(inherited, "fields of every task")
            else:
                yield from self._dag_arguments(inherited)

    def _fillers(self, description: dict[str, Any]) -> Iterator[str]:
        yield ""
        default = description["default_type"]
        yield self._bold("types") + (f" (where the data names none: {default})" if default else "")
        size = max((len(each["type"]) for each in description["fillers"]), default=0)
        for each in description["fillers"]:
            yield from self._wrapped(f"  {each['type']:<{size}}  ", each["summary"])

    def _fills(self, description: dict[str, Any]) -> Iterator[str]:
        if description["fills"]:
            yield ""
        for each in description["fills"]:
            default = ", the default" if each["is_default"] else ""
            yield f"type: {each['type']}   (slot {each['slot']}{default})"
        if description["aliases"]:
            yield from self._wrapped("also called ", ", ".join(description["aliases"]))
        if description["shorthand"]:
            yield f"a bare value stands for its '{description['shorthand']}'"

    def _fields(self, fields: list[dict[str, Any]], heading: str) -> Iterator[str]:
        if not fields:
            return
        yield ""
        yield self._bold(heading)
        for field in fields:
            need = "required" if field["required"] else f"default {json.dumps(field['default'], ensure_ascii=False)}"
            yield from self._wrapped(f"  {self._bold(field['name'])}: ", f"{show(field['type'])}, {show(need)}", 6)
            yield from self._wrapped("      ", field["description"], 6)
            for slot, types in field["slots"].items():
                yield from self._wrapped("      ", f"types of {slot}: {', '.join(types) or 'none'}", 6)

    def _dag_arguments(self, fields: list[dict[str, Any]]) -> Iterator[str]:
        if fields:
            yield ""
            yield self._bold("and every DAG argument")
            yield from self._wrapped("  ", ", ".join(field["name"] for field in fields), 2)

    def _wrapped(self, start: str, text: str, indent: int | None = None) -> Iterable[str]:
        if not text:
            return
        plain = len(start.replace("\x1b[1m", "").replace("\x1b[0m", ""))
        below = plain if indent is None else indent
        first, *rest = wrap(text, max(20, self._width - plain))
        yield start + first
        if rest:
            yield from (" " * below + line for line in wrap(" ".join(rest), max(20, self._width - below)))

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._color else text
