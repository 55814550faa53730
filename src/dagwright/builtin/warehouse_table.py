"""Tables and their columns, as data says them."""

from collections.abc import Iterable
from typing import Annotated, Literal

from annotated_types import MinLen

from dagwright import CheckContext, Component, Diagnostic, ProjectFile, WorkspacePath
from dagwright.diagnostics.suggest import did_you_mean

__all__ = ["Column", "Table"]


class Column(Component, shorthand="name"):
    """A column of a table.

    Attributes:
        name: as the file's header and the table have it.
        type: a type of the warehouse's, with its arguments: `numeric(10,2)`.
        nullable: whether a value may be missing; an empty field of a CSV file is a missing value.
    """

    name: str
    type: str = "VARCHAR"
    nullable: bool = True

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse names that SQL could take for something else."""
        from dagwright.runtime.warehouse.names import name_problem

        problem = name_problem(self.name)
        if problem is not None:
            yield context.error("name", f"the column name '{self.name}' {problem}", code="DW206")


class Table(Component):
    """A table, and the file of the workspace that its rows come from.

    Attributes:
        name: its name in the schema.
        source_file: a CSV, JSON lines or Parquet file in the workspace; the text formats also with `.gz`.
        columns: all of them; the file has the same ones, in any order.
        mode: what happens to the rows that are there: `replace` them all, `append` to them, or `upsert`, which replaces
            those with the same keys.
        keys: the columns that identify a row: never null, and no two rows have the same.
        validation_suite: a Great Expectations suite that the file has to meet before anything is loaded.
        dist_style: how Redshift spreads rows over nodes; other warehouses pass over it.
        dist_key: the column by which Redshift spreads rows.
        sort_keys: the columns by which Redshift sorts rows on disk.
    """

    name: str
    source_file: WorkspacePath
    columns: Annotated[list[Column], MinLen(1)]
    mode: Literal["replace", "append", "upsert"] = "replace"
    keys: list[str] = []
    validation_suite: ProjectFile | None = None
    dist_style: Literal["auto", "even", "all"] | None = None
    dist_key: str | None = None
    sort_keys: list[str] = []

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Look at names, the file's format, and the columns that others name."""
        from dagwright.runtime.suite import check_suite_file
        from dagwright.runtime.warehouse.names import name_problem, reserved_problem
        from dagwright.runtime.warehouse.source import FORMATS, source_format

        problem = name_problem(self.name) or reserved_problem(self.name)
        if problem is not None:
            yield context.error("name", f"the table name '{self.name}' {problem}", code="DW206")
        if source_format(self.source_file) is None and not self.source_file.endswith("}}"):
            message = f"'{self.source_file}' has no known format"
            yield context.error("source_file", message, code="DW206", help=f"files of tables end in {FORMATS}")
        yield from self._check_columns(context)
        if self.mode == "upsert" and not self.keys:
            message = "'upsert' needs 'keys', by which it finds the rows to replace"
            yield context.error("mode", message, help="list the columns that identify a row")
        if self.dist_key is not None and self.dist_style is not None:
            yield context.error("dist_style", "'dist_key' is a style of its own", help="remove one of them")
        if self.validation_suite is not None:
            suite = self.validation_suite
            for found in check_suite_file(suite.location, suite.name):
                yield context.error_at(
                    found.span, found.message, code=found.code, label=found.label, field="validation_suite"
                )

    def _check_columns(self, context: CheckContext) -> Iterable[Diagnostic]:
        names = [column.name for column in self.columns]
        first: dict[str, str] = {}
        for index, name in enumerate(names):
            other = first.setdefault(name.lower(), name)
            if names.index(name) != index or other != name:
                how = "stands twice" if other == name else f"differs from '{other}' in case alone"
                yield context.error(("columns", index, "name"), f"the column '{name}' {how}")
        named = [(("keys", index), key) for index, key in enumerate(self.keys)]
        named += [(("sort_keys", index), key) for index, key in enumerate(self.sort_keys)]
        for place, name in [*named, *([] if self.dist_key is None else [(("dist_key",), self.dist_key)])]:
            if name not in names:
                suggestion = did_you_mean(name, names)
                listed = ", ".join(f"'{one}'" for one in names)
                yield context.error(
                    place,
                    f"the table has no column '{name}'",
                    code="DW206",
                    label=f"did you mean '{suggestion}'?" if suggestion else "",
                    help=f"columns: {listed}",
                )
