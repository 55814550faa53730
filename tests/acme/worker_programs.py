"""Programs as a worker runs them: in the project's folder, with acme's package installed, each with its own Airflow."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.acme.example_project import Project

__all__ = ["DAGWRIGHT", "Run", "Worker"]

DAGWRIGHT = str(Path(sys.executable).with_name("dagwright"))


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Programs of their own in the project's folder, with acme's package installed."""

    project: Project
    environment: dict[str, str]

    def start(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.project.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def run(self, file: str, folder: Path) -> Run:
        """Run a DAG."""
        workspace, logs = folder / "workspace", folder / "logs"
        command = [DAGWRIGHT, "run", file, "--env", "dev", "--workspace", str(workspace), "--log-dir", str(logs)]
        done = self.start(*command)
        events = re.findall(r"^\d\d:\d\d:\d\d +(\w+) +([\w.]+)", done.stdout, re.MULTILINE)
        states = {task: state for state, task in events}
        return Run(output=done.stdout + done.stderr, exit_code=done.returncode, states=states, folder=folder)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run left behind."""

    output: str
    exit_code: int
    states: dict[str, str]
    folder: Path

    def log(self, task: str) -> str:
        """Return the log of a task."""
        (file,) = self.folder.joinpath("logs").rglob(f"{task}.log")
        return file.read_text(encoding="utf-8")

    def file(self, name: str) -> Path:
        """Return a file of the workspace."""
        (file,) = self.folder.joinpath("workspace").glob(f"*/*/{name}")
        return file
