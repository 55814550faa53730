"""Column types: what an engine knows, and what their values look like in a file.

An engine lists its types with the arguments that they take, as its users read them: `{"numeric(p,s)": "decimal"}`.
The value is the kind of values, by which files are checked before anything is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dagwright.diagnostics.suggest import did_you_mean

__all__ = ["DUCKDB_TYPES", "POSTGRES_TYPES", "REDSHIFT_TYPES", "ColumnType", "TypeProblem", "parse_type"]

_WRITTEN = re.compile(
    r"(?P<name>[a-z][a-z0-9_ ]*?)\s*(?:\(\s*(?P<arguments>\d{1,7}(?:\s*,\s*\d{1,7})*)\s*\)(?P<tail>.*))?"
)
_LISTED = re.compile(r"(?P<name>[a-z0-9_ ]+?)(?:\((?P<arguments>[a-z,]+)\))?")

_COMMON = {
    "smallint": "int16",
    "int2": "int16",
    "integer": "int32",
    "int": "int32",
    "int4": "int32",
    "bigint": "int64",
    "int8": "int64",
    "numeric(p,s)": "decimal",
    "decimal(p,s)": "decimal",
    "real": "float",
    "float4": "float",
    "float8": "float",
    "double precision": "float",
    "boolean": "boolean",
    "bool": "boolean",
    "varchar(n)": "text",
    "character varying(n)": "text",
    "char(n)": "text",
    "text": "text",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
    "timestamp with time zone": "timestamp",
    "timestamp without time zone": "timestamp",
}

POSTGRES_TYPES: Mapping[str, str] = MappingProxyType(
    _COMMON
    | {
        "bytea": "other",
        "cidr": "other",
        "inet": "other",
        "interval": "other",
        "json": "json",
        "jsonb": "json",
        "timetz": "other",
        "uuid": "uuid",
    }
)

DUCKDB_TYPES: Mapping[str, str] = MappingProxyType(
    _COMMON
    | {
        "tinyint": "int8",
        "hugeint": "int128",
        "utinyint": "uint8",
        "usmallint": "uint16",
        "uinteger": "uint32",
        "ubigint": "uint64",
        "double": "float",
        "float": "float",
        "string": "text",
        "blob": "other",
        "interval": "other",
        "json": "json",
        "uuid": "uuid",
    }
)

REDSHIFT_TYPES: Mapping[str, str] = MappingProxyType(
    _COMMON
    | {
        "bpchar": "text",
        "nchar(n)": "text",
        "nvarchar(n)": "text",
        "super": "json",
        "timetz": "other",
        "varbyte(n)": "other",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnType:
    """A type as an engine is told.

    Attributes:
        sql: its name in upper case and its arguments, such as `NUMERIC(10,2)`.
        kind: what its values look like; see `values`.
        arguments: its numbers.
    """

    sql: str
    kind: str
    arguments: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeProblem:
    """Why a text is no type: a message that follows the text, the nearest type, all types."""

    message: str
    suggestion: str | None = None
    known: tuple[str, ...] = ()


def parse_type(text: str, known: Mapping[str, str]) -> ColumnType | TypeProblem:
    """Read a column type; only what `known` lists ever reaches SQL.

    Args:
        text: a type in any case, with or without its arguments.
        known: types with the names of their arguments → the kind of their values.
    """
    listed = {one: _LISTED.fullmatch(one) for one in known}
    by_name = {match["name"]: (one, match["arguments"]) for one, match in listed.items() if match is not None}
    written = _WRITTEN.fullmatch(" ".join(text.lower().split()))
    name = "" if written is None else written["name"]
    if written is None or written["tail"] or name not in by_name:
        # A name inside longer text (`numeric(10,2) not null`) is no misspelling.
        suggestion = did_you_mean(name or text.lower(), list(by_name)) if name not in by_name else None
        return TypeProblem(message="is not known", suggestion=suggestion, known=tuple(known))
    one, takes = by_name[name]
    arguments = tuple(int(number) for number in (written["arguments"] or "").split(",") if number)
    most = len(takes.split(",")) if takes else 0
    if len(arguments) > most:
        how = f"takes {most} at most" if most else "takes none"
        count = f"{len(arguments)} argument{'' if len(arguments) == 1 else 's'}"
        return TypeProblem(message=f"has {count}, and '{one}' {how}")
    said = f"({','.join(map(str, arguments))})" if arguments else ""
    return ColumnType(sql=name.upper() + said, kind=known[one], arguments=arguments)
