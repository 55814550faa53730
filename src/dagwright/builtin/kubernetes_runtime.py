"""Jobs as pods of Kubernetes."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from annotated_types import Ge, MinLen

from dagwright import CheckContext, Diagnostic, FactoryError, ProjectFile
from dagwright.builtin.kubernetes_parts import PodResources, Toleration, WorkspaceClaim
from dagwright.builtin.pod_template import first_unknown_key, pod_template_problem, read_pod_template
from dagwright.builtin.runtime import Runtime

if TYPE_CHECKING:
    from dagwright.builtin.container_job import ContainerJob

__all__ = ["KubernetesRuntime"]

_VOLUME = "dagwright-workspace"
_SECRET = re.compile(r"(?P<name>[a-z0-9]([a-z0-9.-]*[a-z0-9])?)/(?P<key>[\w.-]+)", re.ASCII)
_SHARED = (
    "give the runtime 'workspace_claim' and the project a workspace on it, or a workspace in an object store, "
    "such as s3://"
)


class KubernetesRuntime(Runtime):
    """Run the command in a pod of Kubernetes, whose first container is the job's.

    A retry after the worker was lost finds the pod that still runs. A workspace that is a folder is that of
    `workspace_claim`.

    Attributes:
        namespace: where the pod is made.
        connection_id: the Airflow connection with the cluster and its credentials; `kubernetes_default` where none is
            given, and the worker's own cluster or configuration where that is not defined.
        in_cluster: whether the worker is a pod of the cluster; where it is not said, the connection says it.
        cluster_context: the context of the worker's kubectl configuration.
        service_account: as whom the pod runs.
        node_selector: labels that a node has to have.
        tolerations: taints of nodes that do not keep the pod away.
        labels: of the pod, beside those that Airflow gives it.
        annotations: of the pod.
        resources: of the container; they beat `cpu` and `memory` of a job, which it gets in full: memory as a limit,
            too.
        pull: when the image is fetched; the cluster's own rule where nothing is said.
        image_pull_secrets: names of the secrets with which images are fetched.
        pod_template_file: a manifest that says the rest; its first container is the job's.
        workspace_claim: where the workspace is a folder: the claim that is mounted at its path.
        keep_entrypoint: whether the image's own entry point stays and gets the command as its arguments.
        startup_timeout: for how long a pod may wait for a node and its image.
        on_finish: which pods are deleted when they have ended.
        deferrable: whether the wait is the triggerer's.
        poll_interval: how often the triggerer asks for the state.

    Example:
        ```toml
        [env.prod.defaults.dag]
        workspace = "/mnt/workspaces"

        [env.prod.defaults.container_job.runtime]
        type = "kubernetes"
        namespace = "etl"
        service_account = "etl-jobs"
        workspace_claim = "workspaces"
        ```
    """

    on_worker: ClassVar[bool] = False
    takes_secrets: ClassVar[bool] = True

    namespace: Annotated[str, MinLen(1)]
    connection_id: Annotated[str, MinLen(1)] | None = None
    in_cluster: bool | None = None
    cluster_context: str | None = None
    service_account: Annotated[str, MinLen(1)] | None = None
    node_selector: dict[str, str] = {}
    tolerations: list[Toleration] = []
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    resources: PodResources | None = None
    pull: Literal["Always", "IfNotPresent", "Never"] | None = None
    image_pull_secrets: list[Annotated[str, MinLen(1)]] = []
    pod_template_file: ProjectFile | None = None
    workspace_claim: WorkspaceClaim | None = None
    keep_entrypoint: bool = False
    startup_timeout: Annotated[timedelta, Ge(timedelta(seconds=1))] = timedelta(minutes=10)
    on_finish: Literal["delete_pod", "delete_succeeded_pod", "keep_pod"] = "delete_pod"
    deferrable: bool = False
    poll_interval: Annotated[timedelta, Ge(timedelta(seconds=1))] = timedelta(seconds=10)

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Read the template, and find workspaces that no pod would see."""
        if self.pod_template_file is not None:
            problem = pod_template_problem(self.pod_template_file.location)
            if problem is not None:
                yield context.error("pod_template_file", f"'{self.pod_template_file}' {problem}", code="DW206")
        settings = context.settings
        if settings.workspace is not None and settings.workspace_folder is None:
            if self.workspace_claim is not None:
                message = f"a claim has no place in the workspace '{settings.workspace_shown}', which is no folder"
                yield context.error("workspace_claim", message, code="DW219", at_key=True, help="leave one of them out")
        elif settings.workspace_is_own:
            where = "the default" if settings.workspace is None else "a folder of the project"
            message = f"a pod cannot reach the workspace, which is {where} on each worker"
            yield context.error("", message, code="DW219", help=_SHARED)
        elif self.workspace_claim is None and self.pod_template_file is None:
            message = f"a pod cannot reach the workspace: nothing mounts '{settings.workspace_folder}' in it"
            yield context.error("", message, code="DW219", help=_SHARED)

    def check_job(self, job: "ContainerJob", context: CheckContext) -> Iterable[Diagnostic]:
        """Find secrets that are no keys of secrets."""
        yield from super().check_job(job, context)
        for name, reference in job.secrets.items():
            if not _SECRET.fullmatch(reference):
                message = f"the secret '{name}' is no reference to a secret of Kubernetes"
                yield context.error(
                    ("secrets", name), message, code="DW206", help="write 'NAME/KEY': the secret and the key in it"
                )

    def make_job(self, job: "ContainerJob") -> Any:
        """Return a KubernetesPodOperator."""
        from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
        from airflow.providers.cncf.kubernetes.secret import Secret

        pod = self._pod(job)
        if self.pod_template_file is not None and (unknown := first_unknown_key(pod)) is not None:
            message = f"'{self.pod_template_file}' has a key that no pod has: '{unknown}'"
            raise FactoryError(message, field=("runtime", "pod_template_file"), code="DW206")
        command = [_without_references(argument) for argument in job.arguments]
        variables = job.variables() | {name: _without_references(value) for name, value in job.env.items()}
        # Both become lists, and Airflow takes the order of a list for a change of the DAG.
        variables = dict(sorted(variables.items()))
        secrets = [
            Secret("env", name, *reference.split("/"))  # type: ignore[no-untyped-call]  # the provider's
            for name, reference in sorted(job.secrets.items())
        ]
        operator = KubernetesPodOperator(
            task_id=job.task_id,
            namespace=self.namespace,
            kubernetes_conn_id=self.connection_id or "kubernetes_default",
            in_cluster=self.in_cluster,
            cluster_context=self.cluster_context,
            image=job.docker_image,
            image_pull_policy=self.pull,
            cmds=None if self.keep_entrypoint else command[:1],
            arguments=command if self.keep_entrypoint else command[1:],
            env_vars=variables,
            secrets=secrets,
            labels=self.labels,
            annotations=self.annotations,
            node_selector=self.node_selector,
            service_account_name=self.service_account,
            pod_template_dict=pod,
            startup_timeout_seconds=int(self.startup_timeout.total_seconds()),
            on_finish_action=self.on_finish,
            deferrable=self.deferrable,
            poll_interval=self.poll_interval.total_seconds(),
            container_name_log_prefix_enabled=False,
            log_events_on_failure=True,
            skip_on_exit_code=job.skip_exit_code,
            do_xcom_push=False,
        )
        if self.deferrable and operator.execution_timeout is not None:
            # A task that waits in the triggerer is not timed by Airflow, so that the cluster has to do it.
            operator.active_deadline_seconds = int(operator.execution_timeout.total_seconds())
        return operator

    def _pod(self, job: "ContainerJob") -> dict[str, Any]:
        """Return what the operator has no argument for, or none that templates are rendered in, as a manifest."""
        pod = read_pod_template(None if self.pod_template_file is None else self.pod_template_file.location)
        spec = pod["spec"]
        container = spec["containers"][0]
        container["name"] = "base"  # as the operator calls it
        folder = job.settings.workspace_folder
        if folder is not None:
            container["workingDir"] = "{{ dagwright_workspace(create=true) }}"
        if folder is not None and self.workspace_claim is not None:
            claim = {"name": _VOLUME, "persistentVolumeClaim": {"claimName": self.workspace_claim.name}}
            mount = {"name": _VOLUME, "mountPath": folder}
            if self.workspace_claim.sub_path is not None:
                mount["subPath"] = self.workspace_claim.sub_path
            _append(spec, "volumes", claim)
            _append(container, "volumeMounts", mount)
        _append(spec, "tolerations", *(toleration.manifest() for toleration in self.tolerations))
        _append(spec, "imagePullSecrets", *({"name": name} for name in self.image_pull_secrets))
        for kind, amounts in self._resources(job).items():
            if amounts:
                said = container.setdefault("resources", {})
                said[kind] = {**said.get(kind, {}), **amounts}
        return pod

    def _resources(self, job: "ContainerJob") -> dict[str, dict[str, str]]:
        own = self.resources or PodResources()
        cpu = {} if job.cpu is None else {"cpu": f"{job.cpu:g}"}
        memory = {} if job.memory is None else {"memory": job.memory}
        return {
            "requests": {**cpu, **memory, **own.requests},
            "limits": {**memory, **own.limits},
        }


def _without_references(template: str) -> str:
    """Return a template in whose value Kubernetes reads no `$(NAME)` and halves no `$$`, which belong to the shell."""
    if "$" not in template and "{{" not in template and "{%" not in template:
        return template
    return "{% filter replace('$', '$$') %}" + template + "{% endfilter %}"


def _append(target: dict[str, Any], key: str, *items: Any) -> None:
    if items:
        target[key] = [*(target.get(key) or ()), *items]
