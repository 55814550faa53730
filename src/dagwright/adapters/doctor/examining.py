"""One examination, from the version of Airflow to the names in the DAG files."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path

from dagwright.adapters.doctor.asking import (
    AirflowCannotSayError,
    missing_connections,
    missing_pools,
    settings,
)
from dagwright.adapters.doctor.bundles import bundle_problems
from dagwright.adapters.doctor.modes import modes_of, stub_problems
from dagwright.adapters.doctor.needs import needs_of
from dagwright.adapters.doctor.report import Problem, Report
from dagwright.adapters.versions import airflow_version, has_importers, unsupported_airflow
from dagwright.binding import Project, open_project
from dagwright.diagnostics import Diagnostic, Severity

__all__ = ["examine"]

_INSTALL = "pip install"
_ENVIRONMENT = frozenset({"DW405", "DW406"})
_RUNTIME = "DW508"
_OPERATOR = "DW511"


def examine(root: Path, *, env: str | None = None) -> Report:
    """Look at the Airflow of this process and at a project as it would read it.

    Args:
        root: the project's folder.
        env: the environment; `DAGWRIGHT_ENV` where None.
    """
    report = Report(airflow=airflow_version(), project=str(root))
    problem = unsupported_airflow()
    if problem is not None:
        report.problems.append(Problem(about="airflow", message=problem))
    # What factories and Airflow print must not end in data for other programs.
    with redirect_stdout(sys.stderr):
        project, found = open_project(root, env=env, inside_airflow=True)
        if project is None and any(each.code in _ENVIRONMENT for each in found):
            report.problems += [_of(each, "environment") for each in found if each.code in _ENVIRONMENT]
            project, found = open_project(root, env="", inside_airflow=False)
        found += _rendered(project) if project is not None and problem is None else []
        report.problems += _in_files(found)
        if project is not None:
            report.environment = project.config.environment
            report.dag_files = len(project.files)
        if problem is None:
            _look_at_airflow(report, root, project)
    return report


def _rendered(project: Project) -> list[Diagnostic]:
    """Make every DAG only to see what is wrong with it."""
    from dagwright.render import RenderError, render_dag

    found: list[Diagnostic] = []
    for factory in project.dags:
        try:
            render_dag(factory)
        except RenderError as error:
            found.extend(error.diagnostics)
    return found


def _in_files(found: Iterable[Diagnostic]) -> list[Problem]:
    """Sort findings by what a deployment can do about them; the rest is for `dagwright check`."""
    packages: defaultdict[str, list[str]] = defaultdict(list)
    runtime: list[Diagnostic] = []
    others: list[Diagnostic] = []
    for each in found:
        if each.severity is not Severity.ERROR or each.code in _ENVIRONMENT:
            continue
        command = _command(each)
        if command is not None:
            packages[command].append(_place(each))
        elif each.code == _RUNTIME:
            runtime.append(each)
        else:
            others.append(each)
    problems = [
        Problem(about="packages", message="a package is missing", help=command, places=tuple(dict.fromkeys(places)))
        for command, places in sorted(packages.items())
    ]
    if runtime:
        places = tuple(dict.fromkeys(map(_place, runtime)))
        problems.append(Problem(about="runtime", message=runtime[0].message, help=runtime[0].help, places=places))
    if others:
        message = f"{len(others)} error{'' if len(others) == 1 else 's'} in the project"
        places = tuple(dict.fromkeys(f"{_place(each)} {each.code}".strip() for each in others))
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


def _of(found: Diagnostic, about: str) -> Problem:
    return Problem(about=about, message=found.message, help=found.help, places=(_place(found),))


def _place(found: Diagnostic) -> str:
    return str(found.span) if found.span is not None else found.file_name or ""


def _look_at_airflow(report: Report, root: Path, project: Project | None) -> None:
    """Compare the project with what the installed Airflow is told and has."""
    try:
        told = settings()
    except AirflowCannotSayError as error:
        message = f"[dag_processor] dag_bundle_config_list cannot be read ({error})"
        report.problems.append(Problem(about="mode", message=message))
        return
    report.modes = modes_of(root, told)
    names = [bound.dag_file.name for bound in project.files] if project is not None else None
    if names is not None:
        report.problems += stub_problems(root, told, names)
    report.problems += bundle_problems(root, told)
    kinds = {kind for kind, _ in report.modes}
    if not kinds:
        way = "switch on the importer" if has_importers() else "run 'dagwright sync', or configure DagwrightBundle"
        report.problems.append(Problem(about="mode", message="Airflow does not find the project's DAGs", help=way))
    elif len(kinds) > 1 or len([kind for kind, _ in report.modes if kind != "loader"]) > 1:
        message = f"Airflow finds DAGs in more than one way: {', '.join(sorted(kinds))}"
        report.problems.append(
            Problem(
                about="mode",
                message=message,
                severity=Severity.WARNING,
                help="keep one of them, or the same DAG has two sources",
                places=tuple(where for _, where in report.modes),
            )
        )
    if project is not None:
        report.problems += _missing(project)


def _missing(project: Project) -> list[Problem]:
    """Return connections and pools that Airflow lacks."""
    needs: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for bound in project.files:
        if bound.factory is not None:
            for kind, name, place in needs_of(bound):
                needs[kind][name].append(place)
    problems = []
    for kind, ask in (("connection", missing_connections), ("pool", missing_pools)):
        try:
            missing = ask(sorted(needs[kind]))
        except AirflowCannotSayError as error:
            message = f"Airflow cannot be asked for {kind}s ({error})"
            problems.append(Problem(about=f"{kind}s", message=message, severity=Severity.WARNING))
            continue
        problems += [
            Problem(
                about=f"{kind}s",
                message=f"Airflow has no {kind} '{name}'",
                places=tuple(dict.fromkeys(needs[kind][name])),
            )
            for name in missing
        ]
    return problems
