"""`.airflowignore`: which files and folders a project does not want to be looked at.

The syntax is the one that Airflow 3 has by default: that of gitignore, in any folder, save that `#` begins a
comment wherever it stands. A rule is asked about each folder and file on its own, never about what lies in
a folder: as for git and Airflow, a folder that is ignored is not opened, and nothing inside it can be
taken back. `pathspec`, which Airflow itself uses, knows what one pattern means.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dagwright.diagnostics import Diagnostic, Severity, Span
from dagwright.source import read_source

__all__ = ["IGNORE_FILE", "Rule", "is_ignored", "read_rules"]

IGNORE_FILE = ".airflowignore"

_COMMENT = re.compile(r"\s*#.*")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of an ignore file.

    Attributes:
        matches: asks the pattern about a path.
        ignores: False where the line takes back what others ignore.
        folders_only: whether the line means folders alone.
        from_offset: where the path begins that an anchored pattern is asked about; None where the pattern
            is about the bare name.
    """

    matches: Callable[[str], object]
    ignores: bool
    folders_only: bool
    from_offset: int | None


def read_rules(path: Path, name: str, outer: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], list[Diagnostic]]:
    """Add the rules of one file to those of the folders around it.

    Args:
        path: the `.airflowignore`.
        name: its path relative to the project's root.
        outer: the rules that hold in the folder above.
    """
    source, diagnostics = read_source(path, name)
    if source is None:
        return outer, diagnostics
    rules: list[Rule] = []
    offset = 0
    for raw in source.text.split("\n"):
        line = _COMMENT.sub("", raw.removesuffix("\r"))
        try:
            rule = _compile(line, len(name) - len(IGNORE_FILE))
        except ValueError:
            span = Span(source=source, start_offset=offset, end_offset=offset + len(line))
            message = f"'{line}' is no pattern of an {IGNORE_FILE} and is skipped"
            diagnostics.append(Diagnostic(code="DW401", message=message, severity=Severity.WARNING, span=span))
        else:
            rules += [rule] if rule is not None else []
        offset += len(raw) + 1
    return (*outer, *rules), diagnostics


def is_ignored(rules: tuple[Rule, ...], name: str) -> bool:
    """Say whether a path relative to the root is ignored; a folder's ends in a slash. The last rule wins."""
    is_folder = name.endswith("/")
    bare = name[name.rfind("/", 0, len(name) - 1) + 1 :]
    for rule in reversed(rules):
        if rule.folders_only and not is_folder:
            continue
        if rule.matches(bare if rule.from_offset is None else name[rule.from_offset :]) is not None:
            return rule.ignores
    return False


def _compile(line: str, prefix: int) -> Rule | None:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  most projects have no such file

    patterns = list(GitIgnoreSpec.from_lines([line]).patterns)
    if not patterns or patterns[0].include is None:
        return None
    text = line.strip()
    anchored = "/" in text.removesuffix("/")
    return Rule(patterns[0].match_file, patterns[0].include, text.endswith("/"), prefix if anchored else None)
