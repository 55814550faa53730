"""The projects that the cluster's Airflow runs, as somebody would deploy them.

`typical` is `examples/typical` with two broken files beside the good one, deployed by `dagwright sync`; `survival`
has DAGs that get stuck in the middle; `bundled` is small and comes by `DagwrightBundle`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BUNDLED", "PUBLISHED", "Projects"]

ROOT = Path(__file__).resolve().parents[2]
BASH = "airflow.providers.standard.operators.bash.BashOperator"

# A typical DAG with a field that does not exist, and one that is no YAML.
BAD_FIELD = "jobs:\n  job_definitions: []\n  job_definition: []\n"
BAD_TEXT = "jobs:\n  job_definitions: [\n"
BUNDLED = f"""\
# Nothing but the file itself has this comment.
task_args: {{retries: 0}}
tasks:
  hello: {{type: operator, class: {BASH}, args: {{bash_command: "echo hello"}}}}
  fails: {{type: operator, class: {BASH}, depends_on: [hello], args: {{bash_command: "exit 3"}}}}
"""
BAD_BUNDLED = "tasks:\n  a: {type: no_such_thing}\n"

_SIZE = 3 * 1024 * 1024
PUBLISHED = hashlib.shake_256(b"rates").digest(_SIZE)  # what the job of SLOW_PUBLISH makes
SLOW_PUBLISH = f"""\
task_args: {{retries: 2, retry_delay: 1s}}
tasks:
  make:
    type: container_job
    docker_image: rates
    command:
      - python
      - -c
      - |
        import hashlib, pathlib
        pathlib.Path("rates.bin").write_bytes(hashlib.shake_256(b"rates").digest({_SIZE}))
  publish:
    type: sftp_publisher
    depends_on: [make]
    connection_id: slow_sftp
    directory: out
    files: [rates.bin]
"""
SLOW_JOB = """\
task_args: {retries: 2, retry_delay: 1s}
tasks:
  job:
    type: container_job
    docker_image: rates
    command: |
      if [ -e pid ]; then echo done >result.txt; exit; fi
      sleep 600 &
      echo $$ $! >pid.part && mv pid.part pid
      wait
"""
STEADY = f"tasks:\n  hello: {{type: operator, class: {BASH}, args: {{bash_command: 'echo hello'}}}}\n"

_PROJECT = '[env.dev]\nallow = ["process"]\n\n[env.dev.defaults.container_job]\nruntime = {type = "process"}\n'


@dataclass(frozen=True, kw_only=True)
class Projects:
    """The projects' folders, and the DAG folder that `dagwright sync` writes stubs into."""

    folder: Path

    @property
    def dags(self) -> Path:
        return self.folder / "airflow-dags"

    @property
    def typical(self) -> Path:
        return self.folder / "typical"

    def bundles(self) -> str:
        """Return `[dag_processor] dag_bundle_config_list`."""
        local, own = "airflow.dag_processing.bundles.local.LocalDagBundle", "dagwright.adapters.bundle.DagwrightBundle"
        return json.dumps(
            [
                {"name": "stubs", "classpath": local, "kwargs": {"path": str(self.dags)}},
                {"name": "acme", "classpath": own, "kwargs": {"project": str(self.folder / "bundled")}},
            ]
        )

    def write(self) -> None:
        shutil.copytree(ROOT / "examples" / "typical", self.typical)
        (self.typical / "dags" / "bad_field.yml").write_text(BAD_FIELD)
        (self.typical / "dags" / "bad_text.yml").write_text(BAD_TEXT)
        self._write("survival", slow_publish=SLOW_PUBLISH, slow_job=SLOW_JOB, steady=STEADY)
        self._write("bundled", bundled=BUNDLED, bad_bundled=BAD_BUNDLED)
        self.dags.mkdir()

    def deployments(self) -> list[tuple[list[str], int]]:
        """Return the commands that deploy, and their exit codes: 1 where there are broken files, whose stubs are made.

        They need no database.
        """
        codes = {"typical": 1, "survival": 0}
        command = [sys.executable, "-m", "dagwright", "sync", "--project"]
        return [
            ([*command, str(self.folder / project), "--output", str(self.dags / project)], code)
            for project, code in codes.items()
        ]

    def _write(self, project: str, **files: str) -> None:
        (self.folder / project / "dags").mkdir(parents=True)
        (self.folder / project / "dagwright.toml").write_text(_PROJECT)
        for name, text in files.items():
            (self.folder / project / "dags" / f"{name}.dag.yaml").write_text(text)
