"""The slot of runtimes: where container jobs run."""

from typing import TYPE_CHECKING, Any

from dagwright import Component

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["Runtime"]


class Runtime(Component, abstract=True, default_type="process"):
    """Where a container job runs; projects choose it by environment."""

    def make_job(self, job: "ContainerJob") -> Any:
        """Return the operator or TaskGroup that runs a job here; its id is `job.task_id`."""
        raise NotImplementedError(f"{type(self).__name__} has no make_job")
