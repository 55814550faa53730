"""References of jobs to secrets that Airflow keeps."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dagwright import CheckContext, Diagnostic

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["reference_problems"]


def reference_problems(job: "ContainerJob", context: CheckContext) -> Iterable[Diagnostic]:
    """Yield the secrets of a job that refer to no connection and no variable of Airflow."""
    from dagwright.runtime.job_secrets import REFERENCE_HELP, is_reference

    for name, reference in job.secrets.items():
        if not is_reference(reference):
            message = f"the secret '{name}' is no reference to a value of Airflow"
            yield context.error(("secrets", name), message, code="DW206", help=REFERENCE_HELP)
