"""DW3xx: tasks, their ids, and what they depend on."""

from __future__ import annotations

from dagwright.diagnostics.codes.code import Code

__all__ = ["CODES"]

CODES = (
    Code(
        code="DW301",
        title="dependency on nothing",
        explanation=(
            "`depends_on` names a task that does not exist beside this one. "
            "Were it ignored, the task would start too early. "
            "`depends_on` reaches only siblings of the same list or mapping; check the spelling, or let the whole "
            "stage depend on the other one."
        ),
        example_wrong="""\
tasks:
  fetch: {type: python_job, callable: acme.jobs.fetch}
  load: {type: python_job, callable: acme.jobs.load, depends_on: [fecth]}
""",
        example_right="""\
tasks:
  fetch: {type: python_job, callable: acme.jobs.fetch}
  load: {type: python_job, callable: acme.jobs.load, depends_on: [fetch]}
""",
    ),
    Code(
        code="DW302",
        title="dependency on itself",
        explanation=(
            "A task names itself in `depends_on`, so it could never start. "
            "Remove the name. "
            "If a run shall wait for the same task of the previous run, set `depends_on_past` in `task_args`."
        ),
        example_wrong="""\
tasks:
  load: {type: python_job, callable: acme.jobs.load, depends_on: [load]}
""",
        example_right="""\
tasks:
  load: {type: python_job, callable: acme.jobs.load, task_args: {depends_on_past: true}}
""",
    ),
    Code(
        code="DW303",
        title="cycle",
        explanation=(
            "Tasks depend on each other in a circle, so none of them could ever start. "
            "The message shows the whole circle. "
            "Remove the dependency that is not real; where two tasks need parts of each other, split one of them."
        ),
        example_wrong="""\
tasks:
  fetch: {type: python_job, callable: acme.jobs.fetch, depends_on: [load]}
  load: {type: python_job, callable: acme.jobs.load, depends_on: [fetch]}
""",
        example_right="""\
tasks:
  fetch: {type: python_job, callable: acme.jobs.fetch}
  load: {type: python_job, callable: acme.jobs.load, depends_on: [fetch]}
""",
    ),
    Code(
        code="DW304",
        title="duplicate task name",
        explanation=(
            "Two siblings have the same name. "
            "Names become task ids, and two tasks cannot share one. "
            "Rename one of them; `depends_on` would not know which is meant either."
        ),
        example_wrong="""\
jobs:
  job_definitions:
    - {name: load, docker_image: rates, command: python load.py}
    - {name: load, docker_image: rates, command: python check.py}
""",
        example_right="""\
jobs:
  job_definitions:
    - {name: load, docker_image: rates, command: python load.py}
    - {name: check, docker_image: rates, command: python check.py}
""",
    ),
    Code(
        code="DW305",
        title="duplicate DAG id",
        explanation=(
            "Two files of the project give the same DAG id. "
            "Airflow would show one of them, and which one may change from parse to parse. "
            "The id is the file's name up to its first dot, whatever folder it lies in. "
            "A file that is called like the id keeps it, else the first one, in the order of their names; "
            "files with errors of their own come last. "
            "Rename the other or give it another `dag_id`."
        ),
        example_wrong="""\
# dags/finance/daily.dag.yaml, beside dags/rates/daily.dag.yaml
schedule: "@daily"
""",
        example_right="""\
# dags/finance/daily.dag.yaml, beside dags/rates/daily.dag.yaml
dag_id: finance_daily
schedule: "@daily"
""",
    ),
    Code(
        code="DW306",
        title="illegal id",
        explanation=(
            "Airflow does not accept the id that this name makes. "
            "Names of tasks and TaskGroups may hold letters, digits, dashes and underscores, DAG ids dots as well, and "
            "the full id, its groups included, has fewer than 250 characters. "
            "Rename it. "
            "Nothing is replaced automatically, because two names could then become one id."
        ),
        example_wrong="""\
tasks:
  load rates: {type: python_job, callable: acme.jobs.load}
""",
        example_right="""\
tasks:
  load_rates: {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW307",
        title="task without a name",
        explanation=(
            "An entry of a list has no name, so its task would have no lasting id. "
            "A place in the list is never used for it: inserting an entry would move the history of all that follow. "
            "Give it a `name`."
        ),
        example_wrong="""\
jobs:
  job_definitions:
    - {docker_image: rates, command: python load.py}
""",
        example_right="""\
jobs:
  job_definitions:
    - {name: load, docker_image: rates, command: python load.py}
""",
    ),
)
