"""What is wrong in the project's files, sorted by what a deployment can do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from importlib.util import find_spec

from dagwright.adapters.doctor.report import Problem
from dagwright.diagnostics import Diagnostic, Severity

__all__ = ["place_of", "problems_in"]

_INSTALL = "pip install"
_RUNTIME = "DW508"
_OPERATOR = "DW511"


def problems_in(found: Iterable[Diagnostic]) -> list[Problem]:
    """Sort findings by what a deployment can do about them; the rest is for `dagwright check`."""
    packages: defaultdict[str, list[str]] = defaultdict(list)
    runtime: list[Diagnostic] = []
    others: list[Diagnostic] = []
    for each in found:
        if each.severity is not Severity.ERROR:
            continue
        command = _command(each)
        if command is not None:
            packages[command].append(place_of(each))
        elif each.code == _RUNTIME:
            runtime.append(each)
        else:
            others.append(each)
    problems = [
        Problem(about="packages", message="a package is missing", help=command, places=tuple(dict.fromkeys(places)))
        for command, places in sorted(packages.items())
    ]
    if runtime:
        places = tuple(dict.fromkeys(map(place_of, runtime)))
        problems.append(Problem(about="runtime", message=runtime[0].message, help=runtime[0].help, places=places))
    if others:
        message = f"{len(others)} error{'' if len(others) == 1 else 's'} in the project"
        places = tuple(dict.fromkeys(f"{place_of(each)} {each.code}".strip() for each in others))
        problems.append(Problem(about="project", message=message, help="dagwright check --render", places=places))
    return problems


def _command(found: Diagnostic) -> str | None:
    """Return what installs the package whose absence a finding is about."""
    if found.help.startswith(_INSTALL):
        return found.help
    if found.code != _OPERATOR or found.span is None:
        return None
    from dagwright.render.packages import how_to_install

    # The path of the operator class, as its author wrote it.
    text = found.span.source.text[found.span.start_offset : found.span.end_offset]
    module = text.strip("\"'").rpartition(".")[0]
    try:
        return None if find_spec(module) is not None else how_to_install(module)
    except (ImportError, ValueError):
        return how_to_install(module)


def place_of(found: Diagnostic) -> str:
    """Return where a finding stands: its file, with line and column where they are known."""
    return str(found.span) if found.span is not None else found.file_name or ""
