"""Jobs as tasks of Amazon ECS."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

from annotated_types import MinLen

from dagwright.builtin.runtime import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["EcsRuntime"]


class EcsRuntime(Runtime):
    """Run the command as a task of Amazon ECS: a task definition is registered, then run."""

    needs_image: ClassVar[bool] = False
    takes_secrets: ClassVar[bool] = True

    cluster: Annotated[str, MinLen(1)]
    region: Annotated[str, MinLen(1)]
    log_group: Annotated[str, MinLen(1)]
    launch_type: Literal["FARGATE", "EC2"] = "FARGATE"
    subnets: list[str] = []
    security_groups: list[str] = []
    connection_id: Annotated[str, MinLen(1)] | None = None

    def make_job(self, job: "ContainerJob") -> Any:
        """Return a TaskGroup of two operators."""
        from airflow.providers.amazon.aws.operators.ecs import EcsRegisterTaskDefinitionOperator, EcsRunTaskOperator
        from airflow.sdk import TaskGroup

        program, *arguments = job.arguments
        aws: dict[str, Any] = {"aws_conn_id": self.connection_id or "aws_default", "region_name": self.region}
        with TaskGroup(job.task_id, tooltip="Run a command in a container image.") as group:
            variables = job.variables(task_id=group.group_id or "")
            logs = {
                "awslogs-group": self.log_group,
                "awslogs-region": self.region,
                "awslogs-stream-prefix": "dagwright",
            }
            container = {
                "name": "job",
                "image": job.docker_image,
                "entryPoint": [program],
                "command": arguments,
                "environment": [{"name": name, "value": value} for name, value in variables.items()],
                "logConfiguration": {"logDriver": "awslogs", "options": logs},
            }
            create = EcsRegisterTaskDefinitionOperator(
                task_id="create",
                family="dagwright",
                container_definitions=[container],
                register_task_kwargs={
                    "requiresCompatibilities": [self.launch_type],
                    "networkMode": "awsvpc",
                    "cpu": "256",
                    "memory": "512",
                },
                **aws,
            )
            EcsRunTaskOperator(
                task_id="run",
                task_definition=cast(str, create.output),
                cluster=self.cluster,
                overrides={},
                launch_type=self.launch_type,
                network_configuration={
                    "awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": self.security_groups}
                },
                awslogs_group=self.log_group,
                awslogs_region=self.region,
                awslogs_stream_prefix="dagwright",
                container_name="job",
                reattach=True,
                skip_on_exit_code=job.skip_exit_code,
                do_xcom_push=False,
                **aws,
            )
        return group
