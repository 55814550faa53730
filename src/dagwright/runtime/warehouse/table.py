"""A table as its tasks know it: plain data, which Airflow shows among a task's arguments, made a value again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagwright.runtime.warehouse.names import quote_name, staging_name

__all__ = ["LoadColumn", "LoadTable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadColumn:
    """A column.

    Attributes:
        type: as the engine is told, such as `NUMERIC(10,2)`.
        kind: what its values look like in a file.
    """

    name: str
    type: str
    kind: str = "other"
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadTable:
    """A table with its source.

    Attributes:
        schema: the schema that it stands in.
        name: its own name.
        source_file: a path in the workspace.
        columns: in the table's order, which need not be the file's.
        mode: `replace`, `append` or `upsert`.
        keys: the columns that identify a row; none of them is null.
        dist_style: `auto`, `even` or `all`; for Redshift.
        dist_key: the column by which rows are spread over nodes; for Redshift.
        sort_keys: the columns by which rows are sorted on disk; for Redshift.
    """

    schema: str
    name: str
    source_file: str
    columns: Sequence[LoadColumn]
    mode: str = "replace"
    keys: Sequence[str] = ()
    dist_style: str | None = None
    dist_key: str | None = None
    sort_keys: Sequence[str] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> LoadTable:
        """Make the value of what `data()` returned."""
        columns = tuple(LoadColumn(**column) for column in data["columns"])
        return cls(**{**data, "columns": columns, "keys": tuple(data["keys"])})

    def data(self) -> dict[str, Any]:
        """Return plain data for an operator's arguments; what Redshift alone needs is in its statements."""
        return {
            "schema": self.schema,
            "name": self.name,
            "source_file": self.source_file,
            "mode": self.mode,
            "keys": list(self.keys),
            "columns": [
                {"name": one.name, "type": one.type, "kind": one.kind, "nullable": one.nullable} for one in self.columns
            ],
        }

    @property
    def shown(self) -> str:
        """The name for messages."""
        return f"{self.schema}.{self.name}"

    @property
    def sql_name(self) -> str:
        """The name as SQL."""
        return quote_name(self.schema, self.name)

    @property
    def staging(self) -> str:
        """The bare name of the table beside, into which a file is loaded."""
        return staging_name(self.name, self.definition())

    @property
    def sql_staging(self) -> str:
        """The table beside as SQL."""
        return quote_name(self.schema, self.staging)

    @property
    def sql_columns(self) -> str:
        """All columns, separated by commas, as SQL."""
        return ", ".join(quote_name(one.name) for one in self.columns)

    @property
    def sql_keys(self) -> str:
        """The keys, separated by commas, as SQL."""
        return ", ".join(quote_name(key) for key in self.keys)

    def definition(self, *, primary_key: bool = False) -> str:
        """Return what stands between the parentheses of CREATE TABLE.

        Args:
            primary_key: whether the keys are declared; without it they are only not null.
        """
        parts = [
            f"{quote_name(one.name)} {one.type}{'' if one.nullable and one.name not in self.keys else ' NOT NULL'}"
            for one in self.columns
        ]
        if primary_key and self.keys:
            parts.append(f"PRIMARY KEY ({self.sql_keys})")
        return ", ".join(parts)

    def same_keys(self, left: str, right: str) -> str:
        """Return the condition that two rows have the same keys."""
        return " AND ".join(f"{left}.{quote_name(key)} = {right}.{quote_name(key)}" for key in self.keys)
