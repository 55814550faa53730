"""Which files of a project are DAG files, and which factory a binding gives them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dagwright.diagnostics import Diagnostic, Related, Severity
from dagwright.project.entities import Bind, DagFile
from dagwright.project.folders import DEFAULTS_FILES
from dagwright.project.locate import relative_name, stem_of
from dagwright.project.patterns import PatternSet
from dagwright.project.walk import walk_project

__all__ = ["Discovery"]


class Discovery:
    """Finds DAG files; one object per search.

    Args:
        root: the project's folder.
        patterns: those of the bindings, then those of DAG files.
        dags: patterns of DAG files.
        binds: bindings, whose patterns count as well.
        project_file: the name that messages about the whole project are about.
    """

    def __init__(
        self, root: Path, patterns: PatternSet, dags: Sequence[str], binds: Sequence[Bind], project_file: str | None
    ) -> None:
        self._root = root
        self._dags = dags
        self._binds = binds
        self._project_file = project_file
        self._patterns = patterns
        self._found: dict[str, DagFile] = {}
        self._matched: set[int] = set()
        self._clashes: dict[tuple[int, int], list[str]] = {}
        self._diagnostics: list[Diagnostic] = []

    def everything(self) -> tuple[list[DagFile], list[Diagnostic]]:
        """Find every DAG file of the project."""
        if not self._walk(None):
            patterns = ", ".join([*(bind.pattern for bind in self._binds), *self._dags]) or "none"
            message = "no file of the project matches its patterns"
            self._report("DW409", message, self._project_file, notes=(f"patterns: {patterns}",))
        else:
            for index, bind in enumerate(self._binds):
                if index not in self._matched:
                    self._diagnostics.append(_unused(bind))
        return self._result()

    def selected(self, selection: Sequence[Path]) -> tuple[list[DagFile], list[Diagnostic]]:
        """Find the given files, and the DAG files in the given folders."""
        folders: dict[str, str] = {}
        for path in selection:
            if os.path.isdir(path):  # noqa: PTH112  Path.is_dir raises where a folder may not be entered
                self._select_folder(path, folders)
            elif os.path.isfile(path):  # noqa: PTH113
                self._select_file(path)
            elif os.path.lexists(path):
                self._report("DW116", "this is neither a file nor a folder", self._shown(path))
            else:
                self._report("DW116", "there is no such file or folder", self._shown(path))
        if folders:
            names = self._walk(sorted(folders))
            for prefix, shown in sorted(folders.items()):
                if not any(name.startswith(prefix) for name in names):
                    self._report("DW409", "no file in this folder matches the project's patterns", shown)
        return self._result()

    def called(self, stem: str, selection: Sequence[Path] | None) -> list[DagFile]:
        """Find the DAG files with a name of which this is the part up to the first dot, and look at no other."""
        if selection is None:
            self._walk(None, stem)
            return self._result()[0]
        folders: dict[str, str] = {}
        for path in selection:
            if os.path.isdir(path):  # noqa: PTH112
                self._select_folder(path, folders)
            elif stem_of(path.name) == stem and os.path.isfile(path):  # noqa: PTH113
                self._select_file(path)
        if folders:
            self._walk(sorted(folders), stem)
        return self._result()[0]

    def named(self, path: Path) -> tuple[list[DagFile], list[Diagnostic]]:
        """Describe one DAG file that need not be there yet."""
        self._select_file(path)
        return self._result()

    def _select_folder(self, path: Path, folders: dict[str, str]) -> None:
        name = relative_name(self._root, path)
        if name is not None:
            folders["" if name == "." else name + "/"] = name
        elif relative_name(path, self._root) is not None:  # a folder around the project
            folders[""] = "."
        else:
            self._report("DW409", "this folder lies outside of the project", self._shown(path))

    def _select_file(self, path: Path) -> None:
        name = relative_name(self._root, path)
        if path.name in DEFAULTS_FILES:
            message = "these are a folder's defaults, not a DAG file"
            help_text = "name the folder to load the DAG files below it"
            self._report("DW411", message, self._shown(path), help_text=help_text)
            return
        absolute = Path(os.path.abspath(path))  # noqa: PTH100  links stay as the user wrote them
        self._add(name or self._shown(path), absolute, self._patterns.match(name) if name else [])

    def _walk(self, within: Sequence[str] | None, stem: str | None = None) -> list[str]:
        """Add what a walk finds, and return the names of all that matches."""
        walk = walk_project(self._root, self._patterns, within, stem=stem)
        self._diagnostics += walk.diagnostics
        names = [name for name in walk.files if name.rpartition("/")[2] not in DEFAULTS_FILES]
        for name in names:
            self._add(name, self._root / name, walk.files[name])
        return names

    def _add(self, name: str, path: Path, matching: Sequence[int]) -> None:
        if name in self._found:
            return
        bound = [index for index in matching if index < len(self._binds)]
        self._matched.update(bound)
        clash = next((index for index in bound if self._binds[index].type != self._binds[bound[0]].type), None)
        if clash is not None:
            clashing = self._clashes.setdefault((bound[0], clash), [])
            if name not in clashing:
                clashing.append(name)
            return
        bind = self._binds[bound[0]] if bound else None
        self._found[name] = DagFile(
            path=path, name=name, type=bind.type if bind else None, type_span=bind.type_span if bind else None
        )

    def _result(self) -> tuple[list[DagFile], list[Diagnostic]]:
        for (first, second), names in sorted(self._clashes.items()):
            one, other = self._binds[first], self._binds[second]
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            verb = "are" if more else "is"
            message = f"'{min(names)}'{more} {verb} bound to both '{one.type}' and '{other.type}'"
            related = (Related(message=f"'{one.type}' is bound here", span=one.span),)
            help_text = "make one of the patterns narrower"
            self._diagnostics.append(
                Diagnostic(code="DW411", message=message, span=other.span, related=related, help=help_text)
            )
        return sorted(self._found.values(), key=lambda file: file.name), self._diagnostics

    def _shown(self, path: Path) -> str:
        name = relative_name(self._root, path)
        return path.as_posix() if name is None else name

    def _report(
        self, code: str, message: str, file: str | None, *, notes: tuple[str, ...] = (), help_text: str = ""
    ) -> None:
        self._diagnostics.append(Diagnostic(code=code, message=message, file=file, notes=notes, help=help_text))


def _unused(bind: Bind) -> Diagnostic:
    message = f"no file matches '{bind.pattern}'"
    return Diagnostic(code="DW409", message=message, severity=Severity.WARNING, span=bind.span)
