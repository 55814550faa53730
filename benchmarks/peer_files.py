"""The DAGs of the benchmark as users of dag-factory and of airflow-blueprint write them.

Both are written as the projects' own documentation shows it: a file per DAG in Airflow's DAG folder, one Python file
there that loads them all, shared values in the place that each has for them.

dag-factory describes each task, so its files hold twenty: tasks and groups as lists, the format that it recommends.
airflow-blueprint composes templates, as Dagwright composes factories: its files are as short.
"""

from __future__ import annotations

from benchmarks.names import dag_id, tables_of

__all__ = ["BLUEPRINT_FILES", "DAG_FACTORY_FILES", "blueprint_data", "dag_factory_data"]

# -- dag-factory -----------------------------------------------------------------------------------------------------

DAG_FACTORY_FILES = {
    "load_dags.py": '''\
"""Every DAG of the folder; Airflow reads only files that say so."""

from pathlib import Path

from dagfactory import load_yaml_dags

load_yaml_dags(globals_dict=globals(), dags_folder=str(Path(__file__).parent))
''',
}


def dag_factory_data(number: int) -> str:
    """Return the YAML of one DAG."""
    tables = tables_of(number)
    lines = [
        f"# The tables of region {number}, loaded every night.",
        f"{dag_id(number)}:",
        f"  description: The tables of region {number}",
        f'  schedule: "0 {number % 24} * * *"',
        "  start_date: 2026-01-01",
        f"  tags: [warehouse, region-{number}]",
        "  default_args:",
        "    owner: data-platform",
        "    retries: 2",
        "    retry_delay_sec: 300",
        "  task_groups:",
    ]
    for table in tables:
        lines += [f"    - group_name: {table}", "      tooltip: Load one table once its source is there."]
    lines += [
        "    - group_name: publish",
        "      tooltip: Export tables and hand them to a partner.",
        f"      dependencies: [{', '.join(tables)}]",
        "  tasks:",
    ]
    for index, table in enumerate(tables):
        source = f"s3://lake/{table}/day.csv"
        mode = "append" if index % 2 else "replace"
        lines += _task("wait", table, None, f"python -m warehouse.wait {source}", "      retries: 10")
        lines += _task("fetch", table, "wait", f"python -m warehouse.fetch {source} {{{{ ds }}}}")
        lines += _task(
            "load",
            table,
            "fetch",
            f"python -m warehouse.load {table} {{{{ ds }}}}",
            f'      env: {{COLUMNS: "day,region,customer,amount", MODE: {mode}}}',
            "      append_env: true",
        )
        lines += _task("verify", table, "load", f"python -m warehouse.verify {table} {{{{ ds }}}}")
    lines += _task(
        "export",
        "publish",
        None,
        "python -m warehouse.export {{ ds }}",
        f'      env: {{TABLES: "{",".join(tables)}"}}',
        "      append_env: true",
    )
    lines += _task("sign", "publish", "export", "python -m warehouse.sign {{ ds }}")
    lines += _task("upload", "publish", "sign", "python -m warehouse.upload acme-public {{ ds }}")
    lines += _task("notify", "publish", "upload", "python -m warehouse.notify {{ ds }}")
    return "".join(f"{line}\n" for line in lines)


def _task(name: str, group: str, upstream: str | None, command: str, *more: str) -> list[str]:
    return [
        f"    - task_id: {name}_{group}",
        "      operator: airflow.providers.standard.operators.bash.BashOperator",
        f'      bash_command: "{command}"',
        f"      task_group_name: {group}",
        *([f"      dependencies: [{upstream}_{group}]"] if upstream else []),
        *more,
    ]


# -- airflow-blueprint -----------------------------------------------------------------------------------------------

BLUEPRINT_FILES = {
    "loader.py": '''\
"""Every DAG of the folder."""

from blueprint import build_all_airflow_dags

build_all_airflow_dags()
''',
    "blueprint.vars.yaml": "vars:\n  public_bucket: acme-public\n",
    "dag_args.py": '''\
"""What DAGs take as arguments."""

from datetime import datetime, timedelta, timezone
from typing import Any

from blueprint import BaseModel, BlueprintDagArgs, Field


class ProjectDagArgsConfig(BaseModel):
    description: str
    schedule: str
    start_date: str
    tags: list[str]
    owner: str = "data-platform"
    retries: int = Field(default=0, ge=0)
    retry_delay_minutes: int = Field(default=5, ge=0)


class ProjectDagArgs(BlueprintDagArgs[ProjectDagArgsConfig]):
    """The arguments of every DAG."""

    def render(self, config: ProjectDagArgsConfig) -> dict[str, Any]:
        return {
            "description": config.description,
            "schedule": config.schedule,
            "start_date": datetime.fromisoformat(config.start_date).replace(tzinfo=timezone.utc),
            "tags": config.tags,
            "default_args": {
                "owner": config.owner,
                "retries": config.retries,
                "retry_delay": timedelta(minutes=config.retry_delay_minutes),
            },
        }
''',
    "warehouse_blueprints.py": '''\
"""What the warehouse's DAGs are made of."""

from typing import Literal

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import TaskGroup
from blueprint import BaseModel, Blueprint


class LoadTableConfig(BaseModel):
    source: str
    columns: list[str]
    mode: Literal["append", "replace"] = "append"


class LoadTable(Blueprint[LoadTableConfig]):
    """Load one table once its source is there."""

    def render(self, config: LoadTableConfig) -> TaskGroup:
        table = self.step_id
        with TaskGroup(group_id=table, tooltip="Load one table once its source is there.") as group:
            wait = BashOperator(task_id="wait", bash_command=f"python -m warehouse.wait {config.source}", retries=10)
            fetch = BashOperator(
                task_id="fetch", bash_command=f"python -m warehouse.fetch {config.source} {{{{ ds }}}}"
            )
            load = BashOperator(
                task_id="load",
                bash_command=f"python -m warehouse.load {table} {{{{ ds }}}}",
                env={"COLUMNS": ",".join(config.columns), "MODE": config.mode},
                append_env=True,
            )
            verify = BashOperator(task_id="verify", bash_command=f"python -m warehouse.verify {table} {{{{ ds }}}}")
            wait >> fetch >> load >> verify
        return group


class PublishConfig(BaseModel):
    bucket: str
    tables: list[str]


class Publish(Blueprint[PublishConfig]):
    """Export tables and hand them to a partner."""

    def render(self, config: PublishConfig) -> TaskGroup:
        with TaskGroup(group_id=self.step_id, tooltip="Export tables and hand them to a partner.") as group:
            export = BashOperator(
                task_id="export",
                bash_command="python -m warehouse.export {{ ds }}",
                env={"TABLES": ",".join(config.tables)},
                append_env=True,
            )
            sign = BashOperator(task_id="sign", bash_command="python -m warehouse.sign {{ ds }}")
            upload = BashOperator(
                task_id="upload", bash_command=f"python -m warehouse.upload {config.bucket} {{{{ ds }}}}"
            )
            notify = BashOperator(task_id="notify", bash_command="python -m warehouse.notify {{ ds }}")
            export >> sign >> upload >> notify
        return group
''',
}


def blueprint_data(number: int) -> str:
    """Return the YAML of one DAG."""
    tables = tables_of(number)
    steps = "".join(
        f"  {table}:\n"
        f"    blueprint: load_table\n"
        f"    source: s3://lake/{table}/day.csv\n"
        f"    columns: [day, region, customer, amount]\n"
        f"    mode: {'append' if index % 2 else 'replace'}\n"
        for index, table in enumerate(tables)
    )
    return (
        f"# The tables of region {number}, loaded every night.\n"
        f"dag_id: {dag_id(number)}\n"
        f"description: The tables of region {number}\n"
        f'schedule: "0 {number % 24} * * *"\n'
        f'start_date: "2026-01-01"\n'
        f"tags: [warehouse, region-{number}]\n"
        f"retries: 2\n"
        f"retry_delay_minutes: 5\n"
        f"steps:\n{steps}"
        f"  publish:\n"
        f"    blueprint: publish\n"
        f"    depends_on: [{', '.join(tables)}]\n"
        f"    bucket: ${{public_bucket}}\n"
        f"    tables: [{', '.join(tables)}]\n"
    )
