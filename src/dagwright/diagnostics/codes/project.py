"""DW4xx: the project file, environments, and where factories come from."""

from __future__ import annotations

from dagwright.diagnostics.codes.code import Code

__all__ = ["CODES"]

CODES = (
    Code(
        code="DW401",
        title="invalid project file",
        explanation=(
            "dagwright.toml, `[tool.dagwright]` in pyproject.toml or a defaults.yaml has a key that does not exist or "
            "a value of the wrong type. "
            "A setting that is ignored in silence would change every DAG of the project. "
            "Check the spelling; the message lists the keys there are."
        ),
        example_wrong="""\
dag = ["dags/**/*.dag.yaml"]
""",
        example_right="""\
dags = ["dags/**/*.dag.yaml"]
""",
        language="toml",
    ),
    Code(
        code="DW402",
        title="factory module does not import",
        explanation=(
            "A module listed under `factories` in dagwright.toml raises while it is imported, or does not exist. "
            "The message shows the exception and the line in your code. "
            "Its factories are missing until it imports, so files that use them may show further errors. "
            "Import providers inside `make_operator`: then a missing one does not take the module down."
        ),
        example_wrong="""\
factories = ["acme.factoris"]
""",
        example_right="""\
factories = ["acme.factories"]
""",
        language="toml",
    ),
    Code(
        code="DW403",
        title="broken plugin",
        explanation=(
            "An installed package offers factories through the entry point group `dagwright.factories`, and loading "
            "them fails. "
            "The message names the package and its exception. "
            "Everything else keeps working; update the package, or remove it from the environment."
        ),
    ),
    Code(
        code="DW404",
        title="type name clash",
        explanation=(
            "Two factories in one slot have the same type name, and a file uses it. "
            "Choosing one would depend on the order of imports. "
            "Write `package:name` in the file, or give one class another name with `type_name=`."
        ),
        example_wrong="""\
publishers:
  public: {type: s3, bucket: rates, files: [out/rates.csv]}
""",
        example_right="""\
publishers:
  public: {type: "acme:s3", bucket: rates, files: [out/rates.csv]}
""",
    ),
    Code(
        code="DW405",
        title="unknown environment",
        explanation=(
            "`--env` or `DAGWRIGHT_ENV` names an environment that the project file does not declare. "
            "Going on would give production the base values. "
            "Check the spelling, or add `[env.<name>]` to dagwright.toml; an empty table is enough."
        ),
        example_wrong="""\
[env.production.vars]
bucket = "acme-public"
# DAGWRIGHT_ENV=prod
""",
        example_right="""\
[env.prod.vars]
bucket = "acme-public"
# DAGWRIGHT_ENV=prod
""",
        language="toml",
    ),
    Code(
        code="DW406",
        title="no environment chosen inside Airflow",
        explanation=(
            "The project declares environments, Dagwright runs inside a real Airflow, and nothing says which of them "
            "this is. "
            "The base values are meant for a laptop, so no DAG is loaded rather than a wrong one. "
            "Set `DAGWRIGHT_ENV` where the DAG processor and the workers start."
        ),
        example_wrong="""\
airflow dag-processor
""",
        example_right="""\
DAGWRIGHT_ENV=prod airflow dag-processor
""",
        language="text",
    ),
    Code(
        code="DW407",
        title="defaults for an unknown factory",
        explanation=(
            "A table under `defaults` names no registered factory. "
            "Such defaults would never apply, which nobody would notice. "
            "The name is a factory's type name, or `dag` for every DAG. "
            "Check the spelling and that the factory's package is listed under `factories`."
        ),
        example_wrong="""\
[defaults.containerjob]
docker_image = "base"
""",
        example_right="""\
[defaults.container_job]
docker_image = "base"
""",
        language="toml",
    ),
    Code(
        code="DW408",
        title="environment variable not set",
        explanation=(
            "A var of the project takes its value from a variable of the process environment, that variable is not "
            "set, and the var has no default. "
            "Set the variable where Dagwright runs, or give a default for machines that do not need the real value."
        ),
        example_wrong="""\
[vars]
copy_role = { from_env = "COPY_ROLE_ARN" }
""",
        example_right="""\
[vars]
copy_role = { from_env = "COPY_ROLE_ARN", default = "none" }
""",
        language="toml",
    ),
    Code(
        code="DW409",
        title="no DAG file found",
        explanation=(
            "The project's patterns match no file, so there is nothing to check. "
            "A check of nothing that succeeds would hide a moved folder. "
            "Patterns are relative to the folder of the project file; files listed in .airflowignore do not count. "
            "Check `dags` and `[[bind]]` in dagwright.toml."
        ),
        example_wrong="""\
dags = ["dag/**/*.dag.yaml"]
""",
        example_right="""\
dags = ["dags/**/*.dag.yaml"]
""",
        language="toml",
    ),
    Code(
        code="DW410",
        title="invalid factory class",
        explanation=(
            "A factory's Python class cannot be used: a field has a type that no data can have, two options "
            "contradict each other, or a method that makes its operators is missing. "
            "Mend the class; the message names it and the field. "
            "Files that use the factory cannot be checked until then."
        ),
        example_wrong="""\
class DownloadFile(OperatorFactory):
    url: socket
""",
        example_right="""\
class DownloadFile(OperatorFactory):
    url: str

    def make_operator(self): ...
""",
        language="python",
    ),
    Code(
        code="DW411",
        title="file is not, or not clearly, part of the project",
        explanation=(
            "Two `[[bind]]` tables claim a file for different types, so its type is undecided; or a file was "
            "named that holds a folder's defaults and is no DAG file. "
            "In the first case change the patterns in dagwright.toml until one applies; in the second name the folder."
        ),
        example_wrong="""\
[[bind]]
path = "dags/**/*.yml"
type = "typical_dag"

[[bind]]
path = "dags/loads/*.yml"
type = "load_dag"
""",
        example_right="""\
[[bind]]
path = "dags/typical/*.yml"
type = "typical_dag"

[[bind]]
path = "dags/loads/*.yml"
type = "load_dag"
""",
        language="toml",
    ),
)
