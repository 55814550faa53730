"""Building DAGs for `check --render` and `graph`: Airflow in a throw-away home, and errors as findings."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dagwright.binding import BoundDag
from dagwright.binding.owners import claim
from dagwright.cli.outcome import CannotStartError
from dagwright.diagnostics import Diagnostic, Related, Severity, Span

__all__ = ["prepare_airflow", "render_problems", "rendered", "require_airflow"]


def require_airflow() -> None:
    """Stop where Airflow is not installed, or is one that cannot be used.

    Raises:
        CannotStartError: it says what to install.
    """
    from dagwright.adapters.versions import unsupported_airflow

    if find_spec("airflow") is None:
        raise CannotStartError("this needs Airflow, which is not installed: pip install 'dagwright[airflow]'")
    if (problem := unsupported_airflow()) is not None:
        raise CannotStartError(problem)


def prepare_airflow() -> None:
    """Let Airflow be imported without harm to the user's own: it gets a home that is gone with this process.

    Raises:
        CannotStartError: Airflow is not installed.
    """
    require_airflow()
    if "airflow" in sys.modules:
        return
    from dagwright.adapters.local import LocalRun, prepare_home

    folder = tempfile.mkdtemp(prefix="dagwright-home-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    prepare_home(LocalRun(home=Path(folder)))


def rendered(factory: Any) -> Any:
    """Return the DAG of a DAG factory.

    Raises:
        RenderError: the DAG cannot be made.
    """
    from dagwright.render import render_dag

    # What factories and Airflow print must not end in data for other programs.
    with redirect_stdout(sys.stderr):
        return render_dag(factory)


def render_problems(files: Iterable[BoundDag]) -> list[Diagnostic]:
    """Build the DAGs of all sound files, only to see what is wrong with each, and with their ids together."""
    from dagwright.render import RenderError

    problems: list[Diagnostic] = []
    by_id: dict[str, list[BoundDag]] = {}
    for bound in files:
        if bound.factory is None:
            continue
        try:
            dag_id = rendered(bound.factory).dag_id
        except RenderError as error:
            problems.extend(error.diagnostics)
            continue
        if dag_id != bound.dag_id:
            message = f"the DAG's id is '{dag_id}', and its file's is '{bound.dag_id}'"
            problems.append(_about_id(bound, "DW512", message, severity=Severity.WARNING))
        by_id.setdefault(dag_id, []).append(bound)
    for dag_id, same in by_id.items():
        owner, *others = sorted(same, key=lambda bound: claim(dag_id, bound.dag_file))
        for bound in others:
            related = tuple(Related(message="the id is already used here", span=span) for span in _id_spans(owner))
            problems.append(_about_id(bound, "DW305", f"duplicate DAG id '{dag_id}'", related=related))
    return problems


def _about_id(
    bound: BoundDag,
    code: str,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    related: tuple[Related, ...] = (),
) -> Diagnostic:
    span = next(_id_spans(bound), None)
    file = bound.dag_file.name if span is None else None
    found = Diagnostic(code=code, message=message, severity=severity, span=span, file=file, related=related)
    return bound.without_secrets(found)


def _id_spans(bound: BoundDag) -> Iterator[Span]:
    """Yield where the id is said, or the first line of the file whose name gives it."""
    if bound.dag_id_span is not None:
        yield bound.dag_id_span
    elif (place := bound.place_of(bound.factory)) is not None:
        yield place.span
