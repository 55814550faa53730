"""One walk through a project's folders for everything that any pattern matches.

What it passes over: hidden folders that no pattern names, `__pycache__` and `node_modules`, virtual
environments, projects inside the project, what `.airflowignore` says, and links that lead out or in circles.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dagwright.diagnostics import Diagnostic, Severity
from dagwright.project.ignore import IGNORE_FILE, Rule, is_ignored, read_rules
from dagwright.project.locate import folder_has_project, stem_of
from dagwright.project.patterns import PatternSet, States

__all__ = ["Walk", "walk_project"]

_PASSED_OVER = frozenset({"__pycache__", "node_modules", ".dagwright"})
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})


@dataclass
class Walk:
    """What a walk found: by name the indices of the patterns that match, and what went wrong."""

    files: dict[str, list[int]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Folder:
    name: str  # relative to the root, ends in a slash; empty for the root
    states: States
    rules: tuple[Rule, ...]


def walk_project(
    root: Path, patterns: PatternSet, within: Sequence[str] | None = None, *, stem: str | None = None
) -> Walk:
    """Find the files that the patterns match.

    Args:
        root: the project's folder.
        patterns: what to look for.
        within: names of folders to stay in (each ends in a slash; the root is the empty string).
        stem: what names of files are up to their first dot; all others are passed over.
    """
    found = Walk()
    real_root = os.path.realpath(root)
    waiting = [_Folder("", patterns.start(), ())]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(os.path.join(root, folder.name)) as listing:  # noqa: PTH118  a Path costs more than the walk
                entries = {entry.name: entry for entry in listing}
        except OSError as error:
            message = f"the folder cannot be read: {(error.strerror or 'no reason is given').lower()}"
            found.diagnostics.append(Diagnostic(code="DW116", message=message, file=folder.name or "."))
            continue
        if folder.name and (entries.keys() & _ENVIRONMENT_MARKS or folder_has_project(root / folder.name, entries)):
            continue
        rules = folder.rules
        if IGNORE_FILE in entries and _is_file(entries[IGNORE_FILE]):
            rules, problems = read_rules(root / folder.name / IGNORE_FILE, folder.name + IGNORE_FILE, rules)
            found.diagnostics += problems
        for entry in entries.values():
            if _is_folder(entry):
                name = folder.name + entry.name
                states = patterns.enter(folder.states, entry.name)
                if not states or entry.name in _PASSED_OVER or not _on_the_way(name + "/", within):
                    continue
                if is_ignored(rules, name + "/") or (
                    entry.is_symlink() and not _may_follow(root, real_root, name, found.diagnostics)
                ):
                    continue
                waiting.append(_Folder(name + "/", states, rules))
            elif stem is None or stem_of(entry.name) == stem:
                name = folder.name + entry.name
                if within is not None and not any(name.startswith(wanted) for wanted in within):
                    continue
                matching = patterns.matching(folder.states, entry.name)
                if matching and not is_ignored(rules, name) and _is_readable(root, real_root, entry, name, found):
                    found.files[name] = matching
    found.files = dict(sorted(found.files.items()))
    found.diagnostics.sort(key=_file_and_offset)
    return found


def _file_and_offset(problem: Diagnostic) -> tuple[str, int]:
    return problem.file_name or "", problem.span.start_offset if problem.span is not None else 0


def _on_the_way(name: str, within: Sequence[str] | None) -> bool:
    """Say whether a folder leads to a wanted one or lies in it."""
    return within is None or any(wanted.startswith(name) or name.startswith(wanted) for wanted in within)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_readable(root: Path, real_root: str, entry: os.DirEntry[str], name: str, found: Walk) -> bool:
    """Say whether a file with a matching name is one that can be loaded, and record why not."""
    if not entry.name.isprintable() and any("\ud800" <= character <= "\udfff" for character in entry.name):
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        found.diagnostics.append(Diagnostic(code="DW116", message="the file's name is not UTF-8", file=shown))
        return False
    if not entry.is_symlink():
        return _is_file(entry)
    if not _is_file(entry):
        message = "the link leads to no file"
        found.diagnostics.append(Diagnostic(code="DW116", message=message, file=name))
        return False
    return _stays_inside(os.path.realpath(root / name), real_root, name, found.diagnostics)


def _may_follow(root: Path, real_root: str, name: str, diagnostics: list[Diagnostic]) -> bool:
    """Say whether a linked folder stays in the project and is none of the folders on the way to it."""
    target = os.path.realpath(root / name)
    if not _stays_inside(target, real_root, name, diagnostics):
        return False
    above = (root / name).parent
    while above != root:
        if os.path.realpath(above) == target:
            return False
        above = above.parent
    return target != real_root


def _stays_inside(target: str, real_root: str, name: str, diagnostics: list[Diagnostic]) -> bool:
    if target == real_root or target.startswith(real_root.rstrip(os.sep) + os.sep):
        return True
    message = "the link leads out of the project and is not followed"
    diagnostics.append(Diagnostic(code="DW211", message=message, severity=Severity.WARNING, file=name))
    return False
