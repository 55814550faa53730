"""Files of the workspace into tables of a warehouse."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic, FactoryError, OperatorFactory, chain
from dagwright.builtin.warehouse import Warehouse
from dagwright.builtin.warehouse_table import Column, Table
from dagwright.model.naming import slug

if TYPE_CHECKING:
    from dagwright.runtime import LoadTable

__all__ = ["WarehouseUpload"]

_OWN_IDS = frozenset({"validate", "resume", "ensure_schema", "pause"})
_SUITE = "-suite"


class WarehouseUpload(OperatorFactory, type_name="warehouse_upload"):
    """Load files into tables: validate all files, see that the warehouse runs and has the schema, then load each table.

    Nothing is loaded unless every file fits its table. Each table is filled beside the one that readers see and takes
    its place when all rows are there, so that a load which fails leaves the table as it was.

    Attributes:
        warehouse: where the tables are; a DuckDB file where no layer says more.
        schema: the schema of the tables; made where it is missing.
        tables: the tables, which are loaded side by side.

    Example:
        ```yaml
        tasks:
          load:
            type: warehouse_upload
            schema: rates
            tables:
              - name: daily
                source_file: out/rates.csv
                columns: [currency, {name: day, type: date}, {name: rate, type: "numeric(10,4)"}]
        ```
    """

    warehouse: Warehouse
    schema: str
    tables: Annotated[list[Table], MinLen(1)]

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Compare tables with one another and their types with the warehouse's."""
        from dagwright.runtime.warehouse.names import name_problem

        problem = name_problem(self.schema)
        if problem is not None:
            yield context.error("schema", f"the schema name '{self.schema}' {problem}", code="DW206")
        first: dict[str, str] = {}
        for index, table in enumerate(self.tables):
            other = first.setdefault(table.name.lower(), table.name)
            if other != table.name:
                message = f"the tables '{other}' and '{table.name}' differ in case alone"
                yield context.error(("tables", index, "name"), message, help="rename one of them")
            elif any(one.name == table.name for one in self.tables[:index]):
                message = f"the table '{table.name}' is loaded twice"
                yield context.error(("tables", index, "name"), message, help="remove one of them")
            for place, column in enumerate(table.columns):
                yield from self._check_type(context, ("tables", index, "columns", place, "type"), column)
        yield from self.warehouse.check_upload(self, context)

    def _check_type(self, context: CheckContext, place: tuple[str | int, ...], column: Column) -> Iterable[Diagnostic]:
        from dagwright.runtime.warehouse.types import TypeProblem, parse_type

        found = parse_type(column.type, self.warehouse.column_types())
        if isinstance(found, TypeProblem):
            where = f" in {self.warehouse.__dagwright_options__.type_name}" if found.known else ""
            yield context.error(
                place,
                f"the type '{column.type}' of column '{column.name}' {found.message}{where}",
                code="DW206",
                label=f"did you mean '{found.suggestion}'?" if found.suggestion else "",
                help=f"types: {', '.join(found.known)}" if found.known else "",
            )

    @property
    def appends(self) -> bool:
        """Whether a table's rows are appended, so that the warehouse has to remember which run's are there."""
        return any(table.mode == "append" for table in self.tables)

    def outlets(self, table: "LoadTable") -> list[Any]:
        """Return a table as an Airflow asset, so that it can schedule another DAG; nothing where its URI is unknown."""
        from airflow.sdk import Asset

        uri = self.warehouse.table_uri(table.schema, table.name)
        return [] if uri is None or "{" in uri else [Asset(uri)]

    def worker_packages(self) -> Iterable[str]:
        """Return what validates suites and what reads Parquet files; the warehouse says what it needs itself."""
        if any(table.validation_suite is not None for table in self.tables):
            yield "dagwright[validation]"
        elif any(table.source_file.lower().endswith(".parquet") for table in self.tables):
            yield "pyarrow"

    def make_operators(self) -> None:
        """Make the tasks in the order of the data, then wire them."""
        from airflow.sdk import TaskGroup

        loads = [self._load_table(table) for table in self.tables]
        with TaskGroup("validate", tooltip="Compare every file with its table.") as validate:
            for table, load in zip(self.tables, loads, strict=True):
                self.warehouse.make_check(self, load, _task_id(table.name))
                if table.validation_suite is not None:
                    from dagwright.builtin.file_validation import FileValidation  # uploads without suites need none

                    FileValidation(
                        name=f"{_task_id(table.name)}{_SUITE}",
                        path=table.source_file,
                        validation_suite=table.validation_suite,
                    ).make_operator()
        resume = self.warehouse.make_resume(self)
        schema = self.warehouse.make_schema(self)
        groups, last = [], []
        for table, load in zip(self.tables, loads, strict=True):
            with TaskGroup(_task_id(table.name), tooltip=f"Load {load.shown} from {load.source_file}.") as group:
                recreate = self.warehouse.make_recreate(self, load)
                last.append(self.warehouse.make_load(self, load))
                recreate >> last[-1]
            groups.append(group)
        chain(validate, resume, schema, groups)
        pause = None if resume is None else self.warehouse.make_pause(self, resume)
        if pause is not None:
            last >> pause.as_teardown(setups=resume)

    def _load_table(self, table: Table) -> "LoadTable":
        from dagwright.runtime.warehouse.table import LoadColumn, LoadTable
        from dagwright.runtime.warehouse.types import ColumnType, parse_type

        columns = []
        for column in table.columns:
            found = parse_type(column.type, self.warehouse.column_types())
            if not isinstance(found, ColumnType):
                raise FactoryError(f"the type '{column.type}' of column '{column.name}' {found.message}")
            nullable = column.nullable and column.name not in table.keys
            columns.append(LoadColumn(name=column.name, type=found.sql, kind=found.kind, nullable=nullable))
        return LoadTable(
            schema=self.schema,
            name=table.name,
            source_file=table.source_file,
            columns=columns,
            mode=table.mode,
            keys=table.keys,
            dist_style=table.dist_style,
            dist_key=table.dist_key,
            sort_keys=table.sort_keys,
        )


def _task_id(table: str) -> str:
    """Return a table's name as an id; what is no id, or one of the upload's own, gets a digest, so that none meet."""
    if slug(table) == table and table not in _OWN_IDS and not table.endswith(_SUITE):
        return table
    return f"{slug(table)}_{hashlib.sha256(table.encode()).hexdigest()[:6]}".strip("_")
