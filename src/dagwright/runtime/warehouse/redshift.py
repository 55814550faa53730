"""Tables in Redshift: SQL for its Data API, in which each list of statements is one transaction.

The files are in S3 already, and COPY fetches them with an IAM role: no key stands in any statement. What varies with
the run is filled in by Jinja where a task starts, in quotes that no value can end.
"""

# ruff: noqa: S608  every name in a statement went through quote_name, every value is bound or quote_text's

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dagwright.runtime.warehouse.checking import check_in
from dagwright.runtime.warehouse.marks import LOAD_KEY_TEMPLATE
from dagwright.runtime.warehouse.names import marks_name, quote_name, quote_text
from dagwright.runtime.warehouse.source import source_format
from dagwright.runtime.warehouse.table import LoadTable
from dagwright.runtime.workspace import run_workspace

__all__ = [
    "check_redshift_file",
    "load_statements",
    "manifest_path",
    "recreate_statements",
    "schema_statements",
]

_MARKS = (
    "load_key VARCHAR(1024) NOT NULL, table_name VARCHAR(127) NOT NULL, row_count BIGINT NOT NULL,"
    " loaded_at TIMESTAMP NOT NULL"
)
_UNBOUNDED = "VARCHAR(65535)"  # a bare VARCHAR or TEXT would end after 256 bytes


def check_redshift_file(table: Mapping[str, Any], *, base: str | None = None) -> dict[str, Any]:
    """Compare a table's file with the table, and write down for COPY which object to load.

    COPY takes every object whose key begins with what it is told, so that `rates.csv` would bring `rates.csv.old`
    with it; a manifest names one object, which has to be there.
    """
    workspace, spec = run_workspace(base), LoadTable.of(table)
    done = check_in(workspace, spec, in_order=True, in_bytes=True)
    size = workspace.size(spec.source_file)
    entry = {"url": f"{workspace.uri}/{spec.source_file}", "mandatory": True, "meta": {"content_length": size}}
    with workspace.open(manifest_path(spec.source_file), "w") as file:
        json.dump({"entries": [entry]}, file)
    return done


def manifest_path(source_file: str) -> str:
    """Return where in the workspace a file's manifest is."""
    return f"warehouse/{source_file}.manifest"


def schema_statements(schema: str) -> list[str]:
    """Return the statements that make a schema, and the table whose lock lets one upload at a time change tables."""
    return [
        f"CREATE SCHEMA IF NOT EXISTS {quote_name(schema)}",
        f"CREATE TABLE IF NOT EXISTS {quote_name(schema, marks_name())} ({_MARKS})",
    ]


def recreate_statements(table: LoadTable) -> list[str]:
    """Return the statements of one transaction that make an empty table beside."""
    return [
        f"LOCK {quote_name(table.schema, marks_name())}",
        f"DROP TABLE IF EXISTS {table.sql_staging}",
        f"CREATE TABLE {table.sql_staging} {_definition(table)}",
    ]


def load_statements(table: LoadTable, *, workspace: str, iam_role: str) -> list[str]:
    """Return the statements of one transaction that load a table, as templates.

    Args:
        table: what to load.
        workspace: a template that gives the run's workspace.
        iam_role: the ARN of the role with which Redshift reads the workspace, or `default`.
    """
    key = _quoted_template(LOAD_KEY_TEMPLATE)
    marks = quote_name(table.schema, marks_name())
    names, target, staging = table.sql_columns, table.sql_name, table.sql_staging
    statements = [
        f"LOCK {marks}",
        # Another upload of the table has taken the one that `recreate` made, where it came first.
        f"CREATE TABLE IF NOT EXISTS {staging} {_definition(table)}",
        f"DELETE FROM {staging}",  # TRUNCATE would commit
        _copy(table, workspace, iam_role),
        *_refuse_duplicates(table, staging),
    ]
    insert = f"INSERT INTO {target} ({names}) SELECT {names} FROM {staging}"
    make = f"CREATE TABLE IF NOT EXISTS {target} {_definition(table)}"
    match table.mode:
        case "replace":
            statements += [
                f"DROP TABLE IF EXISTS {target}",
                f"ALTER TABLE {staging} RENAME TO {quote_name(table.name)}",
            ]
        case "append":
            once = f"(SELECT count(*) FROM {marks} WHERE load_key = {key}) = 0"
            mark = f"SELECT {key}, {quote_text(table.name)}, count(*), GETDATE() FROM {staging} HAVING {once}"
            statements += [
                make,
                f"{insert} WHERE {once}",
                *_refuse_duplicates(table, target),
                f"INSERT INTO {marks} {mark}",
                f"DROP TABLE {staging}",
            ]
        case _:
            same = table.same_keys(quote_name(table.name), quote_name(table.staging))
            statements += [
                make,
                f"DELETE FROM {target} USING {staging} WHERE {same}",
                insert,
                f"DROP TABLE {staging}",
            ]
    return statements


def _definition(table: LoadTable) -> str:
    parts = []
    for one in table.columns:
        kind = _UNBOUNDED if one.type in {"VARCHAR", "TEXT", "CHARACTER VARYING", "NVARCHAR"} else one.type
        null = "" if one.nullable and one.name not in table.keys else " NOT NULL"
        parts.append(f"{quote_name(one.name)} {kind}{null}")
    if table.keys:
        parts.append(f"PRIMARY KEY ({table.sql_keys})")  # the planner's knowledge; Redshift enforces none
    words = [f"({', '.join(parts)})"]
    if table.dist_key is not None:
        words.append(f"DISTSTYLE KEY DISTKEY ({quote_name(table.dist_key)})")
    elif table.dist_style is not None:
        words.append(f"DISTSTYLE {table.dist_style.upper()}")
    if table.sort_keys:
        words.append(f"SORTKEY ({', '.join(quote_name(key) for key in table.sort_keys)})")
    return " ".join(words)


def _copy(table: LoadTable, workspace: str, iam_role: str) -> str:
    packed = " GZIP" if table.source_file.lower().endswith(".gz") else ""
    match source_format(table.source_file):
        case "jsonl":
            # Redshift's names are in lower case, whatever case the statements have.
            how = f"FORMAT AS JSON 'auto ignorecase'{packed} DATEFORMAT 'auto' TIMEFORMAT 'auto'"
        case "parquet":
            how = "FORMAT AS PARQUET"
        case _:
            how = f"FORMAT AS CSV IGNOREHEADER 1{packed} EMPTYASNULL DATEFORMAT 'auto' TIMEFORMAT 'auto'"
    place = _quoted_template(f"{workspace}/{manifest_path(table.source_file)}")
    role = "default" if iam_role == "default" else quote_text(iam_role)
    # COPY takes no list of columns for Parquet, and puts the file's into the table's by their place.
    columns = "" if source_format(table.source_file) == "parquet" else f" ({table.sql_columns})"
    return f"COPY {table.sql_staging}{columns} FROM {place} IAM_ROLE {role} MANIFEST {how}"


def _quoted_template(template: str) -> str:
    """Return a template whose value is an SQL literal, whatever Jinja puts into it."""
    return "'{% filter replace('\\\\', '\\\\\\\\') | replace(\"'\", \"''\") %}" + template + "{% endfilter %}'"


def _refuse_duplicates(table: LoadTable, where: str) -> list[str]:
    if not table.keys:
        return []
    keys = table.sql_keys
    doubles = f"SELECT {keys} FROM {where} GROUP BY {keys} HAVING count(*) > 1"
    # The Data API runs no procedure between statements, so that a statement itself has to fail; its text is in the log.
    return [
        f"SELECT 1 / CASE WHEN count(*) = 0 THEN 1 ELSE 0 END /* fails: rows have the same keys */ FROM ({doubles}) d"
    ]
