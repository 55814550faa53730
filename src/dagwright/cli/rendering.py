"""Building DAGs for `check --render` and `graph`: Airflow in a throw-away home, and errors as findings."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from dagwright.adapters.local import LocalRun, LocalRunError, prepare_home
from dagwright.cli.outcome import CannotStartError
from dagwright.diagnostics import Diagnostic

__all__ = ["prepared_airflow", "render_problems", "rendered"]


@contextmanager
def prepared_airflow() -> Iterator[None]:
    """Let Airflow be imported without harm to the user's own; before anything imports it.

    Raises:
        CannotStartError: Airflow is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="dagwright-home-", ignore_cleanup_errors=True) as folder:
        if "airflow" not in sys.modules:
            try:
                prepare_home(LocalRun(home=Path(folder)))
            except LocalRunError as error:
                raise CannotStartError(str(error)) from error
        yield


def rendered(factory: Any) -> Any:
    """Return the DAG of a DAG factory.

    Raises:
        RenderError: the DAG cannot be made.
    """
    from dagwright.render import render_dag

    # What factories and Airflow print must not end in data for other programs.
    with redirect_stdout(sys.stderr):
        return render_dag(factory)


def render_problems(factory: Any) -> tuple[Diagnostic, ...]:
    """Build a DAG only to see what is wrong with it."""
    from dagwright.render import RenderError

    try:
        rendered(factory)
    except RenderError as error:
        return error.diagnostics
    return ()
