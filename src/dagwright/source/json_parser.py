"""JSON text → nodes; agrees with Python's `json` on everything that RFC 8259 allows."""

from __future__ import annotations

import re
from json import decoder
from typing import Final

from dagwright.diagnostics import Diagnostic, Related, SourceText, Span
from dagwright.source.limits import MAX_DEPTH
from dagwright.source.nodes import Entry, ListNode, MappingNode, Node, ScalarNode
from dagwright.source.parsed import Parsed

__all__ = ["parse_json"]

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD: Final = re.compile(r"[^\s,:\[\]{}\"]+|\S|\Z")
_STRING: Final = re.compile(r'"[^"\\\n\r]*(?:\\.[^"\\\n\r]*)*"?')
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_scan_string: Final = decoder.scanstring  # type: ignore[attr-defined]  # in C; not in the stubs
_WORDS: Final = {"true": True, "false": False, "null": None}


class _BrokenError(Exception):
    """The text is no JSON from here on; the finding says why."""

    def __init__(self, found: Diagnostic) -> None:
        super().__init__()
        self.found = found


def parse_json(source: SourceText) -> Parsed:
    """Parse JSON; a text without a value is empty, not broken."""
    if source.text.startswith("\ufeff"):
        source = SourceText(source.name, source.text[1:])
    reader = _Reader(source)
    try:
        return Parsed(reader.document(), tuple(reader.diagnostics))
    except _BrokenError as broken:
        return Parsed(None, (*reader.diagnostics, broken.found))


class _Reader:
    """A descent through the text; it may recurse since the depth is limited."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.place = 0
        self.diagnostics: list[Diagnostic] = []

    def document(self) -> Node | None:
        if self._next() == "":
            return None
        node = self._value(1)
        if self._next() != "":
            raise self._broken("text follows the end of the value")
        return node

    def _value(self, depth: int) -> Node:
        start = self.place
        match self._next():
            case "{":
                return self._mapping(depth)
            case "[":
                return self._list(depth)
            case '"':
                value = self._string()
                return ScalarNode(self.source, start, self.place, value)
            case _:
                return self._number_or_word()

    def _mapping(self, depth: int) -> MappingNode:
        start = self._open(depth)
        entries: dict[str, Entry] = {}
        if self._next() == "}":
            self.place += 1
            return MappingNode(self.source, start, self.place, entries)
        while True:
            character = self._next()
            if character == "}":
                raise self._trailing_comma()
            if character != '"':
                raise self._broken("a key in double quotes is missing")
            key_start = self.place
            key = self._string()
            key_end = self.place
            if self._next() != ":":
                raise self._broken("a ':' is missing behind the key")
            self.place += 1
            self._next()
            value = self._value(depth + 1)
            if key in entries:
                self._duplicate(entries[key], key_start, key_end)
            else:
                entries[key] = Entry(key, key_start, key_end, value)
            if self._closes("}", start):
                return MappingNode(self.source, start, self.place, entries)

    def _list(self, depth: int) -> ListNode:
        start = self._open(depth)
        items: list[Node] = []
        if self._next() == "]":
            self.place += 1
            return ListNode(self.source, start, self.place, items)
        while True:
            if self._next() == "]":
                raise self._trailing_comma()
            items.append(self._value(depth + 1))
            if self._closes("]", start):
                return ListNode(self.source, start, self.place, items)

    def _open(self, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise self._broken(f"collections stand more than {MAX_DEPTH} deep inside each other", code="DW117")
        self.place += 1
        return self.place - 1

    def _closes(self, bracket: str, start: int) -> bool:
        """Step over the comma or the closing bracket behind a value; say whether it was the bracket."""
        character = self._next()
        if character == "":
            raise self._broken(f"the '{self.text[start]}' is never closed", start)
        if character not in (",", bracket):
            raise self._broken(f"a ',' or '{bracket}' is missing before this")
        self.place += 1
        return character == bracket

    def _string(self) -> str:
        start = self.place
        try:
            value, self.place = _scan_string(self.text, start + 1, True)
        except ValueError as error:
            raise self._bad_string(start) from error
        if _SURROGATE.search(value):
            message = "half of a surrogate pair is no character"
            self.diagnostics.append(self._found("DW114", message, start, self.place))
            value = _SURROGATE.sub("\ufffd", value)
        return str(value)

    def _trailing_comma(self) -> _BrokenError:
        comma = self.text.rindex(",", 0, self.place)
        message = f"a ',' stands before the '{self.text[self.place]}'"
        return _BrokenError(self._found("DW109", message, comma, comma + 1, advice="remove it"))

    def _bad_string(self, start: int) -> _BrokenError:
        found = _STRING.match(self.text, start)
        end = found.end() if found else start + 1
        control = _CONTROL.search(self.text, start, end)
        if control and control[0] not in "\n\r":
            code = ord(control[0])
            return self._broken(
                f"the character U+{code:04X} must be written as '\\u{code:04x}'", control.start(), "DW114"
            )
        if end - start < 2 or self.text[end - 1] != '"':
            return self._broken("the quote is never closed", start)
        return self._broken("the string holds an unknown escape", start)

    def _number_or_word(self) -> ScalarNode:
        start = self.place
        number = _NUMBER.match(self.text, start)
        word = _WORD.match(self.text, start)
        end = self.place = word.end() if word else start
        shown = self.text[start:end]
        value: float | bool | None
        if number and number.end() == end:
            try:
                value = float(shown) if number[1] or number[2] else int(shown)
            except ValueError as error:
                raise self._broken("the integer has too many digits", start) from error
        elif shown in _WORDS:
            value = _WORDS[shown]
        elif not shown:
            raise self._broken("a value is missing at the end", start)
        elif shown in ("NaN", "Infinity", "-Infinity"):
            raise self._broken(f"'{shown}' is no JSON number", start)
        else:
            raise self._broken(f"'{shown}' is no JSON value", start, advice=_hint(shown))
        return ScalarNode(self.source, start, end, value)

    def _next(self) -> str:
        """Skip white space and return the character that follows, empty at the end."""
        found = _SPACE.match(self.text, self.place)
        if found:
            self.place = found.end()
        return self.text[self.place : self.place + 1]

    def _duplicate(self, first: Entry, start: int, end: int) -> None:
        related = (Related(message="first set here", span=self._span(first.key_start, first.key_end)),)
        span = self._span(start, end)
        message = f"the key '{first.key}' is set twice"
        self.diagnostics.append(Diagnostic(code="DW105", message=message, span=span, related=related))

    def _broken(self, message: str, start: int | None = None, code: str = "DW109", *, advice: str = "") -> _BrokenError:
        if start is None:
            start = self.place
        word = _WORD.match(self.text, start)
        end = word.end() if word else start + 1
        return _BrokenError(self._found(code, message, start, end, advice=advice))

    def _found(self, code: str, message: str, start: int, end: int, *, advice: str = "") -> Diagnostic:
        return Diagnostic(code=code, message=message, span=self._span(start, end), help=advice)

    def _span(self, start: int, end: int) -> Span:
        return Span(source=self.source, start_offset=start, end_offset=end)


def _hint(word: str) -> str:
    if word.startswith(("//", "/*", "#")):
        return "JSON has no comments; remove it"
    if word.lower() in ("true", "false", "null", "none"):
        return "write it in lower case as JSON does: true, false, null"
    return "put double quotes around a string"
