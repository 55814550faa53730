"""Jobs as pods of Kubernetes."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from annotated_types import MinLen

from dagwright.builtin.runtime import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["KubernetesRuntime"]


class KubernetesRuntime(Runtime):
    """Run the command in a pod of Kubernetes."""

    takes_secrets: ClassVar[bool] = True

    namespace: Annotated[str, MinLen(1)]
    connection_id: Annotated[str, MinLen(1)] | None = None

    def make_job(self, job: "ContainerJob") -> Any:
        """Return a KubernetesPodOperator."""
        from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

        program, *arguments = job.arguments
        return KubernetesPodOperator(
            task_id=job.task_id,
            namespace=self.namespace,
            kubernetes_conn_id=self.connection_id or "kubernetes_default",
            image=job.docker_image,
            cmds=[program],
            arguments=arguments,
            env_vars=job.variables(),
            skip_on_exit_code=job.skip_exit_code,
            do_xcom_push=False,
        )
