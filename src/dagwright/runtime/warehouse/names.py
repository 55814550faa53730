"""Names of schemas, tables and columns: which are allowed, and how SQL says them.

Names are always quoted, so that case, spaces and reserved words need no thought. What could end a quoted name, or be
read as two names, is refused; nothing is ever escaped in silence.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["LONGEST_NAME", "marks_name", "name_problem", "quote_name", "quote_text", "reserved_problem", "staging_name"]

# PostgreSQL's limit, the smallest of the three engines', in bytes; what is longer would be cut in silence.
LONGEST_NAME = 63

_REFUSED = {
    '"': "a quote",
    "'": "a quote",
    "`": "a quote",
    ".": "a dot",
    "\\": "a backslash",
    "{": "a brace",
    "}": "a brace",
}
_SUFFIX = "__new_"
_MARKS = "dagwright_loads"
_STAGING = re.compile(rf".*{_SUFFIX}[0-9a-f]{{8}}", re.DOTALL)


def name_problem(name: str) -> str | None:
    """Say why a text is no name for a schema, table or column, or return None."""
    if not name.strip():
        return "is empty"
    for character in name:
        if character in _REFUSED:
            return f"has {_REFUSED[character]} in it"
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            return "has a control character in it"
    if name != name.strip():
        return "begins or ends with a space"
    if len(name.encode()) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} bytes"
    return None


def quote_name(*names: str) -> str:
    """Return a name, or names joined by dots, as SQL.

    Raises:
        ValueError: for what `name_problem` refuses; DAG files are checked long before.
    """
    for name in names:
        problem = name_problem(name)
        if problem is not None:
            raise ValueError(f"the name {name!r} {problem}")
    return ".".join(f'"{name}"' for name in names)


def quote_text(text: str) -> str:
    """Return a text as an SQL literal, for the places in which no engine takes a bound value."""
    if "\0" in text:
        raise ValueError("a text with a NUL character cannot be said in SQL")
    return "'" + text.replace("'", "''") + "'"


def staging_name(name: str, definition: str) -> str:
    """Return the name of the table beside: the same for every run with the same columns, and no other table's."""
    digest = hashlib.sha256(f"{name}\0{definition}".encode()).hexdigest()[:8]
    room = LONGEST_NAME - len(_SUFFIX) - len(digest)
    return name.encode()[:room].decode(errors="ignore") + _SUFFIX + digest


def marks_name() -> str:
    """Return the name of the table that remembers which run has appended its rows."""
    return _MARKS


def reserved_problem(name: str) -> str | None:
    """Say why a name is not free for a table, or return None."""
    lower = name.lower()
    if lower == _MARKS or _STAGING.fullmatch(lower):
        return "belongs to a table that uploads make for themselves"
    return None
