"""Packages that factories need where their tasks run, which they say, as nothing shows it while DAGs are made."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, requires
from typing import NamedTuple

from dagwright.adapters.doctor.report import Problem
from dagwright.binding import BoundDag, Project
from dagwright.binding.merged import Merged, first_line, span_of_anchor
from dagwright.diagnostics import Severity
from dagwright.model.options import options_of
from dagwright.render.packages import how_to_install

__all__ = ["package_problems"]


class _Use(NamedTuple):
    """A factory at a place; `requirement` is what it needs, and `failure` why it cannot say so."""

    factory: str
    place: str
    requirement: str = ""
    failure: str = ""


def package_problems(project: Project) -> list[Problem]:
    """Return the packages that factories in the DAG files need on workers and that are not installed here."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for bound in project.files:
        if bound.factory is not None:
            for use in _uses(bound):
                places.setdefault((use.factory, use.requirement, use.failure), []).append(use.place)
    return [
        problem
        for (factory, requirement, failure), named in sorted(places.items())
        if (problem := _problem(factory, requirement, failure, tuple(dict.fromkeys(named)))) is not None
    ]


def _uses(bound: BoundDag) -> Iterator[_Use]:
    for merged in bound.merged.objects() if bound.merged is not None else ():
        ask = getattr(merged.made, "worker_packages", None)
        if not callable(ask):
            continue
        factory, place = options_of(type(merged.made)).type_name, _place_of(merged)
        try:
            said = ask()
            requirements = [said] if isinstance(said, str) else list(said)
        except Exception as error:  # noqa: BLE001  factories are of many makes, and their words may hold a secret
            yield _Use(factory, place, failure=type(error).__name__)
            continue
        yield from (_Use(factory, place, requirement=str(each)) for each in requirements)


def _place_of(merged: Merged) -> str:
    return str(first_line(span_of_anchor(merged.anchor)))


def _problem(factory: str, requirement: str, failure: str, places: tuple[str, ...]) -> Problem | None:
    if not failure:
        try:
            missing = _missing(requirement)
        except ValueError:
            failure = f"'{requirement}' is no requirement as pip takes it"
    if failure:
        message = f"{factory} cannot say which packages it needs on workers ({failure})"
        help_text = "see 'worker_packages' of its class"
        return Problem(about="packages", message=message, severity=Severity.WARNING, help=help_text, places=places)
    if not missing:
        return None
    names = ", ".join(f"'{name}'" for name in missing)
    verb = "is not installed, which" if len(missing) == 1 else "are not installed, which"
    message = f"{names} {verb} {factory} needs where its tasks run"
    help_text = how_to_install(requirement) or f"pip install {shlex.quote(requirement)}"
    return Problem(about="packages", message=message, help=help_text, places=places)


def _missing(requirement: str) -> list[str]:
    """Return the distributions that a requirement names, or that its extras bring, and that are not installed.

    Raises:
        ValueError: it is no requirement.
    """
    from packaging.requirements import Requirement  # comes with Airflow, without which nobody asks

    wanted = Requirement(requirement)
    if wanted.marker is not None and not wanted.marker.evaluate():
        return []
    if not _is_installed(wanted.name):
        return [wanted.name]
    needs = map(Requirement, (requires(wanted.name) or ()) if wanted.extras else ())
    return sorted(
        {
            need.name
            for need in needs
            if need.marker is not None
            and not need.marker.evaluate({"extra": ""})
            and any(need.marker.evaluate({"extra": extra}) for extra in wanted.extras)
            and not _is_installed(need.name)
        }
    )


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
