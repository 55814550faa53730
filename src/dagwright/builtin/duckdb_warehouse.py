"""Tables in a DuckDB file."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.warehouse import Warehouse

if TYPE_CHECKING:
    from dagwright.builtin.warehouse_upload import WarehouseUpload
    from dagwright.runtime import LoadTable

__all__ = ["DuckdbWarehouse"]


class DuckdbWarehouse(Warehouse, type_name="duckdb"):
    """A DuckDB file on the worker's machine, read by DuckDB itself.

    One process at a time has the file open: a task opens it for its own transaction alone and waits while others have
    it. In a pool of one slot (`task_args: {pool: ...}`) they wait without holding a worker.

    Attributes:
        path: the database's file, absolute; under `dagwright run` also relative to the project's folder.
        lock_timeout: how long a task waits for another process to close the file.

    Example:
        ```yaml
        tasks:
          load:
            type: warehouse_upload
            warehouse: {type: duckdb, path: /srv/warehouse.duckdb}
            schema: rates
            tables: [{name: daily, source_file: out/rates.csv, columns: [day, rate]}]
        ```
    """

    path: str = "warehouse.duckdb"
    lock_timeout: timedelta = timedelta(minutes=10)

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse a relative path where tasks run on any machine."""
        if context.settings.inside_airflow and not self._is_absolute():
            message = f"the database '{self.path}' is a relative path, which each worker would find elsewhere"
            yield context.error("path", message, code="DW206", help="write it from '/' on, as the worker sees it")

    def _is_absolute(self) -> bool:
        return self.path.startswith(("/", "{"))

    def column_types(self) -> Mapping[str, str]:
        """Return DuckDB's types for single values."""
        from dagwright.runtime.warehouse.types import DUCKDB_TYPES

        return DUCKDB_TYPES

    def table_uri(self, schema: str, table: str) -> str | None:
        """Return the file with the table's place in it; None for a path that is not the same everywhere."""
        if not self.path.startswith("/"):
            return None
        file = quote(str(PurePosixPath(self.path)), safe="/{}")
        return f"duckdb://{file}/{quote(schema, safe='')}/{quote(table, safe='')}"

    def worker_packages(self) -> Iterable[str]:
        """Return DuckDB itself."""
        return ("duckdb",)

    def make_schema(self, upload: "WarehouseUpload") -> Any:
        """Return a PythonOperator that makes the schema."""
        from dagwright.runtime.warehouse.duckdb import ensure_duckdb_schema

        arguments = {"schema": upload.schema, "marks": upload.appends}
        return self._task(upload, "ensure_schema", ensure_duckdb_schema, arguments, {})

    def make_recreate(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return a PythonOperator that makes the table beside; its statements are among its arguments."""
        from dagwright.runtime.warehouse.duckdb import recreate_duckdb, recreate_statements

        arguments = {"schema": table.schema, "statements": recreate_statements(table)}
        return self._task(upload, "recreate", recreate_duckdb, arguments, {})

    def make_load(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return a PythonOperator that loads."""
        from dagwright.runtime.warehouse.duckdb import load_duckdb

        settings, outlets = {"base": upload.settings.workspace}, upload.outlets(table)
        return self._task(upload, "load", load_duckdb, {"table": table.data()}, settings, outlets=outlets)

    def _task(
        self,
        upload: "WarehouseUpload",
        task_id: str,
        function: Any,
        arguments: Mapping[str, Any],
        settings: Mapping[str, Any],
        **more: Any,
    ) -> Any:
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall

        root = upload.settings.project_root
        # The folder is the machine's own: it is not shown, and changes no version of the DAG.
        settings = {**settings, "root": None if root is None else str(root)}
        return PythonOperator(
            task_id=task_id,
            python_callable=WorkerCall(function, {**settings, "wait_seconds": self.lock_timeout.total_seconds()}),
            op_kwargs={**arguments, "path": self.path},
            **more,
        )
