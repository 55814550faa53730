"""What values look like in a file of text: the forms that all engines read alike, for each kind of column."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from dagwright.runtime.warehouse.source import read_json
from dagwright.runtime.warehouse.table import LoadColumn

__all__ = ["value_check"]

_INTEGER = re.compile(r"(u?)int(8|16|32|64|128)")
_NUMBER = r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*"
_FORMS: Mapping[str, re.Pattern[str]] = {
    "boolean": re.compile(r"true|false|t|f|1|0", re.IGNORECASE | re.ASCII),
    "uuid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII),
}
_FLOAT = re.compile(rf"{_NUMBER}|\s*[+-]?(?:inf|infinity|nan)\s*", re.IGNORECASE | re.ASCII)
_SINGLE = frozenset({"REAL", "FLOAT4", "FLOAT"})
_LENGTH = re.compile(r"(?P<name>[A-Z ]+?)(?:\((?P<most>\d+)\))?")
_WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_DECIMAL = re.compile(_NUMBER, re.ASCII)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)", re.ASCII)
_HOUR = re.compile(r"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)", re.ASCII)
# The zone is none of the moment's digits; a day alone has none.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: ?(?:Z|UTC|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?))?"
    r"|\d{4}-\d\d-\d\d",
    re.ASCII,
)


def value_check(column: LoadColumn, *, in_bytes: bool = False) -> Callable[[str], Any] | None:
    """Return what tells whether a text is a value of a column, or None where every text is.

    Args:
        column: with its type and kind.
        in_bytes: whether the length of a text is one in bytes, as Redshift has it.
    """
    integer = _INTEGER.fullmatch(column.kind)
    if integer is not None:
        bits = int(integer[2])
        return _whole(0, 2**bits - 1) if integer[1] else _whole(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    match column.kind:
        case "decimal":
            numbers = [int(one) for one in re.findall(r"\d+", column.type)]
            room = numbers[0] - (numbers[1] if len(numbers) > 1 else 0) if numbers else None
            return _DECIMAL.fullmatch if room is None else _decimal(room)
        case "float":
            return _float(single=column.type in _SINGLE)
        case "text":
            return _text(column.type, in_bytes=in_bytes)
        case kind:
            return _CHECKS.get(kind)


def _whole(least: int, most: int) -> Callable[[str], bool]:
    safe = len(str(most)) - 1  # so many characters are in the range, whatever they are

    def check(text: str) -> bool:
        return _WHOLE.fullmatch(text) is not None and (
            (least >= 0 and len(text) <= safe and "-" not in text)
            or (least < 0 and len(text) <= safe)
            or (len(text) < 4000 and least <= int(text) <= most)
        )

    return check


def _decimal(room: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        if _DECIMAL.fullmatch(text) is None:
            return False
        digits = text.strip().lstrip("+-")
        if len(digits) <= room or "e" in digits or "E" in digits:
            return True
        return len(digits.partition(".")[0].lstrip("0")) <= room

    return check


def _float(*, single: bool) -> Callable[[str], bool]:
    """Refuse what an engine would make infinite or zero."""

    def check(text: str) -> bool:
        if _FLOAT.fullmatch(text) is None:
            return False
        if len(text) < 30 and "e" not in text and "E" not in text:
            return True  # also a single float has room for 29 digits
        try:
            value = struct.unpack("f", struct.pack("f", float(text)))[0] if single else float(text)
        except OverflowError:
            return False
        lower = text.lower()
        if math.isinf(value) or math.isnan(value):
            return "n" in lower  # inf, infinity and nan themselves
        return bool(value) or not any(digit in lower.partition("e")[0] for digit in "123456789")

    return check


def _text(type_: str, *, in_bytes: bool) -> Callable[[str], bool] | None:
    written = _LENGTH.fullmatch(type_)
    name, most = ("", None) if written is None else (written["name"], written["most"])
    # A bare CHAR is CHAR(1) for all but DuckDB; Redshift alone ends a text that says no length.
    unsaid = {"CHAR": 1, "NCHAR": 1}.get(name, {"BPCHAR": 256}.get(name, 65535) if in_bytes else None)
    room = unsaid if most is None else int(most)
    if room is None:
        return None
    if in_bytes:
        return lambda text: 4 * len(text) <= room or len(text.encode()) <= room
    return lambda text: len(text) <= room


def _readable(form: re.Pattern[str], read: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        found = form.fullmatch(text)
        if found is None:
            return False
        try:
            read(found[1] or text)
        except ValueError:
            return False
        return True

    return check


def _json(text: str) -> bool:
    try:
        read_json(text)
    except (ValueError, RecursionError):
        return False
    return True


_CHECKS: Mapping[str, Callable[[str], Any]] = {
    **{kind: form.fullmatch for kind, form in _FORMS.items()},
    "date": _readable(_DAY, date.fromisoformat),
    "json": _json,
    "time": _readable(_HOUR, time.fromisoformat),
    "timestamp": _readable(_MOMENT, datetime.fromisoformat),
}
