"""Tables in PostgreSQL."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.warehouse import Warehouse

if TYPE_CHECKING:
    from dagwright.builtin.warehouse_upload import WarehouseUpload
    from dagwright.runtime import LoadTable

__all__ = ["PostgresWarehouse"]


class PostgresWarehouse(Warehouse, type_name="postgres"):
    """A PostgreSQL database, loaded by COPY.

    Attributes:
        connection_id: the Airflow connection with host, database and credentials.
        address: where it leads, `host/database` or `host:port/database`: what the tables are called as assets. Without
            it they are none, as connections are read on workers only.
        lock_timeout: how long a task waits for another upload of its table.

    Example:
        ```yaml
        tasks:
          load:
            type: warehouse_upload
            warehouse: {type: postgres, connection_id: dw, address: dw.example.com/lake}
            schema: rates
            tables: [{name: daily, source_file: out/rates.csv, columns: [day, rate]}]
        ```
    """

    connection_id: Annotated[str, MinLen(1)]
    address: str | None = None
    lock_timeout: timedelta = timedelta(minutes=10)

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse an address that is a URI, has credentials or lacks the database."""
        if self.address is not None and _parts(self.address) is None:
            message = "this is no address of a database"  # not repeated: a password may stand in it
            yield context.error("address", message, code="DW206", help="write host:port/database; no scheme, no user")

    def column_types(self) -> Mapping[str, str]:
        """Return PostgreSQL's types for single values."""
        from dagwright.runtime.warehouse.types import POSTGRES_TYPES

        return POSTGRES_TYPES

    def table_uri(self, schema: str, table: str) -> str | None:
        """Return the URI that Airflow's PostgreSQL provider knows, where the address says the host."""
        parts = None if self.address is None else _parts(self.address)
        if parts is None:
            return None
        host, database = parts
        return f"postgres://{host}/{'/'.join(quote(one, safe='') for one in (database, schema, table))}"

    def make_schema(self, upload: "WarehouseUpload") -> Any:
        """Return a PythonOperator: CREATE SCHEMA fails where two do it at once, and servers that do not answer."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.warehouse.postgres import ensure_postgres_schema

        parts = None if self.address is None else _parts(self.address)
        settings = {"wait_seconds": self.lock_timeout.total_seconds(), "address": parts and "/".join(parts)}
        arguments = {"schema": upload.schema, "marks": upload.appends, "connection_id": self.connection_id}
        call = WorkerCall(ensure_postgres_schema, settings)
        return PythonOperator(task_id="ensure_schema", python_callable=call, op_kwargs=arguments)

    def make_recreate(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:  # noqa: ARG002  the slot's signature
        """Return a SQLExecuteQueryOperator that makes the table beside."""
        # The operator is another provider's, and imports this one on the worker only: too late to say what is missing.
        import_module("airflow.providers.postgres")
        from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

        from dagwright.runtime.warehouse.postgres import recreate_postgres

        return SQLExecuteQueryOperator(
            task_id="recreate",
            conn_id=self.connection_id,
            sql=recreate_postgres(table, self.lock_timeout.total_seconds()),
            do_xcom_push=False,
        )

    def make_load(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return a PythonOperator that loads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.warehouse.postgres import load_postgres

        settings = {"base": upload.settings.workspace, "wait_seconds": self.lock_timeout.total_seconds()}
        return PythonOperator(
            task_id="load",
            python_callable=WorkerCall(load_postgres, settings),
            op_kwargs={"table": table.data(), "connection_id": self.connection_id},
            outlets=upload.outlets(table),
        )


def _parts(address: str) -> tuple[str, str] | None:
    """Return host with port, and database, or None where the address is none."""
    place, _, database = address.partition("/")
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "5432")
    if not host or not database or not port.isdigit() or any(mark in address for mark in "@{ ?#") or "/" in database:
        return None
    return f"{host.lower()}:{port}", database
