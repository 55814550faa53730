"""Jobs as containers of a Docker engine."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast
from urllib.parse import urlsplit

from annotated_types import Ge, MinLen

from dagwright import CheckContext, Component, Diagnostic
from dagwright.builtin.references import reference_problems
from dagwright.builtin.runtime import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["DockerMount", "DockerRuntime"]


class DockerMount(Component):
    """A folder or volume that every container sees.

    Attributes:
        source: the folder of the engine's machine, or the volume.
        target: its path in the container.
        type: what it is.
        read_only: whether the container may only read it.
    """

    source: Annotated[str, MinLen(1)]
    target: Annotated[str, MinLen(1)]
    type: Literal["bind", "volume"] = "bind"
    read_only: bool = False


class DockerRuntime(Runtime):
    """Run the command in a container of a Docker engine, or of Podman's service, which speaks the same language.

    A workspace that is a folder is mounted at its own path. Where a task is killed or runs out of time, its container
    is removed.

    Attributes:
        docker_url: the engine, such as `unix:///run/user/1000/podman/podman.sock` or `tcp://docker.example.com:2376`;
            the worker's `DOCKER_HOST` or local engine where none is given.
        connection_id: the Airflow connection with the credentials of the image registry.
        network: of the container: `bridge`, `host`, `none` or the name of a network.
        user: as whom the command runs, by name or number.
        pull: whether the image is fetched before every job, or where it is missing.
        host_workspace: the folder of the workspaces as the engine's machine calls it, where the worker is itself a
            container and calls it differently.
        mounts: what else containers see.
        keep_entrypoint: whether the image's own entry point stays and gets the command as its arguments.
        auto_remove: whether containers are removed when they have ended; those that stay can be looked into.
        api_timeout: how many seconds the engine may take to answer.

    Example:
        ```toml
        [env.server.defaults.container_job]
        runtime = { type = "docker", network = "etl", user = "1000" }
        ```
    """

    takes_secrets: ClassVar[bool] = True

    docker_url: Annotated[str, MinLen(1)] | None = None
    connection_id: Annotated[str, MinLen(1)] | None = None
    network: Annotated[str, MinLen(1)] | None = None
    user: Annotated[str, MinLen(1)] | None = None
    pull: Literal["always", "missing"] = "missing"
    host_workspace: Annotated[str, MinLen(1)] | None = None
    mounts: list[DockerMount] = []
    keep_entrypoint: bool = False
    auto_remove: bool = True
    api_timeout: Annotated[int, Ge(1)] = 60

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find engines on other machines that do not see the worker's workspace."""
        host = urlsplit(self.docker_url or "").hostname
        if host not in (None, "localhost", "127.0.0.1", "::1") and context.settings.workspace_is_own:
            message = f"the engine on '{host}' cannot reach the workspace, which is a folder of the worker alone"
            yield context.error(
                "docker_url", message, code="DW219", help="name a folder that both mount, or an object store"
            )
        if self.host_workspace is not None and not self.host_workspace.startswith("/"):
            yield context.error("host_workspace", f"'{self.host_workspace}' is no absolute path", code="DW206")

    def check_job(self, job: "ContainerJob", context: CheckContext) -> Iterable[Diagnostic]:
        """Find secrets that refer to nothing of Airflow's."""
        yield from super().check_job(job, context)
        yield from reference_problems(job, context)

    def make_job(self, job: "ContainerJob") -> Any:
        """Return a DockerOperator."""
        from airflow.providers.docker.operators.docker import DockerOperator

        from dagwright.runtime.job_secrets import SecretVariables

        program, *arguments = job.arguments
        operator = DockerOperator(
            task_id=job.task_id,
            image=job.docker_image or "",
            entrypoint=None if self.keep_entrypoint else [program],
            command=job.arguments if self.keep_entrypoint else arguments,
            environment=job.variables(),
            private_environment=cast(dict[str, Any], SecretVariables(job.secrets)),
            docker_url=self.docker_url,
            docker_conn_id=self.connection_id,
            timeout=self.api_timeout,
            network_mode=self.network,
            user=self.user,
            cpus=job.cpu or 1.0,
            mem_limit=None if job.memory_mib is None else f"{job.memory_mib}m",
            force_pull=self.pull == "always",
            auto_remove="force" if self.auto_remove else "never",
            mount_tmp_dir=False,
            mounts=self._mounts(job),
            working_dir=_working_dir(job),
            skip_on_exit_code=job.skip_exit_code,
            do_xcom_push=False,
        )
        # What the operator does not render by itself; and a command that ends in '.sh' is no file of templates.
        operator.template_fields = (*operator.template_fields, "entrypoint", "working_dir")
        operator.template_ext = ()
        return operator

    def _mounts(self, job: "ContainerJob") -> list[Any]:
        """Return the mounts as the engine's API writes them, so that templates in them are rendered."""
        mounts = [
            {"Type": mount.type, "Source": mount.source, "Target": mount.target, "ReadOnly": mount.read_only}
            for mount in self.mounts
        ]
        if _working_dir(job) is not None:
            workspace = job.settings.workspace_template
            base = f"base={json.dumps(self.host_workspace)}" if self.host_workspace is not None else ""
            source = f"{{{{ dagwright_workspace({base}) }}}}"
            mounts.append({"Type": "bind", "Source": source, "Target": workspace, "ReadOnly": False})
        return mounts


def _working_dir(job: "ContainerJob") -> str | None:
    """Return the template of the run's folder, which makes it; None where the workspace is no folder."""
    is_folder = job.settings.workspace is None or job.settings.workspace_folder is not None
    return "{{ dagwright_workspace(create=true) }}" if is_folder else None
