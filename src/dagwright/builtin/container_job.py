"""A command in a container, wherever containers run."""

from typing import Annotated, Any

from annotated_types import MinLen

from dagwright import Component
from dagwright.builtin.job import Job

__all__ = ["ContainerJob", "Runtime"]


class Runtime(Component, abstract=True, default_type="process"):
    """Where a container job runs; projects choose it by environment."""

    def make_job(self, job: "ContainerJob") -> Any:
        """Return the operator or TaskGroup that runs a job here; its id is `job.task_id`."""
        raise NotImplementedError(f"{type(self).__name__} has no make_job")


class ContainerJob(Job, type_name="container_job"):
    """Run a command in a container image.

    The command finds the workspace of the DAG run in `DAGWRIGHT_WORKSPACE`; where the workspace is a folder, it
    is the working directory as well. The same fields mean the same in every runtime.

    Attributes:
        docker_image: the image.
        command: a shell command, or a list of arguments that no shell reads; Jinja is rendered.
        env: environment variables; Jinja is rendered. Not for secrets: Airflow shows them.
        skip_exit_code: the exit code by which the command says that there is nothing to do.
        runtime: where it runs.

    Example:
        ```yaml
        tasks:
          fetch_rates:
            type: container_job
            docker_image: ecb-rates
            command: python fetch.py --day {{ ds }}
        ```
    """

    docker_image: str
    command: str | Annotated[list[str], MinLen(1)]
    env: dict[str, str] = {}
    skip_exit_code: int | None = None
    runtime: Runtime

    def make_operator(self) -> Any:
        """Leave the operator to the runtime."""
        return self.runtime.make_job(self)
