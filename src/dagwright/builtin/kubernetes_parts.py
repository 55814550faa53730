"""What the runtime of Kubernetes is told about a pod."""

from typing import Annotated, Any, Literal

from annotated_types import MinLen

from dagwright import Component

__all__ = ["PodResources", "Toleration", "WorkspaceClaim"]


class PodResources(Component):
    """Resources of the container, as Kubernetes writes them; they beat `cpu` and `memory` of a job.

    Attributes:
        requests: what the container gets at least, such as `cpu: 500m`.
        limits: what it gets at most, such as `memory: 1Gi`.
    """

    requests: dict[str, str] = {}
    limits: dict[str, str] = {}


class Toleration(Component):
    """A taint of nodes that does not keep the pod away.

    Attributes:
        key: of the taint; every one where none is given and `operator` is `Exists`.
        operator: how the value is compared.
        value: of the taint.
        effect: of the taint; every one where none is given.
        toleration_seconds: for how long a `NoExecute` taint is borne.
    """

    key: str | None = None
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    toleration_seconds: int | None = None

    def manifest(self) -> dict[str, Any]:
        """Return it as Kubernetes writes it."""
        said = {
            "key": self.key,
            "operator": self.operator,
            "value": self.value,
            "effect": self.effect,
            "tolerationSeconds": self.toleration_seconds,
        }
        return {name: value for name, value in said.items() if value is not None}


class WorkspaceClaim(Component, shorthand="name"):
    """A claim of a volume that holds the workspaces, mounted in every pod; it has to be `ReadWriteMany`.

    The workers of Airflow mount the same folder: they make each run's folder in it.

    Attributes:
        name: of the PersistentVolumeClaim.
        sub_path: the folder of the volume that is mounted at the workspace's path.
    """

    name: Annotated[str, MinLen(1)]
    sub_path: Annotated[str, MinLen(1)] | None = None
