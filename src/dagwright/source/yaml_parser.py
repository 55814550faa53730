"""YAML text → nodes."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import yaml
from yaml.reader import ReaderError

from dagwright.diagnostics import Diagnostic, SourceText, Span
from dagwright.source.limits import MAX_DEPTH
from dagwright.source.nodes import Node
from dagwright.source.parsed import Parsed
from dagwright.source.yaml_builder import YamlBuilder
from dagwright.source.yaml_composer import Composing, PythonComposing

__all__ = ["parse_yaml"]

_SAFE_BRACKETS: Final = 400
"""Up to this many opening brackets the composer may recurse as deep as there are brackets."""
_SAFE_COLUMNS: Final = 100
"""Collections without brackets nest two to a column at most."""
_DEEP_LINE: Final = re.compile(rf"[ \t\-?:]{{{_SAFE_COLUMNS}}}|.*\r.")
_UNPRINTABLE: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OLD_LINE_ENDS: Final = "\x85\u2028\u2029"
_PRIVATE_USE: Final = range(0xE000, 0xF8FF)


def parse_yaml(source: SourceText) -> Parsed:
    """Parse YAML 1.2 (core schema) without merge keys, custom tags and second documents."""
    text = source.text
    if text.startswith("\ufeff"):
        source = SourceText(source.name, text[1:])
    with _collector_paused():
        return _parse(source)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from looking for cycles where there are none.

    PyYAML makes several objects a value and we make one; each few hundred start a collection that finds nothing and
    that walks the whole project loaded so far. Without them 440 files take a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse(source: SourceText) -> Parsed:
    text = source.text
    stand_ins: dict[str, str] = {}
    if not text.isascii() and any(end in text for end in _OLD_LINE_ENDS):
        text, stand_ins = _hide_old_line_ends(text)
    diagnostics: list[Diagnostic] = []
    root: Node | None = None
    try:
        if _may_be_deep(text):
            too_deep = _first_too_deep(text)
            if too_deep is not None:
                message = f"collections stand more than {MAX_DEPTH} deep inside each other"
                return Parsed(None, (_found("DW117", message, source, too_deep),))
        composing = Composing(text)
        if composing.check_node():
            composed = composing.get_node()
            if stand_ins:
                _restore_old_line_ends(composed, stand_ins, set())
            builder = YamlBuilder(source)
            root = builder.build(composed)
            diagnostics = builder.diagnostics
            if composing.check_node():
                diagnostics.append(_second_document(source, composing.peek_event().start_mark.index))
    except (UnicodeEncodeError, ReaderError):
        return Parsed(None, _unprintable(source))
    except yaml.MarkedYAMLError as error:
        from dagwright.source.yaml_errors import explain_yaml_error  # noqa: PLC0415  most texts have no errors

        return Parsed(None, (*diagnostics, explain_yaml_error(error, source)))
    return Parsed(root, tuple(diagnostics))


def _may_be_deep(text: str) -> bool:
    """Say, cheaply, whether collections might nest so deep that composing them exhausts the C stack."""
    if Composing is PythonComposing:
        return True  # it recurses in Python, and costs so much that a second look does not matter
    if text.count("[") + text.count("{") > _SAFE_BRACKETS:
        return True
    lines = text.split("\n")
    if max(map(len, lines)) < _SAFE_COLUMNS:
        return False
    return any(len(line) >= _SAFE_COLUMNS and _DEEP_LINE.match(line) for line in lines)


def _first_too_deep(text: str) -> int | None:
    """Return where the first collection begins that nests too deep, looking at events alone (no recursion)."""
    events: Any = Composing(text)
    depth = 0
    while events.check_event():
        event = events.get_event()
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                start: Any = event.start_mark
                return int(start.index)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _hide_old_line_ends(text: str) -> tuple[str, dict[str, str]]:
    """Replace the characters that end a line in YAML 1.1 alone by characters that the text does not contain."""
    free = (chr(code) for code in _PRIVATE_USE if chr(code) not in text)
    stand_ins = {next(free): end for end in _OLD_LINE_ENDS}
    return text.translate({ord(end): stand_in for stand_in, end in stand_ins.items()}), stand_ins


def _restore_old_line_ends(composed: Any, stand_ins: dict[str, str], seen: set[int]) -> None:
    if id(composed) in seen:
        return
    seen.add(id(composed))
    if isinstance(composed.value, str):
        composed.value = composed.value.translate({ord(key): end for key, end in stand_ins.items()})
        return
    for child in composed.value:
        for node in child if isinstance(child, tuple) else (child,):
            _restore_old_line_ends(node, stand_ins, seen)


def _unprintable(source: SourceText) -> tuple[Diagnostic, ...]:
    return tuple(
        _found(
            "DW114",
            f"the character U+{ord(found[0]):04X} is not allowed",
            source,
            found.start(),
            advice='write it as an escape in double quotes, such as "\\x1b"',
        )
        for found in _UNPRINTABLE.finditer(source.text)
    )


def _second_document(source: SourceText, start: int) -> Diagnostic:
    start = source.text.rfind("\n---", 0, start + 3) + 1 or start
    return _found("DW112", "a second document begins here", source, start, advice="give every document its own file")


def _found(code: str, message: str, source: SourceText, start: int, *, advice: str = "") -> Diagnostic:
    span = Span(source=source, start_offset=start, end_offset=min(start + 1, len(source.text)))
    return Diagnostic(code=code, message=message, span=span, help=advice)
