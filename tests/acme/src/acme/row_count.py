"""A validator without any library: it counts the rows of a text file."""

from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import Ge

from dagwright import CheckContext, Diagnostic, WorkspacePath
from dagwright.builtin import Validator

__all__ = ["RowCount"]


class RowCount(Validator, name_from="path", aliases=["line_count"]):
    """Fail where a text file has too few or too many rows.

    Attributes:
        path: the file, in the workspace.
        header: whether the first line is none of the rows.
        at_least: the smallest number of rows that is right.
        at_most: the largest one; no limit where it is null.

    Example:
        ```yaml
        tasks:
          rates: {type: row_count, path: out/rates.csv, at_least: 30}
        ```
    """

    path: WorkspacePath
    header: bool = True
    at_least: Annotated[int, Ge(0)] = 1
    at_most: Annotated[int, Ge(0)] | None = None

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find limits that no file can meet."""
        if self.at_most is not None and self.at_most < self.at_least:
            yield context.error(
                "at_most",
                f"no file has at most {self.at_most} and at least {self.at_least} rows",
                help="swap the two numbers",
            )

    def make_operator(self) -> Any:
        """Return an operator that counts."""
        from airflow.providers.standard.operators.python import PythonOperator

        from acme.worker.row_count import count_rows
        from dagwright.runtime import WorkerCall

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(count_rows, {"base": self.settings.workspace}),
            op_kwargs={
                "path": self.path,
                "header": self.header,
                "at_least": self.at_least,
                "at_most": self.at_most,
            },
        )
