"""A container runtime without containers: an empty environment and a few limits of the operating system."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

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
        memory_mib: the most memory that a job may ask for, in MiB; as much as it wants where it is null.
    """

    cpu_seconds: Annotated[int, Gt(0)] = 3600
    open_files: Annotated[int, Gt(0)] = 1024
    memory_mib: Annotated[int, Gt(0)] | None = None


class SandboxRuntime(Runtime):
    """Run the job on the worker: it sees nothing of the worker's environment, and its image is ignored.

    `cpu` of a job is the number of cores that it may use, rounded up; `memory` is all that each of its processes gets.
    `secrets` are `conn.ID.login`, `conn.ID.password` and `var.value.NAME`.

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

    needs_image: ClassVar[bool] = False
    takes_secrets: ClassVar[bool] = True

    path: Annotated[list[str], MinLen(1)] = ["/usr/local/bin", "/usr/bin", "/bin"]
    limits: Limits = Limits()

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find workspaces that are no folder, and folders that depend on where the worker stands."""
        workspace = context.settings.workspace
        if workspace is not None and "://" in workspace and not workspace.startswith("file://"):
            yield context.error("", f"a sandbox needs a folder for its workspace, not '{workspace}'", code="DW219")
        for index, folder in enumerate(self.path):
            if not folder.startswith("/"):
                yield context.error(("path", index), f"'{folder}' is no absolute path")

    def worker_packages(self) -> Iterable[str]:
        """Return what reads and hides secrets on the worker."""
        return ("apache-airflow-providers-common-compat",)

    def check_job(self, job: "ContainerJob", context: CheckContext) -> Iterable[Diagnostic]:
        """Find jobs that ask for too much, and secrets that lead nowhere."""
        from acme.worker.secrets import REFERENCES, is_reference

        yield from super().check_job(job, context)
        most = self.limits.memory_mib
        if most is not None and job.memory_mib is not None and job.memory_mib > most:
            yield context.error("memory", f"a job gets at most {most} MiB here, not '{job.memory}'")
        for name, reference in job.secrets.items():
            if not is_reference(reference):
                message = f"the secret '{name}' leads nowhere"
                yield context.error(("secrets", name), message, code="DW206", help=REFERENCES)

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
            "cpu": job.cpu,
            "memory_mib": job.memory_mib,
            "secrets": job.secrets,  # the references
            "skip_exit_code": job.skip_exit_code,
        }
        return PythonOperator(
            task_id=job.task_id,
            python_callable=WorkerCall(run_in_sandbox, settings),
            op_kwargs={"arguments": job.arguments, "env": job.env},
        )
