"""The files of a new project: small, commented, and working at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

__all__ = ["project_files"]

_PROJECT = """\
# A Dagwright project: every *.dag.yaml below dags/ is a DAG.
dags = ["dags/**/*.dag.yaml"]
factories = ["@PACKAGE@"]

# Defaults for every DAG, and for every job wherever it stands.
[defaults.dag]
owner = "@NAME@"

# On this machine jobs run as processes; `dagwright run` needs nothing else. A real Airflow refuses processes of its
# worker unless an environment allows them:
#
# [env.dev]
# allow = ["process"]
"""

_DAG = """\
# The file's name is the DAG's id: hello. Try
#   dagwright check
#   dagwright show dags/hello.dag.yaml --origins
#   dagwright run dags/hello.dag.yaml
description: Write a greeting and count its letters
schedule: "@daily"
tasks:
  greet:
    type: container_job
    docker_image: alpine            # ignored where jobs run as processes
    command: echo "Hello from {{ dag.dag_id }}" > greeting.txt
  count:
    type: container_job
    depends_on: [greet]
    docker_image: alpine
    command: wc -c < greeting.txt
"""

_FACTORY = '''\
"""The project's own factories. `dagwright ls factories` lists them, `dagwright describe` says what they take."""

from dagwright import OperatorFactory


class Greeting(OperatorFactory):
    """Write a greeting to the task's log.

    Attributes:
        text: what to say; Airflow's Jinja is rendered when the task runs.
    """

    text: str

    def make_operator(self):
        # Imported here and not at the top, so that `dagwright check` stays fast.
        from airflow.providers.standard.operators.bash import BashOperator

        return BashOperator(task_id=self.task_id, bash_command='echo "$TEXT"', env={"TEXT": self.text})


# A DAG file uses it so:
#
#   tasks:
#     hello:
#       type: greeting
#       text: Hello on {{ ds }}
'''

_IGNORE = """\
.dagwright/
__pycache__/
"""

_README = """\
# @NAME@

DAGs for Apache Airflow, written as data.

| | |
|---|---|
| `dagwright.toml` | the project: where DAG files are, defaults, environments |
| `dags/` | one YAML file for each DAG |
| `@PACKAGE@/` | the project's own factories, in Python |

```sh
dagwright check                          # find everything that is wrong, without Airflow
dagwright show dags/hello.dag.yaml       # what a file says after all defaults
dagwright graph dags/hello.dag.yaml      # the tasks as Airflow will have them
dagwright run dags/hello.dag.yaml        # run it here and now
```

`run` and `graph` need Airflow: `pip install 'dagwright[airflow]'`.
"""


def project_files(folder: Path) -> Mapping[Path, str]:
    """Return the files of a new project and their texts; names come from the folder's."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.name).strip("-") or "project"
    package = f"{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_') or 'project'}_factories"
    if package[0].isdigit():
        package = f"_{package}"
    texts = {
        "dagwright.toml": _PROJECT,
        "dags/hello.dag.yaml": _DAG,
        f"{package}/__init__.py": _FACTORY,
        ".gitignore": _IGNORE,
        "README.md": _README,
    }
    return {folder / path: text.replace("@PACKAGE@", package).replace("@NAME@", name) for path, text in texts.items()}
