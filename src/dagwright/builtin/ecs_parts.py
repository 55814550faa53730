"""What the runtime of Amazon ECS is told about a cluster: its capacity and its shared disk."""

from collections.abc import Iterable
from typing import Annotated

from annotated_types import Ge, MinLen

from dagwright import CheckContext, Component, Diagnostic

__all__ = ["CapacityProvider", "EfsVolume"]


class CapacityProvider(Component, shorthand="name"):
    """A share of the tasks that a capacity provider of the cluster gets.

    Attributes:
        name: of the provider, such as `FARGATE_SPOT`.
        weight: its share, relative to those of the other providers.
        base: how many tasks it gets before shares count.
    """

    name: Annotated[str, MinLen(1)]
    weight: Annotated[int, Ge(0)] = 1
    base: Annotated[int, Ge(0)] = 0


class EfsVolume(Component, shorthand="file_system_id"):
    """A file system of Amazon EFS that holds the workspaces, mounted in every container.

    The workers of Airflow mount the same folder: they make each run's folder in it.

    Attributes:
        file_system_id: such as `fs-0123456789abcdef0`.
        access_point: the id of an access point.
        root_directory: the folder of the file system that is mounted at the workspace's path.
        iam: whether the task role is what EFS asks for leave.
    """

    file_system_id: Annotated[str, MinLen(1)]
    access_point: Annotated[str, MinLen(1)] | None = None
    root_directory: Annotated[str, MinLen(1)] = "/"
    iam: bool = False

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse a folder beside an access point, which has one of its own."""
        if self.access_point is not None and self.root_directory != "/":
            yield context.error("root_directory", "an access point has a folder of its own", at_key=True)
