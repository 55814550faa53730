"""Glob patterns of DAG files, matched folder by folder, so that one walk serves them all.

A pattern is a list of segments. While the walk descends, a state says how much of a pattern the folders so
far have used up; a folder in which no state is left cannot hold a match and is never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate

__all__ = ["PatternSet", "States", "pattern_problem"]

States = tuple[tuple[int, int], ...]
"""Pairs of a pattern's index and the index of its next segment."""

_DEEP = "**"
_DRIVE = re.compile(r"[A-Za-z]:")


def pattern_problem(pattern: str) -> tuple[str, str] | None:
    """Say what is wrong with a pattern and what to do about it; None where it is good."""
    segments = pattern.split("/")
    if not pattern.strip():
        return "is empty", ""
    if "\\" in pattern:
        return "contains a backslash", "write '/' between folders, on every system"
    if pattern.startswith("/") or _DRIVE.match(pattern):
        return "is absolute", "patterns are relative to the project's folder"
    if ".." in segments:
        return "leads out of its folder", "patterns are relative to the project's folder and stay in it"
    if "{" in pattern:
        return "contains braces, which are not expanded", "write one pattern for each alternative"
    if any(_DEEP in segment and segment != _DEEP for segment in segments):
        return "joins '**' with other characters", "'**' stands alone between slashes: 'dags/**/*.dag.yaml'"
    if not segments[-1] or segments[-1] == ".":
        return "names a folder", f"patterns match files: '{pattern.rstrip('./') or 'dags'}/**/*.yaml'"
    return None


class _Segment:
    """One part of a pattern; its wildcards never match a leading dot."""

    __slots__ = ("_hidden", "_literal", "_matches")

    def __init__(self, text: str) -> None:
        self._literal = None if any(character in text for character in "*?[") else text
        self._hidden = text.startswith(".")
        self._matches = re.compile(translate(text)).match

    def matches(self, name: str) -> bool:
        if self._literal is not None:
            return name == self._literal
        return (self._hidden or not name.startswith(".")) and self._matches(name) is not None


class PatternSet:
    """Several patterns, told apart by their index."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [_compile(pattern) for pattern in patterns]

    def start(self) -> States:
        """Return the states at the project's root."""
        return tuple(sorted(state for index in range(len(self._patterns)) for state in self._reach(index, 0)))

    def enter(self, states: States, folder: str) -> States:
        """Return the states inside a folder; none are left where nothing below it can match."""
        reached: set[tuple[int, int]] = set()
        for index, at in states:
            segments = self._patterns[index]
            segment = segments[at]
            if segment is None:
                if not folder.startswith("."):
                    reached.update(self._reach(index, at))
            elif at + 1 < len(segments) and segment.matches(folder):
                reached.update(self._reach(index, at + 1))
        return tuple(sorted(reached))

    def matching(self, states: States, file: str) -> list[int]:
        """Return the indices of the patterns that a file's name completes."""
        found: list[int] = []
        for index, at in states:
            segments = self._patterns[index]
            segment = segments[at]
            if segment is not None and at + 1 == len(segments) and segment.matches(file):
                found.append(index)
        return found

    def match(self, name: str) -> list[int]:
        """Return the indices of the patterns that a path relative to the root matches."""
        *folders, file = name.split("/")
        states = self.start()
        for folder in folders:
            states = self.enter(states, folder)
        return self.matching(states, file)

    def _reach(self, index: int, at: int) -> Iterator[tuple[int, int]]:
        """Yield a state and those that '**' reaches by standing for no folder at all."""
        yield index, at
        while self._patterns[index][at] is None:
            at += 1
            yield index, at


def _compile(pattern: str) -> list[_Segment | None]:
    """Return the segments of a pattern, None for '**'; the last one is always a file's name."""
    texts = [text for text in pattern.split("/") if text not in {"", "."}]
    if not texts or texts[-1] == _DEEP:
        texts.append("*")
    return [None if text == _DEEP else _Segment(text) for text in texts]
