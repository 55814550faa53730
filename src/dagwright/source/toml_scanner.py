"""Where keys and values stand in a TOML text.

`tomllib` says what a text means but not where. This scanner says where and nothing else: it is lenient, since
`tomllib` refuses what is wrong, and it stops at the first place that it cannot read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from dagwright.source.limits import MAX_DEPTH

__all__ = ["Part", "Scan", "Statement", "Value", "scan_toml"]

_BLANK: Final = re.compile(r"[ \t]*+")
_SPACE: Final = re.compile(r"(?:[ \t\r\n]++|#[^\x00-\x08\x0a-\x1f\x7f]*+)*+")
_LINE_END: Final = re.compile(r"[ \t]*+(?:#[^\x00-\x08\x0a-\x1f\x7f]*+)?(?:\r?\n|\Z)")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]++")
_STRING: Final = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}+(?!"))*+"{3,5}+'
    r"|'''(?:[^']++|'{1,2}+(?!'))*+'{3,5}+"
    r'|"(?!"")(?:[^"\\\r\n]++|\\.)*+"'
    r"|'(?!'')[^'\r\n]*+'",
    re.DOTALL,
)
_OTHER: Final = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:[^\s,\]}#]++|[^\s,\[\]{}#\"'=]++")


class Part(NamedTuple):
    """One part of a dotted key, as it is written."""

    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar (neither items nor pairs), an array, or an inline table."""

    start: int
    end: int
    items: tuple[Value, ...] | None = None
    pairs: tuple[tuple[tuple[Part, ...], Value], ...] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A `key = value`, or a `[table]` or `[[array]]` header, which has no value."""

    start: int
    end: int
    key: tuple[Part, ...]
    value: Value | None = None
    is_array: bool = False


@dataclass(slots=True)
class Scan:
    """The statements up to the first place that cannot be read, what was missing there, and the deepest nesting."""

    statements: list[Statement] = field(default_factory=list)
    stopped_at: int | None = None
    problem: str = ""
    too_deep: bool = False


class _StopError(Exception):
    """The text cannot be read any further."""

    def __init__(self, place: int, problem: str, *, too_deep: bool = False) -> None:
        super().__init__()
        self.place = place
        self.problem = problem
        self.too_deep = too_deep


def scan_toml(text: str) -> Scan:
    """Return the statements of a text."""
    scan = Scan()
    scanner = _Scanner(text)
    try:
        while scanner.skip_space():
            scan.statements.append(scanner.statement())
    except _StopError as stop:
        scan.stopped_at, scan.problem, scan.too_deep = stop.place, stop.problem, stop.too_deep
    return scan


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def skip_space(self) -> bool:
        """Skip white space, line ends and comments; say whether anything follows."""
        self._skip(_SPACE)
        return self.place < len(self.text)

    def statement(self) -> Statement:
        start = self.place
        header = "[[" if self.text.startswith("[[", start) else "[" if self.text[start] == "[" else ""
        value = None
        self.place += len(header)
        key = self._key(0)
        if header:
            self._expect("]" * len(header))
        else:
            self._expect("=")
            self._skip(_BLANK)
            value = self._value(len(key) + 1)
        end = self.place
        if not self._skip(_LINE_END):
            raise _StopError(self.place, "the line should end here")
        return Statement(start, end, key, value, header == "[[")

    def _key(self, depth: int) -> tuple[Part, ...]:
        parts = []
        while True:
            self._skip(_BLANK)
            start = self.place
            quoted = self.text[start : start + 1] in ("'", '"')
            if not self._skip(_STRING if quoted else _BARE_KEY):
                raise _StopError(start, "a key is missing here")
            parts.append(Part(self.text[start : self.place], start, self.place))
            self._check_depth(depth + len(parts))
            self._skip(_BLANK)
            if self.text[self.place : self.place + 1] != ".":
                return tuple(parts)
            self.place += 1

    def _value(self, depth: int) -> Value:
        start = self.place
        self._check_depth(depth)
        character = self.text[start : start + 1]
        if character == "[":
            items: list[Value] = []
            self._open()
            while not self._closes("]"):
                items.append(self._value(depth + 1))
                self._separate("]", start)
            return Value(start, self.place, items=tuple(items))
        if character == "{":
            pairs: list[tuple[tuple[Part, ...], Value]] = []
            self._open()
            while not self._closes("}"):
                key = self._key(depth)
                self._expect("=")
                self._skip(_BLANK)
                pairs.append((key, self._value(depth + len(key))))
                self._separate("}", start)
            return Value(start, self.place, pairs=tuple(pairs))
        if not self._skip(_STRING if character in ("'", '"') else _OTHER):
            quoted = character and character in "'\""
            raise _StopError(start, "the quote is never closed" if quoted else "a value is missing here")
        return Value(start, self.place)

    def _open(self) -> None:
        self.place += 1
        self.skip_space()

    def _closes(self, bracket: str) -> bool:
        if self.text[self.place : self.place + 1] != bracket:
            return False
        self.place += 1
        return True

    def _separate(self, bracket: str, start: int) -> None:
        """Step over the comma behind a value; a closing bracket is left to the next look."""
        if not self.skip_space():
            raise _StopError(start, f"the '{self.text[start]}' is never closed")
        character = self.text[self.place]
        if character == ",":
            self._open()
        elif character != bracket:
            raise _StopError(self.place, f"a ',' or '{bracket}' is missing here")

    def _expect(self, characters: str) -> None:
        self._skip(_BLANK)
        if not self.text.startswith(characters, self.place):
            raise _StopError(self.place, f"a '{characters}' is missing here")
        self.place += len(characters)

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.place)
        if found is None:
            return False
        self.place = found.end()
        return True

    def _check_depth(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _StopError(self.place, "", too_deep=True)
