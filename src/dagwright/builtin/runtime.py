"""The slot of runtimes: where container jobs run."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from dagwright import CheckContext, Component, Diagnostic

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["Runtime"]


class Runtime(Component, abstract=True, default_type="process"):
    """Where a container job runs; projects choose it by environment.

    A class says by class variables what it can do:
        on_worker: whether a job sees the folders of the worker that starts it.
        needs_image: whether a job has to name its image.
        takes_secrets: whether it hands the secrets to which a job refers over to the command.
    """

    on_worker: ClassVar[bool] = True
    needs_image: ClassVar[bool] = True
    takes_secrets: ClassVar[bool] = False

    def check_job(self, job: "ContainerJob", context: CheckContext) -> Iterable[Diagnostic]:
        """Yield what is wrong with a job that runs here; `context` is the job's, this object's field is `runtime`."""
        what = type(self).__dagwright_options__.type_name.removesuffix("_runtime")
        if job.docker_image is None and self.needs_image:
            message = f"missing field 'docker_image' in container_job: the runtime '{what}' needs it"
            yield context.error("", message, code="DW204")
        if job.secrets and not self.takes_secrets:
            yield context.error("secrets", f"the runtime '{what}' has no secrets for its jobs", at_key=True)

    def make_job(self, job: "ContainerJob") -> Any:
        """Return the operator or TaskGroup that runs a job here; its id is `job.task_id`."""
        raise NotImplementedError(f"{type(self).__name__} has no make_job")
