"""Jobs as containers of a Docker engine."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from annotated_types import MinLen

from dagwright.builtin.runtime import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["DockerRuntime"]


class DockerRuntime(Runtime):
    """Run the command in a container of a Docker engine, or of Podman's socket that speaks Docker's language."""

    takes_secrets: ClassVar[bool] = True

    docker_url: Annotated[str, MinLen(1)] | None = None
    connection_id: Annotated[str, MinLen(1)] | None = None
    network: Annotated[str, MinLen(1)] | None = None
    user: Annotated[str, MinLen(1)] | None = None
    pull: Literal["always", "missing"] = "missing"
    auto_remove: Literal["never", "success", "force"] = "force"

    def make_job(self, job: "ContainerJob") -> Any:
        """Return a DockerOperator."""
        from airflow.providers.docker.operators.docker import DockerOperator

        program, *arguments = job.arguments
        workspace = job.settings.workspace_template
        operator = DockerOperator(
            task_id=job.task_id,
            image=job.docker_image or "",
            entrypoint=[program],
            command=arguments,
            environment=job.variables(),
            mounts=[{"Type": "bind", "Source": "{{ dagwright_workspace(create=true) }}", "Target": workspace}],
            working_dir=workspace,
            docker_url=self.docker_url,
            docker_conn_id=self.connection_id,
            network_mode=self.network,
            user=self.user,
            force_pull=self.pull == "always",
            auto_remove=self.auto_remove,
            mount_tmp_dir=False,
            skip_on_exit_code=job.skip_exit_code,
            do_xcom_push=False,
        )
        operator.template_fields = (*operator.template_fields, "entrypoint", "working_dir")
        operator.template_ext = ()
        return operator
