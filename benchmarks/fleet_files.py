"""The files that the benchmark compares: the same DAGs as YAML and as Python written by hand.

Two kinds of DAG, 20 tasks each. *Factory-shaped*: five entries of data, each of which a factory turns into a TaskGroup
of four operators. *Task by task*: `pipeline` with twenty entries, one operator each.

The Python is what a careful engineer writes for a fleet: one file per DAG, with documentation; what DAGs have in common
stands in one module. For the factory-shaped kind that module holds a function per TaskGroup, because nobody writes the
same four operators out 440 times; a DAG's file then holds as much information as its YAML.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.names import dag_id, file_name, tables_of
from benchmarks.peer_files import BLUEPRINT_FILES, DAG_FACTORY_FILES, blueprint_data, dag_factory_data

__all__ = ["KINDS", "Fleet", "Kind", "write_fleet"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of DAG: the files that all DAGs share, and those of one DAG by its number.

    Attributes:
        name: as the table shows it.
        project: texts by file name in the project's folder.
        common: the module that the hand-written files import.
        data: makes the YAML of a DAG.
        by_hand: makes the Python of the same DAG.
        has_peers: whether other libraries have the same DAGs.
    """

    name: str
    project: dict[str, str]
    common: str
    data: Callable[[int], str]
    by_hand: Callable[[int], str]
    has_peers: bool = False


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """A generated fleet.

    Attributes:
        kind: of its DAGs.
        size: how many there are.
        project: the folder with `dagwright.toml`.
        loader: the folder with the Python file that calls `load_dags`.
        stubs: the folder with what `dagwright sync` wrote.
        by_hand: the folder with one Python file per DAG.
        modules: the folder of the module that the hand-written files import.
        dag_factory: the folder that dag-factory loads; factory-shaped DAGs only.
        blueprint: the folder that airflow-blueprint loads; factory-shaped DAGs only.
    """

    kind: Kind
    size: int
    project: Path
    loader: Path
    stubs: Path
    by_hand: Path
    modules: Path
    dag_factory: Path
    blueprint: Path

    @property
    def one(self) -> int:
        """The number of the DAG that a worker makes."""
        return self.size // 2


def write_fleet(kind: Kind, size: int, folder: Path) -> Fleet:
    """Write a fleet of `size` DAGs, in every way but the stubs, which `dagwright sync` writes."""
    fleet = Fleet(
        kind=kind,
        size=size,
        project=folder / "project",
        loader=folder / "loader",
        stubs=folder / "stubs",
        by_hand=folder / "by_hand" / "dags",
        modules=folder / "by_hand" / "modules",
        dag_factory=folder / "dag_factory",
        blueprint=folder / "blueprint",
    )
    shared = {fleet.project: kind.project, fleet.modules: {"fleet_common.py": kind.common}}
    files = [(fleet.project / "dags", ".dag.yaml", kind.data), (fleet.by_hand, ".py", kind.by_hand)]
    if kind.has_peers:
        shared |= {fleet.dag_factory: DAG_FACTORY_FILES, fleet.blueprint: BLUEPRINT_FILES}
        files += [(fleet.dag_factory, ".yml", dag_factory_data), (fleet.blueprint, ".dag.yaml", blueprint_data)]
    for place, texts in shared.items():
        for name, text in texts.items():
            _write(place / name, text)
    for place, ending, text_of in files:
        for number in range(size):
            _write(place / file_name(number, ending), text_of(number))
    _write(fleet.loader / "load_all_dags.py", _LOADER.format(project=str(fleet.project)))
    return fleet


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


_LOADER = '''\
"""Every DAG of the project, for Airflow's DagBag; Airflow reads only files that say so."""

from dagwright import load_dags

load_dags(globals(), {project!r})
'''
# -- factory-shaped --------------------------------------------------------------------------------------------------

_FACTORIES = '''\
"""What the warehouse's DAGs are made of."""

from typing import Literal

from dagwright import DagFactory, OperatorFactory, chain


class LoadTable(OperatorFactory, name_from="table"):
    """Load one table once its source is there.

    Attributes:
        table: the table.
        source: the URI of the file to load.
        columns: the columns to load.
        mode: whether rows are added or replaced.
    """

    table: str
    source: str
    columns: list[str]
    mode: Literal["append", "replace"] = "append"

    def make_operators(self) -> None:
        from airflow.providers.standard.operators.bash import BashOperator

        wait = BashOperator(task_id="wait", bash_command=f"python -m warehouse.wait {self.source}", retries=10)
        fetch = BashOperator(task_id="fetch", bash_command=f"python -m warehouse.fetch {self.source} {{{{ ds }}}}")
        load = BashOperator(
            task_id="load",
            bash_command=f"python -m warehouse.load {self.table} {{{{ ds }}}}",
            env={"COLUMNS": ",".join(self.columns), "MODE": self.mode},
            append_env=True,
        )
        verify = BashOperator(task_id="verify", bash_command=f"python -m warehouse.verify {self.table} {{{{ ds }}}}")
        wait >> fetch >> load >> verify


class Publish(OperatorFactory):
    """Export tables and hand them to a partner.

    Attributes:
        bucket: where the export goes.
        tables: the tables to export.
    """

    bucket: str
    tables: list[str]

    def make_operators(self) -> None:
        from airflow.providers.standard.operators.bash import BashOperator

        export = BashOperator(
            task_id="export",
            bash_command="python -m warehouse.export {{ ds }}",
            env={"TABLES": ",".join(self.tables)},
            append_env=True,
        )
        sign = BashOperator(task_id="sign", bash_command="python -m warehouse.sign {{ ds }}")
        upload = BashOperator(task_id="upload", bash_command=f"python -m warehouse.upload {self.bucket} {{{{ ds }}}}")
        notify = BashOperator(task_id="notify", bash_command="python -m warehouse.notify {{ ds }}")
        export >> sign >> upload >> notify


class WarehouseDag(DagFactory, type_name="warehouse"):
    """Load tables, then publish them.

    Attributes:
        loads: the tables.
        publish: where they go.
    """

    loads: list[LoadTable]
    publish: Publish

    def make_tasks(self) -> None:
        chain(self.loads, self.publish)
'''
_COMMON = '''\
"""What the warehouse's DAGs have in common."""

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import TaskGroup

BUCKET = "acme-public"
OWNER = "data-platform"

LOAD_TABLE = """Load one table once its source is there.

Attributes:
    table: the table.
    source: the URI of the file to load.
    columns: the columns to load.
    mode: whether rows are added or replaced."""
PUBLISH = """Export tables and hand them to a partner.

Attributes:
    bucket: where the export goes.
    tables: the tables to export."""


def load_table(table: str, source: str, columns: list[str], mode: str = "append") -> TaskGroup:
    with TaskGroup(table, tooltip="Load one table once its source is there.", doc_md=LOAD_TABLE) as group:
        wait = BashOperator(task_id="wait", bash_command=f"python -m warehouse.wait {source}", retries=10)
        fetch = BashOperator(task_id="fetch", bash_command=f"python -m warehouse.fetch {source} {{{{ ds }}}}")
        load = BashOperator(
            task_id="load",
            bash_command=f"python -m warehouse.load {table} {{{{ ds }}}}",
            env={"COLUMNS": ",".join(columns), "MODE": mode},
            append_env=True,
        )
        verify = BashOperator(task_id="verify", bash_command=f"python -m warehouse.verify {table} {{{{ ds }}}}")
        wait >> fetch >> load >> verify
    return group


def publish(bucket: str, tables: list[str]) -> TaskGroup:
    with TaskGroup("publish", tooltip="Export tables and hand them to a partner.", doc_md=PUBLISH) as group:
        export = BashOperator(
            task_id="export",
            bash_command="python -m warehouse.export {{ ds }}",
            env={"TABLES": ",".join(tables)},
            append_env=True,
        )
        sign = BashOperator(task_id="sign", bash_command="python -m warehouse.sign {{ ds }}")
        upload = BashOperator(task_id="upload", bash_command=f"python -m warehouse.upload {bucket} {{{{ ds }}}}")
        notify = BashOperator(task_id="notify", bash_command="python -m warehouse.notify {{ ds }}")
        export >> sign >> upload >> notify
    return group
'''


def _loads_as_data(number: int) -> str:
    loads = "".join(
        f"  - table: {table}\n"
        f"    source: s3://lake/{table}/day.csv\n"
        f"    columns: [day, region, customer, amount]\n"
        f"    mode: {'append' if index % 2 else 'replace'}\n"
        for index, table in enumerate(tables_of(number))
    )
    return (
        f"# The tables of region {number}, loaded every night.\n"
        f"type: warehouse\n"
        f"description: The tables of region {number}\n"
        f'schedule: "0 {number % 24} * * *"\n'
        f"start_date: 2026-01-01\n"
        f"tags: [warehouse, region-{number}]\n"
        f"task_args: {{retries: 2, retry_delay: 5m}}\n"
        f"loads:\n{loads}"
        f"publish:\n"
        f'  bucket: "${{{{ vars.public_bucket }}}}"\n'
        f"  tables: [{', '.join(tables_of(number))}]\n"
    )


def _loads_by_hand(number: int) -> str:
    loads = "".join(
        f"        load_table(\n"
        f'            table="{table}",\n'
        f'            source="s3://lake/{table}/day.csv",\n'
        f'            columns=["day", "region", "customer", "amount"],\n'
        f'            mode="{"append" if index % 2 else "replace"}",\n'
        f"        ),\n"
        for index, table in enumerate(tables_of(number))
    )
    names = ", ".join(f'"{table}"' for table in tables_of(number))
    imports = "from airflow.sdk import DAG\n\nfrom fleet_common import BUCKET, OWNER, load_table, publish"
    return (
        _head_by_hand(number, imports, f'"warehouse", "region-{number}"')
        + f"    loads = [\n{loads}    ]\n    loads >> publish(bucket=BUCKET, tables=[{names}])\n"
    )


def _head_by_hand(number: int, imports: str, tags: str) -> str:
    return (
        f'"""The tables of region {number}, loaded every night."""\n\n'
        f"from datetime import datetime, timedelta, timezone\n\n"
        f"{imports}\n\n"
        f"with DAG(\n"
        f'    dag_id="{dag_id(number)}",\n'
        f'    description="The tables of region {number}",\n'
        f'    doc_md="The tables of region {number}",\n'
        f'    schedule="0 {number % 24} * * *",\n'
        f"    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),\n"
        f"    tags=[{tags}],\n"
        f'    default_args={{"owner": OWNER, "retries": 2, "retry_delay": timedelta(minutes=5)}},\n'
        f"):\n"
    )


# -- task by task ----------------------------------------------------------------------------------------------------

_COMMON_TASKS = '''\
"""What the DAGs have in common."""

BUCKET = "acme-public"
OWNER = "data-platform"
'''
_STEPS = ("wait", "fetch", "load", "verify")


def _tasks(number: int) -> list[tuple[str, str, str | None]]:
    """Return task id, command and upstream of sixteen tasks for four tables and four that publish them."""
    tasks: list[tuple[str, str, str | None]] = []
    for table in tables_of(number):
        before = None
        for step in _STEPS:
            tasks.append((f"{step}_{table}", f"python -m warehouse.{step} {table} {{{{ ds }}}}", before))
            before = f"{step}_{table}"
    before = None
    for step in ("export", "sign", "upload", "notify"):
        tasks.append((step, f"python -m warehouse.{step} {{{{ ds }}}}", before))
        before = step
    return tasks


def _tasks_as_data(number: int) -> str:
    lines: list[str] = []
    for task_id, command, before in _tasks(number):
        upstream = [before] if before else []
        if task_id == "export":
            upstream = [f"verify_{table}" for table in tables_of(number)]
        lines += [
            f"  {task_id}:",
            "    type: operator",
            "    class: airflow.providers.standard.operators.bash.BashOperator",
            *([f"    depends_on: [{', '.join(upstream)}]"] if upstream else []),
            *(["    task_args: {retries: 10}"] if task_id.startswith("wait") else []),
            "    args:",
            f'      bash_command: "{command}"',
            f'      env: {{BUCKET: "${{{{ vars.public_bucket }}}}", REGION: "{number}"}}',
            "      append_env: true",
        ]
    return (
        f"# The tables of region {number}, loaded every night.\n"
        f"description: The tables of region {number}\n"
        f'schedule: "0 {number % 24} * * *"\n'
        f"start_date: 2026-01-01\n"
        f"tags: [tasks, region-{number}]\n"
        f"task_args: {{retries: 2, retry_delay: 5m}}\n"
        f"tasks:\n" + "".join(f"{line}\n" for line in lines)
    )


def _tasks_by_hand(number: int) -> str:
    lines: list[str] = []
    for task_id, command, _ in _tasks(number):
        lines += [
            f"    {task_id} = BashOperator(",
            f'        task_id="{task_id}",',
            f'        bash_command="{command}",',
            f'        env={{"BUCKET": BUCKET, "REGION": "{number}"}},',
            "        append_env=True,",
            *(["        retries=10,"] if task_id.startswith("wait") else []),
            "    )",
        ]
    for table in tables_of(number):
        lines.append("    " + " >> ".join(f"{step}_{table}" for step in _STEPS))
    lines.append(f"    [{', '.join(f'verify_{table}' for table in tables_of(number))}] >> export")
    lines.append("    export >> sign >> upload >> notify")
    imports = (
        "from airflow.providers.standard.operators.bash import BashOperator\n"
        "from airflow.sdk import DAG\n\nfrom fleet_common import BUCKET, OWNER"
    )
    return _head_by_hand(number, imports, f'"tasks", "region-{number}"') + "".join(f"{line}\n" for line in lines)


_PROJECT_FILE = """\
operators = ["airflow.providers.standard.*"]

[vars]
public_bucket = "acme-public"

[defaults.dag]
owner = "data-platform"
"""

KINDS = (
    Kind(
        name="factory-shaped",
        project={
            "dagwright.toml": f'factories = ["fleet_factories"]\n{_PROJECT_FILE}',
            "fleet_factories.py": _FACTORIES,
            ".airflowignore": "fleet_factories.py\n",
        },
        common=_COMMON,
        data=_loads_as_data,
        by_hand=_loads_by_hand,
        has_peers=True,
    ),
    Kind(
        name="task by task",
        project={"dagwright.toml": _PROJECT_FILE},
        common=_COMMON_TASKS,
        data=_tasks_as_data,
        by_hand=_tasks_by_hand,
    ),
)
