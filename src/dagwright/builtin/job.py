"""The slot of jobs."""

from collections.abc import Iterable

from dagwright import CheckContext, Diagnostic, OperatorFactory

__all__ = ["Job"]


class Job(OperatorFactory, abstract=True, default_type="container_job"):
    """Something that computes: it reads and writes files of the workspace."""

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find jobs that write where nothing after them can read: on one of several workers."""
        settings = context.settings
        if settings.several_workers and settings.workspace_is_own:
            where = "the default" if settings.workspace is None else "a folder of the project"
            table = f"env.{settings.environment}.defaults.dag" if settings.environment else "defaults.dag"
            yield context.error(
                "",
                f"the workspace is {where} on each of several workers, and tasks on different ones share no file",
                code="DW219",
                help=f"write workspace = ... in [{table}]: a folder that all of them mount, or an object store",
            )
