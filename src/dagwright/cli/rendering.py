"""Building DAGs for `check --render` and `graph`: Airflow in a throw-away home, and errors as findings."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dagwright.cli.outcome import CannotStartError
from dagwright.diagnostics import Diagnostic

__all__ = ["prepare_airflow", "render_problems", "rendered", "require_airflow"]


def require_airflow() -> None:
    """Stop where Airflow is not installed.

    Raises:
        CannotStartError: it says what to install.
    """
    if find_spec("airflow") is None:
        raise CannotStartError("this needs Airflow, which is not installed: pip install 'dagwright[airflow]'")


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


def render_problems(factory: Any) -> tuple[Diagnostic, ...]:
    """Build a DAG only to see what is wrong with it."""
    from dagwright.render import RenderError

    try:
        rendered(factory)
    except RenderError as error:
        return error.diagnostics
    return ()
