"""A container runtime without containers: an empty environment and a few limits of the operating system."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Gt, MinLen

from dagwright import CheckContext, Component, Diagnostic
from dagwright.builtin import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["Limits", "SandboxRuntime"]


class Limits(Component, shorthand="cpu_seconds"):
    """What a job may use up.

    Attributes:
        cpu_seconds: processor time.
        open_files: how many files may be open at once.
    """

    cpu_seconds: Annotated[int, Gt(0)] = 3600
    open_files: Annotated[int, Gt(0)] = 1024


class SandboxRuntime(Runtime):
    """Run the job on the worker with `env -i`: it sees nothing of the worker's environment.

    Attributes:
        path: the folders of the programs that the job may start.
        limits: what it may use up; a number is processor time in seconds.

    Example:
        ```yaml
        tasks:
          fetch:
            type: container_job
            docker_image: rates
            command: sort -u in/rates.csv > out.csv
            runtime: {type: sandbox, limits: 60}
        ```
    """

    path: Annotated[list[str], MinLen(1)] = ["/usr/local/bin", "/usr/bin", "/bin"]
    limits: Limits = Limits()

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find workspaces that are no folder, and folders that depend on where the worker stands."""
        workspace = context.settings.workspace
        if workspace is not None and "://" in workspace and not workspace.startswith("file://"):
            yield context.error("", f"a sandbox needs a folder for its workspace, not '{workspace}'")
        for index, folder in enumerate(self.path):
            if not folder.startswith("/"):
                yield context.error(("path", index), f"'{folder}' is no absolute path")

    def make_job(self, job: "ContainerJob") -> Any:
        """Return an operator that runs the job in a sandbox."""
        from airflow.providers.standard.operators.python import PythonOperator

        from acme.worker.sandbox import run_in_sandbox
        from dagwright.runtime import WorkerCall

        settings = {
            "base": job.settings.workspace,
            "path": self.path,
            "cpu_seconds": self.limits.cpu_seconds,
            "open_files": self.limits.open_files,
            "skip_exit_code": job.skip_exit_code,
        }
        return PythonOperator(
            task_id=job.task_id,
            python_callable=WorkerCall(run_in_sandbox, settings),
            op_kwargs={"command": job.command, "env": job.env},
        )
