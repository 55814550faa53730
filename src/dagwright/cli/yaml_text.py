"""Plain data as YAML text with a comment behind each value; the text reads as the same data everywhere.

A dumper of our own, since PyYAML's knows no comments. Strings are left bare only where YAML 1.1 and 1.2 both read
them as strings.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Branch", "Commented", "Line", "Value", "format_lines", "yaml_lines"]

_BARE = re.compile(r"[A-Za-z_./$][\w./@$%+=~-]*(?:[ :][\w./@$%+=~()-]+)*", re.ASCII)
_BARE_KEY = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
# What one of the two versions of YAML reads as something else than a string.
_NOT_A_STRING = re.compile(
    r"(?:~|null|true|false|y|n|yes|no|on|off|\.inf|\.nan|[-+]?\.?\d[\d_:.eExXoa-fA-F+-]*)", re.IGNORECASE
)
_INDENT = "  "
_WIDTH = 120
_LEAST_COLUMN = 24


@dataclass(frozen=True, slots=True)
class Commented:
    """A scalar, an empty mapping or an empty list, with what is said about it."""

    value: Any
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping or list that is not empty."""

    value: dict[str, Value] | list[Value]


Value: TypeAlias = Commented | Branch


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and the comment that goes behind it."""

    text: str
    comment: str = ""


def yaml_lines(value: Value) -> Iterator[Line]:
    """Write a value as lines."""
    yield from _lines(value, "", "")


def format_lines(lines: Iterable[Line], width: int | None = None) -> str:
    """Put the comments into one column, as far as the lines and the screen allow; ends with a line feed."""
    lines = list(lines)
    commented = [line for line in lines if line.comment]
    column = max((len(line.text) for line in commented), default=0)
    longest = max((len(line.comment) for line in commented), default=0)
    column = min(column, max(_LEAST_COLUMN, (width or _WIDTH) - 4 - longest))
    return "".join(f"{line.text:<{column}}  # {line.comment}\n" if line.comment else f"{line.text}\n" for line in lines)


def _lines(value: Value, first: str, indent: str) -> Iterator[Line]:
    """Write a value whose first line begins with `first` and whose other lines begin with `indent`."""
    if isinstance(value, Commented):
        yield from _scalar(value, first, indent)
    elif isinstance(value.value, dict):
        for key, below in value.value.items():
            yield from _entry(f"{first}{_key(key)}:", below, indent)
            first = indent
    else:
        for item in value.value:
            yield from _lines(item, f"{first}- ", indent + _INDENT)
            first = indent


def _entry(head: str, value: Value, indent: str) -> Iterator[Line]:
    if isinstance(value, Commented):
        yield from _scalar(value, f"{head} ", indent + _INDENT)
    else:
        yield Line(head)
        yield from _lines(value, indent + _INDENT, indent + _INDENT)


def _scalar(value: Commented, first: str, indent: str) -> Iterator[Line]:
    text = value.value
    if isinstance(text, str) and _is_block(text):
        yield Line(f"{first}|{'' if text.endswith(chr(10)) else '-'}", value.comment)
        # A block at the top of a list item or of the text itself needs some indentation.
        yield from (Line((indent or _INDENT) + line if line else "") for line in text.removesuffix("\n").split("\n"))
    else:
        yield Line(first + _flow(text), value.comment)


def _is_block(text: str) -> bool:
    """Say whether a text of several lines can stand as it is, without indicators and lost spaces."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and all(line.isprintable() and (not line or not line.isspace()) for line in lines)
        and bool(lines[0])
        and not lines[0].startswith(" ")
        and bool(lines[-1])
    )


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) and not _NOT_A_STRING.fullmatch(key) else _quoted(key)


def _flow(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            bare = _BARE.fullmatch(value) and not _NOT_A_STRING.fullmatch(value) and not value.endswith(":")
            return value if bare else _quoted(value)
        case _:
            return json.dumps(value)


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, mark, exponent = repr(value).partition("e")
    # YAML 1.1 takes a number without a dot for a string.
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}{mark}{exponent}"


def _quoted(text: str) -> str:
    """Return a text in double quotes, whose escapes are JSON's; nothing invisible stays."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(character if character.isprintable() else _escaped(character) for character in quoted)


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
