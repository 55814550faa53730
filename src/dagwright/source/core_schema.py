"""The YAML 1.2 core schema: what a plain scalar means.

Only these spellings are anything but strings; `no`, `on`, `1:30`, `1_000` and `2024-01-01` stay what they look like.
"""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["NUMBER_STARTS", "SPECIAL_STARTS", "TAG_PREFIX", "WORDS", "resolve_plain", "resolve_tagged"]

TAG_PREFIX: Final = "tag:yaml.org,2002:"

NUMBER_STARTS: Final = frozenset("+-.0123456789")
"""The first characters of all numbers."""

SPECIAL_STARTS: Final = NUMBER_STARTS | frozenset("~nNtTfF")
"""The first characters of all plain scalars that may be no strings; the empty scalar is null besides."""

WORDS: Final[dict[str, float | bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((sign + word for sign in ("", "+") for word in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_TYPES: Final[dict[str, type[Any]]] = {"null": type(None), "bool": bool, "int": int, "float": float}
_INT: Final = re.compile(r"[-+]?[0-9]+")
_BASED_INT: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolve_plain(text: str) -> str | float | bool | None:
    """Return the value of a plain scalar.

    Raises:
        ValueError: an integer has more digits than Python reads.
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in NUMBER_STARTS:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _BASED_INT.fullmatch(text):
        return int(text, 0)
    return text


def resolve_tagged(tag: str, text: str) -> str | float | bool | None:
    """Return the value of a scalar with an explicit core tag (without its prefix).

    Raises:
        ValueError: the text is no such value.
        KeyError: the tag is none of the core schema's for scalars.
    """
    if tag == "str":
        return text
    wanted: type[Any] = _TYPES[tag]
    value = resolve_plain(text)
    found: type[Any] = type(value)
    if wanted is float and found is int and _INT.fullmatch(text):
        return float(text)
    if found is not wanted:
        raise ValueError(text)
    return value
