"""Lets moto's ECS run its tasks: each container command as a process of this machine.

What a test against it shows: that the requests of Airflow's operators are ones that ECS knows (boto3 checks their
shape, moto their sense), that a task is started, found again, waited for, stopped and read, and how exit codes, log
lines in CloudWatch, secrets by reference and failures reach Airflow.

What it does not show: anything about images (the image's name is recorded and ignored, the command runs with this
machine's programs), networks, CPU and memory limits, IAM roles and policies, EFS (a volume's container path has to be a
folder of this machine already) or the time that real tasks take to start. Only the first container of a task runs.

Differences from stock moto: a task is PENDING until its process runs, RUNNING until it ends, then STOPPED with its
real exit code; `stop_task` sends TERM and, two seconds later, KILL; a command that cannot start is `TaskFailedToStart`,
as a missing secret, log group or folder is.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["install"]

_GRACE = 2.0


class _CannotStart(Exception):  # noqa: N818  the name says what happened
    """What real ECS says of a task that never runs."""


def install(image: Mapping[str, str] | None = None) -> None:
    """Change moto's ECS backend.

    Args:
        image: environment variables that stand for what an image holds, such as PYTHONPATH.
    """
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.moto_api import state_manager

    backend: Any = EC2ContainerServiceBackend
    # A task's state is its process's, not the number of times that somebody asked.
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
    start, stop, needs = backend.run_task, backend.stop_task, backend._calculate_task_resource_requirements

    def run_task(self: Any, *args: Any, **kwargs: Any) -> Any:
        tasks = start(self, *args, **kwargs)
        for task in tasks:
            task.last_status, task.stop_code = "PENDING", ""
            task.container = task.containers[0]
            task.container.exitCode = None
            task.runner = _Runner(self, task, image or {})
            task.runner.start()
        return tasks

    def stop_task(self: Any, cluster: str, task_arn: str, reason: str) -> Any:
        before = {id(task): task.last_status for tasks in self.tasks.values() for task in tasks.values()}
        task = stop(self, cluster, task_arn, reason)
        task.last_status = before[id(task)]  # stopped it is when its process has ended
        task.stop_code = "UserInitiated"
        task.runner.end()
        return task

    def calculate(definition: Any) -> Any:
        # moto stumbles over memory that a task has as a whole, as all tasks of Fargate do.
        whole = copy.copy(definition)
        memory = int(definition.memory or 0)
        whole.container_definitions = [{"memory": memory, **each} for each in definition.container_definitions]
        return needs(whole)

    backend.run_task = run_task
    backend.stop_task = stop_task
    backend._calculate_task_resource_requirements = staticmethod(calculate)


class _Runner(threading.Thread):
    """Runs one task."""

    def __init__(self, backend: Any, task: Any, image: Mapping[str, str]) -> None:
        super().__init__(daemon=True, name=f"ecs task {task.id}")
        self.image = image
        self.backend = backend
        self.task = task
        self.definition = backend.describe_task_definition(task.task_definition_arn)
        self.container = self.definition.container_definitions[0]
        overrides = task.overrides.get("containerOverrides") or [{}]
        self.override: dict[str, Any] = next(
            (each for each in overrides if each.get("name") == self.container["name"]), {}
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.ended = threading.Event()

    def run(self) -> None:
        """Start the command and see it to its end."""
        task = self.task
        try:
            write = self._log()
            process = self.process = self._spawned()
        except _CannotStart as problem:
            task.stop_code, task.stopped_reason = "TaskFailedToStart", str(problem)
            task.containers[0].reason = str(problem)
        else:
            task.last_status = task.containers[0].last_status = "RUNNING"
            assert process.stdout is not None
            for line in process.stdout:
                write(line.decode(errors="replace").rstrip("\r\n"))
            code = process.wait()
            task.containers[0].exitCode = code if code >= 0 else 128 - code
            if not task.stop_code:
                task.stop_code, task.stopped_reason = "EssentialContainerExited", "Essential container in task exited"
        task.containers[0].last_status = "STOPPED"
        task.desired_status = task.last_status = "STOPPED"
        self.ended.set()

    def end(self) -> None:
        """End the process, if it runs."""
        deadline = time.monotonic() + _GRACE
        while self.process is None and not self.ended.is_set() and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.process is None:
            return
        self._signal(signal.SIGTERM)
        threading.Timer(_GRACE, self._signal, (signal.SIGKILL,)).start()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def _spawned(self) -> subprocess.Popen[bytes]:
        command = self.override.get("command") or self.container.get("command") or []
        arguments = [*(self.container.get("entryPoint") or []), *command]
        variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **self.image}
        for said in (self.container, self.override):
            variables |= {each["name"]: each["value"] for each in said.get("environment") or ()}
        variables |= {each["name"]: self._secret(each["valueFrom"]) for each in self.container.get("secrets") or ()}
        for mount in self.container.get("mountPoints") or ():
            if not Path(mount["containerPath"]).is_dir():
                raise _CannotStart(f"ResourceInitializationError: failed to mount at {mount['containerPath']}")
        folder = self.container.get("workingDirectory") or "/"
        Path(folder).mkdir(parents=True, exist_ok=True)  # as container runtimes do
        try:
            return subprocess.Popen(
                arguments,
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, IndexError) as error:
            raise _CannotStart(f"CannotStartContainerError: {error}") from error

    def _secret(self, reference: str) -> str:
        account, region = self.backend.account_id, self.backend.region_name
        if ":secretsmanager:" in reference:
            from moto.secretsmanager.models import secretsmanager_backends

            arn, key = reference, ""
            if reference.count(":") > 6:  # arn:...:secret:name:json-key:stage:version
                parts = reference.split(":")
                arn, key = ":".join(parts[:7]), parts[7]
            secrets: Any = secretsmanager_backends[account][region].secrets
            secret = secrets.get(arn)
            if secret is None:
                raise _CannotStart(f"ResourceInitializationError: unable to pull secrets: {reference} is not there")
            text = str(secret.versions[secret.default_version_id]["secret_string"])
            return str(json.loads(text)[key]) if key else text
        from moto.ssm.models import ssm_backends

        name = reference.partition(":parameter")[2] or reference
        found = ssm_backends[account][region].get_parameters([name])
        if not found:
            raise _CannotStart(f"ResourceInitializationError: unable to pull secrets: {reference} is not there")
        return str(found[name].response_object(decrypt=True, region=region)["Value"])

    def _log(self) -> Any:
        """Return a function that writes a line where the task definition says."""
        said = self.container.get("logConfiguration")
        if said is None:
            return lambda line: None
        assert said["logDriver"] == "awslogs", said
        from moto.logs.models import logs_backends

        options = said["options"]
        logs = logs_backends[self.backend.account_id][options["awslogs-region"]]
        group = options["awslogs-group"]
        if group not in logs.groups:
            if options.get("awslogs-create-group") != "true":
                raise _CannotStart(f"ResourceInitializationError: failed to create a log stream: no group {group}")
            logs.create_log_group(group, {})
        stream = f"{options['awslogs-stream-prefix']}/{self.container['name']}/{self.task.id}"
        logs.create_log_stream(group, stream)

        def write(line: str) -> None:
            logs.put_log_events(group, stream, [{"timestamp": int(time.time() * 1000), "message": line}])

        return write
