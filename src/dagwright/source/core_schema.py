"""The YAML 1.2 core schema: what a plain scalar means.

Only these spellings are anything but strings; `no`, `on`, `1:30`, `1_000` and `2024-01-01` stay what they look like.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["SPECIAL_STARTS", "TAG_PREFIX", "resolve_plain", "resolve_tagged"]

TAG_PREFIX: Final = "tag:yaml.org,2002:"

SPECIAL_STARTS: Final = frozenset("~nNtTfF+-.0123456789")
"""The first characters of all plain scalars that may be no strings; the empty scalar is null besides."""

_WORDS: Final[dict[str, float | bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((sign + word for sign in ("", "+") for word in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INT: Final = re.compile(r"[-+]?[0-9]+")
_BASED_INT: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolve_plain(text: str) -> str | float | bool | None:
    """Return the value of a plain scalar.

    Raises:
        ValueError: an integer has more digits than Python reads.
    """
    if text in _WORDS:
        return _WORDS[text]
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
    wanted = {"null": type(None), "bool": bool, "int": int, "float": float}[tag]
    value = resolve_plain(text)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise ValueError(text)
    return value
