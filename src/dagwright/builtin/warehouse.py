"""The slot of warehouses: where tables are."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dagwright import CheckContext, Component, Diagnostic

if TYPE_CHECKING:
    from dagwright.builtin.warehouse_upload import WarehouseUpload
    from dagwright.runtime import LoadTable

__all__ = ["Warehouse"]


class Warehouse(Component, abstract=True, default_type="duckdb"):
    """Where tables are loaded into; projects choose it by environment.

    A warehouse makes the operators of an upload, and owes three things to its readers: they see a table as it was
    until all of its rows are there, two uploads of a table follow one another, and a try that is repeated leaves what
    one try would have left.
    """

    def column_types(self) -> Mapping[str, str]:
        """Return the types that columns may have, with their arguments → what their values look like in a file.

        For example `{"numeric(p,s)": "decimal", "varchar(n)": "text"}`; nothing else ever reaches SQL.
        """
        raise NotImplementedError(f"{type(self).__name__} has no column_types")

    def table_uri(self, schema: str, table: str) -> str | None:  # noqa: ARG002  subclasses use them
        """Return a table's URI, without credentials; None where it is known on the worker only."""
        return None

    def check_upload(self, upload: "WarehouseUpload", context: CheckContext) -> Iterable[Diagnostic]:  # noqa: ARG002  subclasses use them
        """Yield what this warehouse finds wrong with an upload; `context` places findings in the upload's fields."""
        return ()

    def make_check(self, upload: "WarehouseUpload", table: "LoadTable", task_id: str) -> Any:
        """Return the operator that compares a table's file with the table."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.warehouse.checking import check_table_file

        call = WorkerCall(check_table_file, {"base": upload.settings.workspace, "in_order": False})
        return PythonOperator(task_id=task_id, python_callable=call, op_kwargs={"table": table.data()})

    def make_resume(self, upload: "WarehouseUpload") -> Any | None:  # noqa: ARG002  subclasses use it
        """Return the operator `resume` that sees that the warehouse runs, or None where it always does."""
        return None

    def make_schema(self, upload: "WarehouseUpload") -> Any:
        """Return the operator `ensure_schema`."""
        raise NotImplementedError(f"{type(self).__name__} has no make_schema")

    def make_recreate(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return the operator `recreate`, which makes an empty table beside the one that readers see."""
        raise NotImplementedError(f"{type(self).__name__} has no make_recreate")

    def make_load(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return the operator `load`, which fills that and shows it; its outlets are `upload.outlets(table)`."""
        raise NotImplementedError(f"{type(self).__name__} has no make_load")

    def make_pause(self, upload: "WarehouseUpload", resume: Any) -> Any | None:  # noqa: ARG002  subclasses use them
        """Return the operator `pause` that undoes `resume` after all loads, or None."""
        return None
