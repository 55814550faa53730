"""How wide a text stands in a terminal, and how to show it without obeying it.

Users' texts hold tabs, wide characters and sometimes escape sequences. Whatever a terminal would act upon
instead of drawing is spelled out here; the rest is measured in cells, one code point at a time, as most
terminals do.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["cell_width", "clip", "piece", "show", "wrap"]

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ACTING_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # parts of emoji and of Persian words: drawn, but without a cell of their own
_QUOTED_OR_WORD = re.compile(r"(?:(?<![^\s(\[{=])'[^'\n]*'(?=[\s,;:.?!)\]}]|$)|\S)+")


@lru_cache(maxsize=1024)
def _spelled(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _ACTING_CATEGORIES:
        return character
    if character in _SHORT:
        return _SHORT[character]
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


@lru_cache(maxsize=1024)
def _character_width(character: str) -> int:
    number = ord(character)
    if number < 0x300:
        return 1
    if character in _JOINERS or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    if 0x1160 <= number <= 0x11FF or 0xD7B0 <= number <= 0xD7FF:  # vowels and finals join the syllable before them
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def show(text: str) -> str:
    r"""Return a text in one line, with `\x1b` and the like for what a terminal would act upon."""
    return text if text.isprintable() else "".join(map(_spelled, text))


def piece(character: str) -> str:
    """Return what stands for one character of a source line: a tab is four cells there."""
    return "    " if character == "\t" else _spelled(character)


def cell_width(text: str) -> int:
    """Return how many terminal cells a text takes that went through `show`."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def clip(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, the middle of a longer one replaced by an ellipsis."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 1]}…{text[len(text) - tail :]}"


def wrap(text: str, room: int | None) -> list[str]:
    """Break a text at its spaces into lines of `room` cells; quoted texts, paths and other words stay whole."""
    if room is None or cell_width(text) <= room:
        return [text]
    lines: list[str] = []
    line, used = "", 0
    for word in _QUOTED_OR_WORD.findall(text):
        size = cell_width(word)
        if line and used + 1 + size > room:
            lines.append(line)
            line, used = word, size
        else:
            line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line]
