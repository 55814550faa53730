"""Jobs as tasks of Amazon ECS."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

from annotated_types import Ge, MinLen

from dagwright import CheckContext, Diagnostic, FactoryError
from dagwright.builtin.ecs_parts import CapacityProvider, EfsVolume
from dagwright.builtin.fargate import fargate_size
from dagwright.builtin.runtime import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["EcsRuntime"]

_VOLUME = "workspace"
_CONTAINER = "job"
_MADE_WORKSPACE = "{{ dagwright_workspace(create=true) }}"
_SECRET = re.compile(r"arn:[\w-]+:(secretsmanager|ssm):.+|(/[\w.-]+)+")  # a bare word may be a secret
_REFERENCE_HELP = (
    "write the ARN of a secret of Secrets Manager, or the ARN of a parameter of Systems Manager or its name from '/' on"
)
_SHARED = "give the runtime 'efs' and the project a workspace in it, or a workspace in an object store, such as s3://"
_NO_TIMEOUT = "a task that waits in the triggerer has no time limit: nothing would end its ECS task"
# In a task definition that is given, the working directory is the image's.
_IN_WORKSPACE = ("/bin/sh", "-c", 'cd "$DAGWRIGHT_WORKSPACE" && exec "$@"', "sh")


class EcsRuntime(Runtime):
    """Run the command as a task of Amazon ECS.

    Two operators in a TaskGroup: `create` registers a task definition, `run` runs it and waits. Where the runtime
    names a `task_definition`, the job is one operator that runs that one.

    The output is in the task's log, by way of CloudWatch. A retry after the worker was lost finds the ECS task that
    still runs, and starts no second one.

    Attributes:
        cluster: the cluster.
        region: the AWS region.
        log_group: the log group of CloudWatch, which has to be there; a given task definition has to write to it.
        log_region: the region of the log group, where it is another one.
        log_stream_prefix: what the names of log streams begin with; a given task definition has to say the same.
        launch_type: on whose machines.
        capacity_providers: who gives the machines, instead of `launch_type`.
        subnets: in which the task runs; Fargate needs them.
        security_groups: of the task.
        assign_public_ip: whether it gets a public address.
        platform_version: of Fargate.
        cpu_architecture: of the machine, where the image is not for `X86_64`.
        execution_role: the ARN of the role by which ECS fetches image and secrets and writes logs; Fargate needs it.
        task_role: the ARN of the role that the command has.
        efs: where the workspace is a folder: the file system that is mounted at its path.
        task_definition: a task definition that is there already: family, family and revision, or ARN.
        container: the container in `task_definition` that gets the command.
        keep_entrypoint: whether the image's own entry point stays and gets the command as its arguments.
        tags: of task definitions and tasks.
        reattach: whether a retry waits for an ECS task of the same task and DAG run that still runs.
        deferrable: whether the wait is the triggerer's; such a job has no `execution_timeout`.
        poll_interval: how often state and logs are asked for, in whole seconds.
        connection_id: the Airflow connection with the credentials; `aws_default` where none is given, and the
            worker's own credentials where that is not defined.

    Example:
        ```toml
        [env.prod.defaults.dag]
        workspace = "s3://acme-workspaces/dagwright"

        [env.prod.defaults.container_job.runtime]
        type = "ecs"
        cluster = "etl"
        region = "eu-central-1"
        log_group = "/acme/etl"
        subnets = ["subnet-0a1b2c3d"]
        execution_role = "arn:aws:iam::123456789012:role/etl-execution"
        ```
    """

    on_worker: ClassVar[bool] = False
    needs_image: ClassVar[bool] = False
    takes_secrets: ClassVar[bool] = True

    cluster: Annotated[str, MinLen(1)]
    region: Annotated[str, MinLen(1)]
    log_group: Annotated[str, MinLen(1)]
    log_region: Annotated[str, MinLen(1)] | None = None
    log_stream_prefix: Annotated[str, MinLen(1)] = "dagwright"
    launch_type: Literal["FARGATE", "EC2"] = "FARGATE"
    capacity_providers: list[CapacityProvider] = []
    subnets: list[Annotated[str, MinLen(1)]] = []
    security_groups: list[Annotated[str, MinLen(1)]] = []
    assign_public_ip: bool = False
    platform_version: str | None = None
    cpu_architecture: Literal["X86_64", "ARM64"] | None = None
    execution_role: str | None = None
    task_role: str | None = None
    efs: EfsVolume | None = None
    task_definition: Annotated[str, MinLen(1)] | None = None
    container: Annotated[str, MinLen(1)] | None = None
    keep_entrypoint: bool = False
    tags: dict[str, str] = {}
    reattach: bool = True
    deferrable: bool = False
    poll_interval: Annotated[timedelta, Ge(timedelta(seconds=1))] = timedelta(seconds=10)
    connection_id: Annotated[str, MinLen(1)] | None = None

    @property
    def on_fargate(self) -> bool:
        """Whether AWS gives the machines."""
        if self.capacity_providers:
            return all(provider.name.startswith("FARGATE") for provider in self.capacity_providers)
        return self.launch_type == "FARGATE"

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find settings that Fargate or a given task definition lacks, and workspaces that no task would see."""
        managed = {provider.name.startswith("FARGATE") for provider in self.capacity_providers}
        if len(managed) > 1:
            message = "ECS takes providers of Fargate or your own, and not both for one task"
            yield context.error("capacity_providers", message, code="DW206", at_key=True)
        if self.on_fargate and not self.subnets:
            yield context.error("", "missing field 'subnets' in ecs_runtime: on Fargate a task needs one", code="DW204")
        if self.task_definition is None:
            if self.on_fargate and self.execution_role is None:
                message = "missing field 'execution_role' in ecs_runtime: on Fargate no log is written without it"
                yield context.error("", message, code="DW204")
            if self.container is not None:
                message = "'container' is for a container of a given 'task_definition', and there is none"
                yield context.error("container", message, at_key=True)
        elif self.container is None:
            message = f"missing field 'container' in ecs_runtime: which one of '{self.task_definition}' is it"
            yield context.error("", message, code="DW204")
        yield from self._check_workspace(context)

    def _check_workspace(self, context: CheckContext) -> Iterable[Diagnostic]:
        settings = context.settings
        if settings.workspace is not None and settings.workspace_folder is None:
            if self.efs is not None:
                message = f"EFS has no place in the workspace '{settings.workspace_shown}', which is no folder"
                yield context.error("efs", message, code="DW219", at_key=True, help="leave one of them out")
        elif settings.workspace_is_own:
            where = "the default" if settings.workspace is None else "a folder of the project"
            message = f"an ECS task cannot reach the workspace, which is {where} on each worker"
            yield context.error("", message, code="DW219", help=_SHARED)
        elif self.efs is None and self.task_definition is None:
            message = f"an ECS task cannot reach the workspace: nothing mounts '{settings.workspace_folder}' in it"
            yield context.error("", message, code="DW219", help=_SHARED)
        elif self.efs is not None and self.task_definition is not None:
            message = "a given 'task_definition' mounts its volumes itself"
            yield context.error("efs", message, code="DW219", at_key=True)

    def check_job(self, job: "ContainerJob", context: CheckContext) -> Iterable[Diagnostic]:
        """Find jobs with no image or two, secrets that are none, and sizes that Fargate does not have."""
        yield from super().check_job(job, context)
        if job.docker_image is None and self.task_definition is None:
            message = "missing field 'docker_image' in container_job: the runtime 'ecs' has no 'task_definition' either"
            yield context.error("", message, code="DW204")
        if job.docker_image is not None and self.task_definition is not None:
            message = "'docker_image' and the runtime's 'task_definition' exclude each other"
            yield context.error("docker_image", message, at_key=True)
        if job.secrets and self.task_definition is not None:
            yield context.error("secrets", "a given 'task_definition' brings its own secrets", at_key=True)
        for name, reference in job.secrets.items():
            if not _SECRET.fullmatch(reference):
                message = f"the secret '{name}' is no reference that ECS knows"
                yield context.error(("secrets", name), message, code="DW206", help=_REFERENCE_HELP)
        if self.on_fargate and fargate_size(job.cpu or 0, job.memory_mib or 0) is None:
            field = "memory" if job.cpu is None or fargate_size(job.cpu, 0) is not None else "cpu"
            message = "Fargate has no size that large"
            yield context.error(field, message, code="DW206", help="at most 16 cores, and 120Gi with them")
        if self.deferrable and "execution_timeout" in job.task_args:
            yield context.error(("task_args", "execution_timeout"), _NO_TIMEOUT, at_key=True)

    def make_job(self, job: "ContainerJob") -> Any:
        """Return a TaskGroup of two operators, or the one that runs a given task definition."""
        from airflow.providers.amazon.aws.operators.ecs import EcsRegisterTaskDefinitionOperator
        from airflow.sdk import TaskGroup

        if self.task_definition is not None:
            return self._run(job, job.task_id, self.task_definition, self.container or "", self._overrides(job))
        with TaskGroup(job.task_id, tooltip="Run a command as a task of Amazon ECS.") as group:
            family = re.sub(r"[^\w-]", "-", f"{group.dag.dag_id}-{group.group_id}", flags=re.ASCII)[:255]
            create = EcsRegisterTaskDefinitionOperator(
                task_id="create",
                family=family,
                container_definitions=[self._container(job, group.group_id or "")],
                register_task_kwargs=self._task(job),
                do_xcom_push=True,
                **self._aws(),
            )
            self._run(job, "run", cast(str, create.output), _CONTAINER, {"containerOverrides": []})
        return group

    def _run(
        self, job: "ContainerJob", task_id: str, task_definition: str, container: str, overrides: dict[str, Any]
    ) -> Any:
        from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator

        providers = [
            {"capacityProvider": provider.name, "weight": provider.weight, "base": provider.base}
            for provider in self.capacity_providers
        ]
        network: dict[str, Any] = {"subnets": self.subnets, "securityGroups": self.security_groups}
        if self.on_fargate:
            network["assignPublicIp"] = "ENABLED" if self.assign_public_ip else "DISABLED"
        seconds = int(self.poll_interval.total_seconds())
        operator = EcsRunTaskOperator(
            task_id=task_id,
            task_definition=task_definition,
            cluster=self.cluster,
            overrides=overrides,
            launch_type=self.launch_type,
            capacity_provider_strategy=providers or None,
            platform_version=self.platform_version,
            network_configuration={"awsvpcConfiguration": network} if self.subnets else None,
            tags=self.tags or None,
            awslogs_group=self.log_group,
            awslogs_region=self.log_region or self.region,
            awslogs_stream_prefix=self.log_stream_prefix,
            awslogs_fetch_interval=timedelta(seconds=seconds),
            container_name=container,
            reattach=self.reattach,
            deferrable=self.deferrable,
            waiter_delay=seconds,
            skip_on_exit_code=job.skip_exit_code,
            do_xcom_push=False,
            **self._aws(),
        )
        if self.deferrable and operator.execution_timeout is not None:
            raise FactoryError(_NO_TIMEOUT, field="task_args")
        return operator

    def _aws(self) -> dict[str, Any]:
        # An endpoint that does not answer is an error soon; botocore's own patience is five minutes a request and more.
        patience = {"connect_timeout": 10, "read_timeout": 20, "retries": {"total_max_attempts": 3}}
        return {
            "aws_conn_id": self.connection_id or "aws_default",
            "region_name": self.region,
            "botocore_config": patience,
        }

    def _container(self, job: "ContainerJob", task_id: str) -> dict[str, Any]:
        program, *arguments = job.arguments
        container: dict[str, Any] = {
            "name": _CONTAINER,
            "image": job.docker_image,
            "essential": True,
            "command": job.arguments if self.keep_entrypoint else arguments,
            "environment": _pairs(job.variables(task_id)),
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.log_group,
                    "awslogs-region": self.log_region or self.region,
                    "awslogs-stream-prefix": self.log_stream_prefix,
                },
            },
        }
        if not self.keep_entrypoint:
            container["entryPoint"] = [program]
        if job.secrets:
            container["secrets"] = [{"name": name, "valueFrom": each} for name, each in sorted(job.secrets.items())]
        if self.efs is not None:
            container["mountPoints"] = [{"sourceVolume": _VOLUME, "containerPath": job.settings.workspace_folder}]
            container["workingDirectory"] = _MADE_WORKSPACE
        if not self.on_fargate and job.memory_mib is None:
            container["memoryReservation"] = 512  # ECS wants a number; this one is no limit
        return container

    def _task(self, job: "ContainerJob") -> dict[str, Any]:
        task: dict[str, Any] = {
            "requiresCompatibilities": ["FARGATE" if self.on_fargate else "EC2"],
            "networkMode": "awsvpc" if self.subnets else "bridge",
            **self._size(job, always=self.on_fargate),
        }
        if self.execution_role is not None:
            task["executionRoleArn"] = self.execution_role
        if self.task_role is not None:
            task["taskRoleArn"] = self.task_role
        if self.cpu_architecture is not None:
            task["runtimePlatform"] = {"cpuArchitecture": self.cpu_architecture, "operatingSystemFamily": "LINUX"}
        if self.efs is not None:
            task["volumes"] = [{"name": _VOLUME, "efsVolumeConfiguration": _efs(self.efs)}]
        if self.tags:
            task["tags"] = [{"key": key, "value": value} for key, value in sorted(self.tags.items())]
        return task

    def _overrides(self, job: "ContainerJob") -> dict[str, Any]:
        command, variables = job.arguments, job.variables()
        if job.settings.workspace_folder is not None:
            command = [*_IN_WORKSPACE, *command]
            variables["DAGWRIGHT_WORKSPACE"] = _MADE_WORKSPACE
        container = {"name": self.container, "command": command, "environment": _pairs(variables)}
        return {"containerOverrides": [container], **self._size(job, always=False)}

    def _size(self, job: "ContainerJob", *, always: bool) -> dict[str, str]:
        """Return what a task gets, as ECS writes it."""
        if self.on_fargate:
            size = fargate_size(job.cpu or 0, job.memory_mib or 0)
            if size is None or not (always or job.cpu is not None or job.memory_mib is not None):
                return {}
            return {"cpu": str(size[0]), "memory": str(size[1])}
        units = {"cpu": round(job.cpu * 1024)} if job.cpu is not None else {}
        if job.memory_mib is not None:
            units["memory"] = job.memory_mib
        return {name: str(value) for name, value in units.items()}


def _pairs(variables: dict[str, str]) -> list[dict[str, str]]:
    # Airflow takes the order of a list for a change of the DAG; that of keys in the data is none.
    return [{"name": name, "value": value} for name, value in sorted(variables.items())]


def _efs(volume: EfsVolume) -> dict[str, Any]:
    said: dict[str, Any] = {
        "fileSystemId": volume.file_system_id,
        "rootDirectory": volume.root_directory,
        "transitEncryption": "ENABLED",
    }
    if volume.access_point is not None or volume.iam:
        said["authorizationConfig"] = {"iam": "ENABLED" if volume.iam else "DISABLED"}
        if volume.access_point is not None:
            said["authorizationConfig"]["accessPointId"] = volume.access_point
    return said
