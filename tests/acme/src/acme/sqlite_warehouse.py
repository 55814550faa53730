"""A warehouse without a server: SQLite, one file for each schema, as acme's analysts copy them to their laptops."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from shlex import quote
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as quote_uri

from dagwright import CheckContext, Diagnostic
from dagwright.builtin import Warehouse

if TYPE_CHECKING:
    from dagwright.builtin.warehouse_upload import WarehouseUpload
    from dagwright.runtime import LoadTable

__all__ = ["SqliteWarehouse"]


class SqliteWarehouse(Warehouse):
    """A folder of SQLite files, one for each schema: `<folder>/<schema>.db`.

    Attributes:
        folder: the folder, absolute on the worker; made where it is missing.
        patience: how long a task waits for another one that writes into the same file.
        awake: a file that keeps the folder's disk from being switched off; it is there while tables are loaded.

    Example:
        ```yaml
        tasks:
          load:
            type: warehouse_upload
            warehouse: {type: sqlite, folder: /srv/acme/archive}
            schema: fin
            tables: [{name: rates, source_file: out/rates.csv, columns: [day, {name: rate, type: real}]}]
        ```
    """

    folder: str
    patience: timedelta = timedelta(minutes=10)
    awake: str | None = None

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find paths that depend on where the worker stands."""
        for field, path in (("folder", self.folder), ("awake", self.awake)):
            if path is not None and not path.startswith("/"):
                yield context.error(field, f"'{path}' is no absolute path")

    def column_types(self) -> Mapping[str, str]:
        """Return SQLite's types, and those that analysts expect."""
        return {
            "integer": "int64",
            "real": "float",
            "numeric(p,s)": "decimal",
            "boolean": "boolean",
            "date": "date",
            "timestamp": "timestamp",
            "text": "text",
            "varchar(n)": "text",
        }

    def table_uri(self, schema: str, table: str) -> str | None:
        """Return the file, and the table in it."""
        return "sqlite://" + "/".join(quote_uri(part, safe="/") for part in (self.folder, f"{schema}.db", table))

    def make_resume(self, upload: "WarehouseUpload") -> Any | None:
        """Return an operator that keeps the disk awake."""
        if self.awake is None:
            return None
        return bash_task("resume", f"mkdir -p {quote(self.folder)} && touch {quote(self.awake)}")

    def make_pause(self, upload: "WarehouseUpload", resume: Any) -> Any | None:
        """Return the operator that lets it sleep again."""
        return bash_task("pause", f"rm -f {quote(self.awake or '')}")

    def check_upload(self, upload: "WarehouseUpload", context: CheckContext) -> Iterable[Diagnostic]:
        """Find schemas that SQLite itself has."""
        if upload.schema.lower() in {"main", "temp"}:
            message = f"SQLite itself calls something '{upload.schema}'"
            yield context.error("schema", message, code="DW206", help="choose another name")

    def make_schema(self, upload: "WarehouseUpload") -> Any:
        """Return the operator that makes the file."""
        from acme.worker.sqlite import make_marks

        return python_task(self, "ensure_schema", make_marks, {"schema": upload.schema}, {})

    def make_recreate(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return the operator that makes the table beside."""
        from acme.worker.sqlite import make_beside

        return python_task(self, "recreate", make_beside, {"table": table.data()}, {})

    def make_load(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return the operator that fills it and shows it."""
        from acme.worker.sqlite import load_table

        settings = {"base": upload.settings.workspace}
        arguments = {"table": table.data()}
        return python_task(self, "load", load_table, arguments, settings, outlets=upload.outlets(table))


def python_task(
    warehouse: SqliteWarehouse, task_id: str, function: Any, arguments: dict[str, Any], settings: Any, **operator: Any
) -> Any:
    """Return an operator that calls a function on a worker."""
    from airflow.providers.standard.operators.python import PythonOperator

    from dagwright.runtime import WorkerCall

    return PythonOperator(
        task_id=task_id,
        python_callable=WorkerCall(function, {**settings, "patience": warehouse.patience.total_seconds()}),
        op_kwargs={**arguments, "folder": warehouse.folder},
        **operator,
    )


def bash_task(task_id: str, command: str) -> Any:
    """Return an operator that runs a command."""
    from airflow.providers.standard.operators.bash import BashOperator

    return BashOperator(task_id=task_id, bash_command=command)
