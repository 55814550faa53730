"""Runs the folders of tests/cases: a small project, a command, and everything that the command prints.

A folder `DWnnn` or `DWnnn-some-words` holds the input and
- `expected.txt`: the command, its standard output, its standard error and its exit code;
- `command` (optional): what follows `dagwright`, one line, `check` where there is no such file; or `python FILE`, for
  what no command shows; a line `# airflow` before it keeps the case for tests/integration, where Airflow is installed;
- `prepare.py` (optional): runs in the copied folder first and makes input that no repository can hold.

The command runs in a copy, so that it finds no project above its own, and sees no plugins but Dagwright's and the
case's. `UPDATE_CASES=1` rewrites expected.txt.
"""

from __future__ import annotations

import importlib
import os
import runpy
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from unittest.mock import patch

import click
from click.testing import CliRunner

from dagwright.model.plugins import ENTRY_POINT_GROUP

CASES = Path(__file__).parent / "cases"
_NOT_INPUT = ("command", "expected.txt", "prepare.py", "__pycache__", ".dagwright")
_ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1", "DAGWRIGHT_ENV": None}
# A script stands for a real Airflow, whatever ran in this process before.
_SCRIPT_ENVIRONMENT = {**_ENVIRONMENT, "DAGWRIGHT_LOCAL_RUN": None}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One folder: the code that it shows, and the arguments of its command."""

    folder: Path
    code: str
    arguments: tuple[str, ...]
    needs_airflow: bool

    @property
    def expected(self) -> Path:
        return self.folder / "expected.txt"


def find_cases(folder: Path = CASES) -> list[Case]:
    """Read all cases, in the order of their names."""
    return [_read_case(path) for path in sorted(folder.iterdir()) if path.is_dir() and path.name.startswith("DW")]


def _read_case(folder: Path) -> Case:
    command = folder / "command"
    lines = command.read_text(encoding="utf-8").splitlines() if command.exists() else ["check"]
    needs_airflow = lines[0].strip() == "# airflow"
    (line,) = lines[needs_airflow:] or ["check"]
    return Case(
        folder=folder,
        code=folder.name.partition("-")[0],
        arguments=tuple(shlex.split(line)),
        needs_airflow=needs_airflow,
    )


def run_case(case: Case, scratch: Path) -> str:
    """Run a case's command in a copy of its folder and return what expected.txt should hold."""
    from dagwright.cli import main

    copy = scratch / case.folder.name
    shutil.copytree(case.folder, copy, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_INPUT))
    is_script = case.arguments[0] == "python"
    with chdir(copy), patch.dict(os.environ), _own_modules(copy), _own_plugins(copy):
        if (prepare := case.folder / "prepare.py").exists():
            runpy.run_path(str(prepare))
        result = CliRunner(env=_SCRIPT_ENVIRONMENT if is_script else _ENVIRONMENT).invoke(
            _run_script if is_script else main,
            case.arguments[is_script:],
            prog_name="dagwright",
            catch_exceptions=False,
        )
    command = shlex.join(case.arguments if is_script else ("dagwright", *case.arguments))
    return f"$ {command}\n[stdout]\n{result.stdout}[stderr]\n{result.stderr}exit code {result.exit_code}\n"


@click.command()
@click.argument("script")
def _run_script(script: str) -> None:
    """Run a Python file; what it lets through ends it as Python does, but for the traceback."""
    from dagwright import LoadError

    try:
        runpy.run_path(script)
    except LoadError as error:
        click.echo(f"dagwright.LoadError: {error}", err=True)
        raise SystemExit(1) from error


@contextmanager
def _own_plugins(folder: Path) -> Iterator[None]:
    """Hide what else is installed here: a list of types would name it."""

    def plugins() -> list[tuple[str, str]]:
        own = sorted(entry for entry in entry_points(group=ENTRY_POINT_GROUP) if _belongs(entry, folder))
        return [(each.module, f"'{_distribution(each)}' (entry point '{each.name}')") for each in own]

    with patch("dagwright.model.registry.installed_plugins", plugins):
        yield


def _distribution(entry: EntryPoint) -> str:
    return "" if entry.dist is None else entry.dist.name


def _belongs(entry: EntryPoint, folder: Path) -> bool:
    if entry.dist is None:
        return False
    return entry.dist.name == "dagwright" or Path(str(entry.dist.locate_file(""))).resolve() == folder.resolve()


@contextmanager
def _own_modules(folder: Path) -> Iterator[None]:
    """Forget what a case imported from its folder: the next one may have a module of the same name."""
    path = list(sys.path)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
            if any(Path(place).is_relative_to(folder) for place in places if place):
                del sys.modules[name]


def assert_case(case: Case, scratch: Path) -> None:
    """Compare a case's output with expected.txt, or rewrite that file under `UPDATE_CASES=1`."""
    output = run_case(case, scratch)
    if os.environ.get("UPDATE_CASES") == "1":
        case.expected.write_bytes(output.encode())
    assert case.code in output, f"the command of {case.folder.name} does not report {case.code}:\n{output}"
    assert "Traceback (most recent call last)" not in output
    assert output == case.expected.read_bytes().decode(), f"UPDATE_CASES=1 rewrites {case.expected}"
