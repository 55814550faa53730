"""What an examination finds, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from dagwright.diagnostics import Severity

__all__ = ["Mode", "Problem", "Report", "Way"]

Mode = Literal["importer", "bundle", "stubs", "loader"]


class Way(NamedTuple):
    """A way by which Airflow finds the project's DAGs.

    Attributes:
        mode: of which kind it is.
        where: the folder, the file or the bundle that makes it so.
        env: the environment that is named there; None where `DAGWRIGHT_ENV` chooses.
    """

    mode: Mode
    where: str
    env: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        about: the part of the deployment: `airflow`, `project`, `environment`, `mode`, `stubs`, `packages`,
            `runtime`, `connections` or `pools`.
        message: lower case, present tense, no full stop.
        severity: an error keeps DAGs from loading or tasks from running.
        help: what to do.
        places: the files that it is about, with the line where one is known.
    """

    about: str
    message: str
    severity: Severity = Severity.ERROR
    help: str = ""
    places: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Report:
    """A deployment.

    Attributes:
        airflow: the version of Airflow, None where none is installed.
        project: the project's folder.
        environment: the chosen environment.
        modes: every way by which Airflow finds the project's DAGs, with what makes it so.
        dag_files: how many there are.
    """

    airflow: str | None
    project: str
    environment: str | None = None
    modes: list[Way] = field(default_factory=list)
    dag_files: int = 0
    problems: list[Problem] = field(default_factory=list)
