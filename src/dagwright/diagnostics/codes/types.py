"""DW2xx: values that do not fit the types of the factories."""

from __future__ import annotations

from dagwright.diagnostics.codes.code import Code

__all__ = ["CODES"]

CODES = (
    Code(
        code="DW201",
        title="unknown type",
        explanation=(
            "`type` names no factory that fits this slot. "
            "Either it is misspelt, or the package that brings the factory is not installed or not listed under "
            "`factories` in dagwright.toml. "
            "`dagwright ls factories` shows what is registered for each slot."
        ),
        example_wrong="""\
publishers:
  public: {type: s3_bucket, bucket: rates, files: [out/rates.csv]}
""",
        example_right="""\
publishers:
  public: {type: s3, bucket: rates, files: [out/rates.csv]}
""",
    ),
    Code(
        code="DW202",
        title="type missing",
        explanation=(
            "This place is a slot that several factories can fill, and nothing says which. "
            "Dagwright never guesses from the other fields: adding a field to one factory could then change what an "
            "old file means. "
            "Add `type`, or set a default filler where the slot is declared."
        ),
        example_wrong="""\
tasks:
  load: {callable: acme.jobs.load}
""",
        example_right="""\
tasks:
  load: {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW203",
        title="unknown field",
        explanation=(
            "The factory has no field of this name. "
            "Unknown keys are errors everywhere, because a misspelt option that is ignored in silence is found only "
            "when the data is wrong. "
            "The message lists the fields there are; `dagwright describe` shows them with their types."
        ),
        example_wrong="""\
tasks:
  load: {type: python_job, calable: acme.jobs.load}
""",
        example_right="""\
tasks:
  load: {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW204",
        title="missing field",
        explanation=(
            "The factory needs a field that neither the file nor any default gives. "
            "Add it here, or set it for all factories of this type under `[defaults.…]` in dagwright.toml or in the "
            "folder's defaults.yaml."
        ),
        example_wrong="""\
publishers:
  sftp: {files: [out/rates.csv]}
""",
        example_right="""\
publishers:
  sftp: {connection_id: partner_sftp, files: [out/rates.csv]}
""",
    ),
    Code(
        code="DW205",
        title="wrong type of value",
        explanation=(
            "The value is of another type than the field. "
            'Values are taken as JSON Schema sees them: `"3"` is a string and no integer, and `yes` is a string and '
            "no truth value. "
            "Dates and durations (`5m`, `PT5M`) are read from strings. "
            "Remove or add quotes, or put a single item into a list where a list is asked for."
        ),
        example_wrong="""\
task_args: {retries: "3"}
""",
        example_right="""\
task_args: {retries: 3}
""",
    ),
    Code(
        code="DW206",
        title="value not allowed",
        explanation=(
            "The value has the right type and breaks a rule of the field: it is none of the allowed choices, too "
            "small or too long, or does not match a pattern. "
            "The message says which rule. "
            "`dagwright describe` shows all rules of a factory's fields."
        ),
        example_wrong="""\
task_args: {retries: -1}
""",
        example_right="""\
task_args: {retries: 1}
""",
    ),
    Code(
        code="DW207",
        title="unresolved reference",
        explanation=(
            "A `${{ }}` reference names something that the project does not declare. "
            "`vars.…` come from `[vars]` in dagwright.toml and from the chosen environment, `env.name` is that "
            "environment's name. "
            "Declare the variable; one that comes from the process environment is declared with `from_env`. "
            "A text that shall hold `${{` itself is written `$${{`."
        ),
        example_wrong="""\
publishers:
  s3: {bucket: "${{ vars.pubic_bucket }}", files: [out/rates.csv]}
""",
        example_right="""\
publishers:
  s3: {bucket: "${{ vars.public_bucket }}", files: [out/rates.csv]}
""",
    ),
    Code(
        code="DW208",
        title="malformed reference",
        explanation=(
            "What stands between `${{` and `}}` is not a reference. "
            "A reference is a dotted name such as `vars.bucket` and nothing else: no calls, operators or filters, so "
            "that any tool can read a DAG file. "
            "Values that have to be computed belong into a factory; Airflow's own `{{ }}` templates pass through "
            "untouched."
        ),
        example_wrong="""\
publishers:
  s3: {bucket: "${{ vars.bucket | upper }}", files: [out/rates.csv]}
""",
        example_right="""\
publishers:
  s3: {bucket: "${{ vars.bucket }}", files: [out/rates.csv]}
""",
    ),
    Code(
        code="DW209",
        title="name contradicts its key",
        explanation=(
            "In a keyed slot the key is the name, and this entry also gives a different `name`. "
            "Task ids are made from that name, and Airflow keeps a task's history under its id, so there must be one "
            "answer. "
            "Remove `name`, or make the two equal."
        ),
        example_wrong="""\
tasks:
  load: {type: python_job, name: upload, callable: acme.jobs.load}
""",
        example_right="""\
tasks:
  load: {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW210",
        title="refused by the factory's own check",
        explanation=(
            "The fields are right one by one, and a check that the factory's author wrote refuses them together. "
            "The message is that check's own. "
            "Change the values as it asks; `dagwright describe` shows the factory's documentation."
        ),
    ),
    Code(
        code="DW211",
        title="path leaves its folder",
        explanation=(
            "A path is absolute or climbs with `..` out of the project or out of the run's workspace. "
            "A DAG must not read or overwrite files of the machine it happens to run on, and such a path means "
            "another file on the next machine. "
            "Give a path inside the folder; what lies elsewhere is fetched by a task."
        ),
        example_wrong="""\
validators:
  files:
    - {path: ../other_run/rates.csv, validation_suite: suites/rates.json}
""",
        example_right="""\
validators:
  files:
    - {path: out/rates.csv, validation_suite: suites/rates.json}
""",
    ),
    Code(
        code="DW212",
        title="file not found",
        explanation=(
            "A file that the DAG file names is not there. "
            "Such paths are looked up in the DAG file's own folder first and then in the project's folder. "
            "Check the spelling, including upper and lower case, and that the file is committed."
        ),
        example_wrong="""\
validators:
  files:
    - {path: out/rates.csv, validation_suite: suits/rates.json}
""",
        example_right="""\
validators:
  files:
    - {path: out/rates.csv, validation_suite: suites/rates.json}
""",
    ),
    Code(
        code="DW213",
        title="not a valid suite",
        explanation=(
            "The file is there and is no Great Expectations suite. "
            "A suite is a JSON object with a name and a list `expectations`, each with its type and `kwargs`. "
            "It is checked here, so that the mistake is found before the data has been made."
        ),
        example_wrong="""\
["expect_column_to_exist"]
""",
        example_right="""\
{
  "name": "rates",
  "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "rate"}}]
}
""",
        language="json",
    ),
    Code(
        code="DW214",
        title="unknown expectation",
        explanation=(
            "The suite names an expectation that Great Expectations does not have. "
            "A validation that cannot run is no validation, so the DAG does not load. "
            "Check the spelling; the type is written in snake_case and begins with `expect_`."
        ),
        example_wrong="""\
{
  "name": "rates",
  "expectations": [{"type": "expect_column_to_exists", "kwargs": {"column": "rate"}}]
}
""",
        example_right="""\
{
  "name": "rates",
  "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "rate"}}]
}
""",
        language="json",
    ),
    Code(
        code="DW215",
        title="operator not allowed",
        explanation=(
            "`type: operator` names a class that the project's allow-list does not cover. "
            "A DAG file must not be able to run any code that happens to be importable, so the name is checked before "
            "anything is imported. "
            "Add the class or its package to `operators` in dagwright.toml if the project trusts it."
        ),
        example_wrong="""\
tasks:
  wait: {type: operator, class: subprocess.Popen}
""",
        example_right="""\
tasks:
  wait:
    type: operator
    class: airflow.providers.standard.sensors.filesystem.FileSensor
    args: {filepath: out/rates.csv}
""",
    ),
    Code(
        code="DW216",
        title="callable not found",
        explanation=(
            "The dotted name leads to no function: the module does not exist, it has nothing of this name, or what it "
            "has cannot be called. "
            "The module has to be importable where `check` runs and where the task runs. "
            "Check the spelling and that its package is installed."
        ),
        example_wrong="""\
tasks:
  load: {type: python_job, callable: acme.jobs.lad}
""",
        example_right="""\
tasks:
  load: {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW217",
        title="arguments do not fit the callable",
        explanation=(
            "The function's signature does not take these arguments: one is unknown, one is missing, or one has the "
            "wrong type. "
            "Otherwise the task would fail only when it runs. "
            "The message shows the signature."
        ),
    ),
    Code(
        code="DW218",
        title="same file name published twice",
        explanation=(
            "Two files of one publisher have the same name, and it writes both into one folder. "
            "The second would overwrite the first without a trace. "
            "Rename one of them, or publish it under another prefix with a second publisher."
        ),
        example_wrong="""\
publishers:
  sftp: {connection_id: partner_sftp, files: [daily/rates.csv, monthly/rates.csv]}
""",
        example_right="""\
publishers:
  sftp: {connection_id: partner_sftp, files: [out/daily_rates.csv, out/monthly_rates.csv]}
""",
    ),
    Code(
        code="DW219",
        title="runtime and workspace cannot meet",
        explanation=(
            "The job would run where the files of its DAG run are not: a container on another machine sees no folder "
            "of the worker, and several workers see none of each other's. "
            "Every job would write into a place of its own, and whatever comes after it would find nothing. "
            "Mount one file system everywhere and name its folder as the workspace, or name an object store."
        ),
        example_wrong="""\
workspace: workspaces
tasks:
  fetch:
    type: container_job
    docker_image: ecb-rates
    command: python fetch.py
    runtime: {type: kubernetes, namespace: etl}
""",
        example_right="""\
workspace: s3://acme-workspaces/dagwright
tasks:
  fetch:
    type: container_job
    docker_image: ecb-rates
    command: python fetch.py
    runtime: {type: kubernetes, namespace: etl}
""",
    ),
)
