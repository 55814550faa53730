"""Great Expectations on a file of the workspace."""

from collections.abc import Iterable
from typing import Any

from dagwright import CheckContext, Diagnostic, ProjectFile, WorkspacePath
from dagwright.builtin.validator import Validator

__all__ = ["FileValidation"]


class FileValidation(Validator, type_name="file_validation", name_from="path"):
    """Validate a CSV, JSON lines or Parquet file with a Great Expectations suite.

    Great Expectations itself runs the suite, in the spelling of its 0.x or 1.x versions. The result is kept in the
    workspace as `validation/<path>.json`, and the task log has a table that names the failing rows.

    Attributes:
        path: the file, in the workspace.
        validation_suite: the suite's JSON file, in the DAG file's folder or the project.

    Example:
        ```yaml
        validators:
          files:
            - path: out/rates.csv
              validation_suite: suites/rates.json
        ```
    """

    path: WorkspacePath
    validation_suite: ProjectFile

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Read the suite: is it one, and are its expectations known?"""
        from dagwright.runtime.suite import check_suite_file

        if self.path.endswith(("/", "/.")):
            yield context.error("path", f"'{self.path}' names a folder, not a file", code="DW206")
        for found in check_suite_file(self.validation_suite.location, self.validation_suite.name):
            yield context.error_at(
                found.span, found.message, code=found.code, label=found.label, field="validation_suite"
            )

    def worker_packages(self) -> Iterable[str]:
        """Return Great Expectations and what reads files for it."""
        return ("dagwright[validation]",)

    def make_operator(self) -> Any:
        """Return a PythonOperator that runs the suite."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.validation import validate_file

        settings = {"base": self.settings.workspace, "suite_file": str(self.validation_suite.location)}
        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(validate_file, settings),
            op_kwargs={"path": self.path, "suite": self.validation_suite.name},
        )
