"""A Python function as a task."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import StringConstraints

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.callables import find_function, problem_with_arguments
from dagwright.builtin.job import Job

__all__ = ["PythonJob"]


class PythonJob(Job, type_name="python_job"):
    """Call an importable Python function.

    The function runs on the worker, in the workspace of the DAG run; its result, which must be JSON, goes to
    XCom. It is imported there and not while DAGs are parsed. `dagwright check` reads its signature from the source,
    without importing it.

    Attributes:
        callable: `package.module:function`; the project's own folder is searched first.
        args: its arguments, by name; Jinja in strings is rendered.

    Example:
        ```yaml
        tasks:
          count:
            type: python_job
            callable: rates.jobs:count_rows
            args: {path: out/rates.csv}
        ```
    """

    callable: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*[:.][A-Za-z_]\w*$")]
    args: dict[str, Any] = {}

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Compare the arguments with the function's signature, as far as its source can be found."""
        yield from super().check(context)
        found = find_function(self.callable, context.import_path)
        if found.problem:
            yield context.error("callable", found.problem, code="DW216", help=found.help)
        elif found.signature is not None:
            for name, message, label in problem_with_arguments(found.signature, self.args):
                given = name in self.args
                yield context.error(
                    ("args", name) if given else "callable",
                    message,
                    code="DW217",
                    label=label,
                    help=f"signature: {found.signature_text}",
                    at_key=given,
                )

    def make_operator(self) -> Any:
        """Return a PythonOperator that imports and calls the function."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.python_call import call_python

        settings = self.settings
        call = WorkerCall(call_python, {"base": settings.workspace, "search_path": settings.search_path})
        return PythonOperator(
            task_id=self.task_id, python_callable=call, op_kwargs={"callable": self.callable, "args": self.args}
        )
