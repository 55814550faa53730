"""Jobs as subprocesses of the worker: for laptops, and for workers that are containers themselves."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from dagwright import CheckContext, Diagnostic, ProjectFolder
from dagwright.builtin.references import reference_problems
from dagwright.builtin.runtime import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["ProcessRuntime"]


class ProcessRuntime(Runtime, type_name="process"):
    """Run the command as a subprocess of the Airflow worker; the image is ignored, and the log says so.

    The subprocess sees a scrubbed environment; `cpu` and `memory` of a job are ignored. Inside a real Airflow it is
    refused unless the project allows it (`allow = ["process"]`, for all environments or for one).

    Attributes:
        path: folders of the project that are put on `PATH` and `PYTHONPATH`: the code that is in the image.
        pass_env: names of the worker's environment variables that the command may see.

    Example:
        ```toml
        [env.dev.defaults.container_job]
        runtime = { type = "process", path = ["jobs"] }
        ```
    """

    needs_image: ClassVar[bool] = False
    takes_secrets: ClassVar[bool] = True

    path: list[ProjectFolder] = []
    pass_env: list[str] = []

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse to run on a worker unless the project allows it."""
        settings = context.settings
        if settings.inside_airflow and "process" not in settings.allow:
            where = f"[env.{settings.environment}]" if settings.environment else "the project file"
            yield context.error(
                "",
                "the process runtime is not allowed inside a real Airflow",
                code="DW508",
                help=f'choose another runtime, or write allow = ["process"] in {where}',
            )

    def check_job(self, job: "ContainerJob", context: CheckContext) -> Iterable[Diagnostic]:
        """Find secrets that refer to nothing of Airflow's."""
        yield from super().check_job(job, context)
        yield from reference_problems(job, context)

    def make_job(self, job: "ContainerJob") -> Any:
        """Return a PythonOperator that starts the subprocess."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.process import run_process

        run = WorkerCall(
            run_process,
            {
                "base": job.settings.workspace,
                "path": [str(folder.location) for folder in self.path],
                "pass_env": self.pass_env,
                "skip_exit_code": job.skip_exit_code,
                "allowed": "process" in job.settings.allow,
            },
        )
        arguments: dict[str, Any] = {"command": job.command, "env": job.env, "image": job.docker_image}
        if job.secrets:
            arguments["secrets"] = job.secrets  # the references, which are no secret
        return PythonOperator(task_id=job.task_id, python_callable=run, op_kwargs=arguments)
