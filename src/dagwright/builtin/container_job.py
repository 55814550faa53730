"""A command in a container, wherever containers run."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import StringConstraints

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.job import Job
from dagwright.builtin.runtime import Runtime

__all__ = ["ContainerJob"]

# What container engines and clusters take; images use names such as `discovery.type`.
_VARIABLE = re.compile(r"[A-Za-z_.-][A-Za-z0-9_.-]*")
# Some runs have none; and without quotes a template may be quoted for a shell.
_LOGICAL_DATE = "{% if logical_date is defined and logical_date %}{{ logical_date.isoformat() }}{% endif %}"


class ContainerJob(Job, type_name="container_job"):
    """Run a command in a container image.

    The command finds the workspace of the DAG run in `DAGWRIGHT_WORKSPACE`; where the workspace is a folder, it
    is the working directory as well. The same fields mean the same in every runtime.

    Attributes:
        docker_image: the image; most runtimes need it.
        command: a shell command, or a list of arguments that no shell reads; Jinja is rendered.
        env: environment variables; Jinja is rendered. Not for secrets: Airflow shows them.
        secrets: environment variables whose values only the running command sees; each names where its runtime
            finds the value.
        cpu: how much of a processor it needs: 0.5 is half a core.
        memory: how much memory it needs, such as `512Mi` or `4Gi`.
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

    docker_image: Annotated[str, MinLen(1)] | None = None
    command: Annotated[str, MinLen(1)] | Annotated[list[str], MinLen(1)]
    env: dict[str, str] = {}
    secrets: dict[str, Annotated[str, MinLen(1)]] = {}
    cpu: Annotated[float, Gt(0)] | None = None
    memory: Annotated[str, StringConstraints(pattern=r"^[1-9]\d*(Mi|Gi)$")] | None = None
    skip_exit_code: Annotated[int, Ge(1), Le(255)] | None = None
    runtime: Runtime

    @property
    def arguments(self) -> list[str]:
        """The program and its arguments: `/bin/sh -c` around a command that is a text."""
        return ["/bin/sh", "-c", self.command] if isinstance(self.command, str) else list(self.command)

    @property
    def memory_mib(self) -> int | None:
        """The memory in MiB."""
        if self.memory is None:
            return None
        return int(self.memory[:-2]) * (1024 if self.memory.endswith("Gi") else 1)

    def variables(self, task_id: str = "{{ ti.task_id }}") -> dict[str, str]:
        """Return the environment variables as Jinja templates: those by which a job knows its run, then its own.

        Args:
            task_id: what the job is told of itself.
        """
        return {
            "DAGWRIGHT_WORKSPACE": self.settings.workspace_template,
            "DAGWRIGHT_DAG_ID": "{{ ti.dag_id }}",
            "DAGWRIGHT_RUN_ID": "{{ ti.run_id }}",
            "DAGWRIGHT_TASK_ID": task_id,
            "DAGWRIGHT_LOGICAL_DATE": _LOGICAL_DATE,
            **self.env,
        }

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Look at the names of the variables, in which no Jinja is rendered, and ask the runtime."""
        if self.runtime.on_worker:
            yield from super().check(context)
        for field, names in (("env", self.env), ("secrets", self.secrets)):
            for name in names:
                if not _VARIABLE.fullmatch(name):
                    yield context.error(
                        (field, name),
                        f"'{name}' is no name of an environment variable",
                        code="DW206",
                        help="letters, digits, '_', '-' and '.', and no digit first",
                        at_key=True,
                    )
        for name in sorted(self.env.keys() & self.secrets.keys()):
            yield context.error(("env", name), f"'{name}' is one of the secrets too", code="DW206", at_key=True)
        yield from self.runtime.check_job(self, context)

    def make_operator(self) -> Any:
        """Leave the operator to the runtime."""
        return self.runtime.make_job(self)
