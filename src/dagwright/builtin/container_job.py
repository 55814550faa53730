"""A command in a container, wherever containers run."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.job import Job
from dagwright.builtin.runtime import Runtime

__all__ = ["ContainerJob"]

# What container engines and clusters take; images use names such as `discovery.type`.
_VARIABLE = re.compile(r"[A-Za-z_.-][A-Za-z0-9_.-]*")


class ContainerJob(Job, type_name="container_job"):
    """Run a command in a container image.

    The command finds the workspace of the DAG run in `DAGWRIGHT_WORKSPACE`; where the workspace is a folder, it
    is the working directory as well. The same fields mean the same in every runtime.

    Attributes:
        docker_image: the image.
        command: a shell command, or a list of arguments that no shell reads; Jinja is rendered.
        env: environment variables; Jinja is rendered. Not for secrets: Airflow shows them.
        skip_exit_code: the exit code by which the command says that there is nothing to do.
        runtime: where it runs; in data `process` where no layer says more.

    Example:
        ```yaml
        tasks:
          fetch_rates:
            type: container_job
            docker_image: ecb-rates
            command: python fetch.py --day {{ ds }}
        ```
    """

    docker_image: Annotated[str, MinLen(1)]
    command: Annotated[str, MinLen(1)] | Annotated[list[str], MinLen(1)]
    env: dict[str, str] = {}
    skip_exit_code: int | None = None
    runtime: Runtime

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Look at the names of the environment variables, in which no Jinja is rendered."""
        for name in self.env:
            if not _VARIABLE.fullmatch(name):
                yield context.error(
                    ("env", name),
                    f"'{name}' is no name of an environment variable",
                    code="DW206",
                    help="letters, digits, '_', '-' and '.', and no digit first",
                    at_key=True,
                )

    def make_operator(self) -> Any:
        """Leave the operator to the runtime."""
        return self.runtime.make_job(self)
