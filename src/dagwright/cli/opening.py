"""From paths on the command line to opened projects.

The paths of one command may lie in several projects. Findings come out with their files named as seen from the
current folder, so that a terminal, an editor and a pull request find them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from dagwright.binding import BoundDag, Project, Trees, open_project
from dagwright.cli.airflow_watch import watch_airflow
from dagwright.cli.outcome import FAILED, CannotStartError
from dagwright.collector import never_garbage
from dagwright.diagnostics import Diagnostic, Related, SourceText, Span, has_errors
from dagwright.project import find_project

__all__ = ["Opened", "named_from_here", "open_at", "open_file", "projects_of", "separate_modules"]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A project that was read.

    Attributes:
        root: its folder.
        project: None where the project file itself is beyond reading.
        diagnostics: everything found, with files named as seen from the current folder.
        airflow_importer: file and line of the code that imported Airflow meanwhile; empty where none did.
        airflow_seconds: how long that took.
    """

    root: Path
    project: Project | None
    diagnostics: list[Diagnostic]
    airflow_importer: str = ""
    airflow_seconds: float = 0.0


def projects_of(paths: Sequence[Path], project: Path | None) -> dict[Path, list[Path] | None]:
    """Sort paths by the project that they belong to; None stands for the whole project.

    Args:
        paths: files and folders; none at all is the current folder's project.
        project: the folder that `--project` names, which then is the project of all paths.
    """
    if not paths:
        start = _absolute(project or Path())
        root = find_project(start)
        return {root or start: None}
    found: dict[Path, list[Path] | None] = {}
    for path in map(_absolute, paths):
        root = find_project(path if project is None else _absolute(project))
        if root is None:
            root = _absolute(project) if project is not None else path if path.is_dir() else path.parent
        selection = found.setdefault(root, [])
        if path == root:
            found[root] = None
        elif selection is not None:
            selection.append(path)
    return found


def open_at(
    root: Path,
    *,
    env: str | None,
    selection: Sequence[Path] | None = None,
    bind: bool = True,
    airflow_is_ready: bool = False,
    trees: Trees = "keep",
) -> Opened:
    """Open a project.

    Args:
        root: its folder.
        env: the environment that `--env` names.
        selection: files and folders to bind; everything where None.
        bind: False to read the project and its factories only.
        airflow_is_ready: whether Airflow has a home prepared already, for the case that a factory imports it.
        trees: what becomes of the merged data of sound files.

    Raises:
        CannotStartError: there is neither a project file nor a DAG file.
    """
    # What a project's modules print at import must not end in data for other programs.
    with watch_airflow(makes_home=not airflow_is_ready) as watch, redirect_stdout(sys.stderr), never_garbage():
        project, diagnostics = open_project(
            root, env=env, selection=selection, inside_airflow=False, bind=bind, trees=trees
        )
    if (
        project is not None
        and project.config.file is None
        and bind
        and not project.files
        and not has_errors(found for found in diagnostics if found.code != "DW409")
    ):
        where = os.path.relpath(root)
        raise CannotStartError(
            f"no dagwright.toml and no DAG file in {'this folder' if where == '.' else where} or above\n"
            "make a project with 'dagwright init', or name one with --project"
        )
    return Opened(
        root=root,
        project=project,
        diagnostics=named_from_here(diagnostics, root),
        airflow_importer=watch.importer,
        airflow_seconds=watch.seconds,
    )


def open_file(
    file: Path, *, project: Path | None, env: str | None, airflow_is_ready: bool = False
) -> tuple[Project, BoundDag, list[Diagnostic]]:
    """Open the project of one DAG file and bind that file.

    Returns:
        The project, the file and everything found. Where the file has errors, its factory is None.

    Raises:
        SystemExit: nothing could be bound; the findings are printed.
    """
    ((root, _),) = projects_of([file], project).items()
    opened = open_at(root, env=env, selection=[_absolute(file)], airflow_is_ready=airflow_is_ready)
    if opened.project is None or not opened.project.files:
        from dagwright.cli.findings import echo_findings

        echo_findings(opened.diagnostics, err=True)
        raise SystemExit(FAILED)
    return opened.project, opened.project.files[0], opened.diagnostics


@contextmanager
def separate_modules(root: Path) -> Iterator[None]:
    """Forget afterwards what was imported from a project, since the next one may have modules of the same names.

    Installed packages stay, also where the project's folder holds the environment.
    """
    path, modules = list(sys.path), set(sys.modules)
    try:
        yield
    finally:
        sys.path[:] = path
        for name in sys.modules.keys() - modules:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(f"{root}{os.sep}") and "site-packages" not in Path(file).parts:
                del sys.modules[name]


def named_from_here(diagnostics: Sequence[Diagnostic], root: Path) -> list[Diagnostic]:
    """Name files as seen from the current folder instead of from the project's."""
    return list(diagnostics) if os.path.relpath(root) == "." else _Renaming(root).diagnostics(diagnostics)


class _Renaming:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._sources: dict[int, tuple[SourceText, SourceText]] = {}

    def diagnostics(self, diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
        return [
            replace(
                found,
                file=None if found.file is None else self._name(found.file),
                span=None if found.span is None else self._span(found.span),
                related=tuple(Related(message=each.message, span=self._span(each.span)) for each in found.related),
                fixes=tuple(
                    replace(fix, edits=tuple(replace(edit, span=self._span(edit.span)) for edit in fix.edits))
                    for fix in found.fixes
                ),
            )
            for found in diagnostics
        ]

    def _name(self, name: str) -> str:
        absolute = PurePosixPath(name).is_absolute()
        return name if absolute else Path(os.path.relpath(self._root / name)).as_posix()

    def _span(self, span: Span) -> Span:
        known = self._sources.get(id(span.source))
        if known is None:
            renamed = SourceText(self._name(span.source.name), span.source.text)
            known = self._sources[id(span.source)] = (span.source, renamed)
        return replace(span, source=known[1])


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  links stay as the user wrote them
