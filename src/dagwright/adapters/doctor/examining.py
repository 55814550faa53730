"""One examination, from the version of Airflow to the names in the DAG files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from dagwright.adapters.doctor.asking import (
    AirflowCannotSayError,
    Settings,
    settings,
)
from dagwright.adapters.doctor.bundles import bundle_problems
from dagwright.adapters.doctor.findings import place_of, problems_in
from dagwright.adapters.doctor.importers import importers_named
from dagwright.adapters.doctor.modes import modes_of, stub_problems
from dagwright.adapters.doctor.needs import missing_problems
from dagwright.adapters.doctor.packages import package_problems
from dagwright.adapters.doctor.report import Problem, Report, Way
from dagwright.adapters.doctor.syncing import Syncing
from dagwright.adapters.stubs.making import made_of
from dagwright.adapters.versions import airflow_version, has_importers, unsupported_airflow
from dagwright.binding import Project, open_project
from dagwright.diagnostics import Diagnostic, Severity
from dagwright.project import load_config

__all__ = ["examine"]

_BUNDLES = "[dag_processor] dag_bundle_config_list"
_SETTING = (
    "it has to be a list in JSON: see 'airflow config list --section dag_processor' and the variables "
    "AIRFLOW__DAG_PROCESSOR__…"
)
_ENVIRONMENT = frozenset({"DW405", "DW406"})


def examine(root: Path, *, env: str | None = None) -> Report:
    """Look at the Airflow of this process and at a project as it would read it.

    Args:
        root: the project's folder.
        env: the environment; where None, that which the way names by which Airflow finds the project, and
            `DAGWRIGHT_ENV` where it names none.
    """
    report = Report(airflow=airflow_version(), project=str(root))
    problem = unsupported_airflow()
    if problem is not None:
        report.problems.append(Problem(about="airflow", message=problem))
    # What factories and Airflow print must not end in data for other programs.
    with redirect_stdout(sys.stderr):
        told = _told(report) if problem is None else None
        report.modes = modes_of(root, told) if told is not None else []
        project, found = _open(root, env, report)
        syncing = None
        if project is not None and problem is None:
            made, more = made_of(project)
            found += more
            syncing = Syncing(root, project, made)
        report.problems += problems_in(found)
        if project is not None:
            report.environment = project.config.environment
            report.dag_files = len(project.files)
            report.problems += package_problems(project) if problem is None else []
        if told is not None:
            _look_at_ways(report, root, told, syncing)
        if told is not None and project is not None:
            report.problems += missing_problems(project)
    return report


def _told(report: Report) -> Settings | None:
    try:
        return settings()
    except AirflowCannotSayError as error:
        report.problems.append(Problem(about="mode", message=str(error), help=_SETTING))
        return None


def _open(root: Path, env: str | None, report: Report) -> tuple[Project | None, list[Diagnostic]]:
    """Open the project as Airflow does, in the first environment of its ways that there is, and report the others."""
    envs = [env] if env is not None else list(dict.fromkeys(way.env for way in report.modes)) or [None]
    sound = []
    for each in envs:
        config, found = load_config(root, env=each, inside_airflow=True, environ=os.environ)
        wrong = [problem for problem in found if config is None and problem.code in _ENVIRONMENT]
        naming = [way for way in report.modes if each is not None and way.env == each]
        report.problems += [_environment_problem(problem, naming) for problem in wrong]
        if not wrong:
            sound.append(each)
    if sound:
        return open_project(root, env=sound[0], inside_airflow=True)
    project, found = open_project(root, env="", inside_airflow=False)
    return project, found if project is not None else [each for each in found if each.code not in _ENVIRONMENT]


def _environment_problem(found: Diagnostic, naming: Sequence[Way]) -> Problem:
    help_text = " ".join([found.help or "name one that there is", *(f"({note})" for note in found.notes)])
    places = (place_of(found), *(f"{way.mode} ({way.where})" for way in naming))
    return Problem(about="environment", message=found.message, help=help_text, places=places)


def _look_at_ways(report: Report, root: Path, told: Settings, syncing: Syncing | None) -> None:
    """Say what is wrong with how Airflow finds the project's DAGs."""
    report.problems += stub_problems(root, told, syncing) if syncing is not None else []
    report.problems += bundle_problems(root, told, syncing)
    kinds = {way.mode for way in report.modes}
    importers = importers_named(told)
    if importers and not has_importers():
        message = f"Airflow {report.airflow} ignores the importer: Airflow has importers since 3.4"
        way = "upgrade Airflow or remove the setting" if kinds else "upgrade Airflow, or use one of the other ways"
        places = tuple(importers)
        report.problems.append(
            Problem(about="mode", message=message, severity=Severity.WARNING, help=way, places=places)
        )
    if not kinds:
        way = "switch on the importer" if has_importers() else "run 'dagwright sync', or configure DagwrightBundle"
        if importers and has_importers():
            way = f"the importer reads the folders of bundles, of which none holds the project: add one to {_BUNDLES}"
        report.problems.append(Problem(about="mode", message="Airflow does not find the project's DAGs", help=way))
    elif len(kinds) > 1 or len([way for way in report.modes if way.mode != "loader"]) > 1:
        message = f"Airflow finds DAGs in more than one way: {', '.join(sorted(kinds))}"
        report.problems.append(
            Problem(
                about="mode",
                message=message,
                severity=Severity.WARNING,
                help="keep one of them, or the same DAG has two sources",
                places=tuple(way.where for way in report.modes),
            )
        )
