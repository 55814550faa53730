"""How a slot finds its filler: by type, by key, by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench


def test_a_key_is_the_name_and_the_type_where_none_is_given(bench: Workbench) -> None:
    project = bench.open("sinks:\n  net: {}\n  other: {type: disk, folder: /x}\n")
    assert list(project.diagnostics) == []
    sinks = project.dags[0].sinks  # type: ignore[attr-defined]
    assert [(key, type(sink).__name__, sink.name) for key, sink in sinks.items()] == [
        ("net", "NetSink", "net"),
        ("other", "DiskSink", "other"),
    ]


def test_a_filler_answers_to_its_short_and_its_full_name(bench: Workbench) -> None:
    project = bench.open("sinks: {a: {type: net}, b: {type: net_sink}}")
    assert list(project.diagnostics) == []


def test_an_alias_keeps_old_files_alive(bench: Workbench) -> None:
    project = bench.open("loads: [{target: a, engine: {type: old_cloud, cluster: x}}]")
    assert type(project.dags[0].loads[0].engine).__name__ == "CloudEngine"  # type: ignore[attr-defined]


def test_a_missing_type_names_the_choices(bench: Workbench) -> None:
    (found,) = bench.problems("sinks: {a: {folder: x}}")
    assert found.code == "DW202"
    assert found.notes == ("types: disk, net",)


def test_plain_dataclasses_and_functions_fill_the_slot_of_operators(bench: Workbench) -> None:
    bench.write(
        {
            "dags/p.dag.yaml": """
                tasks:
                  wait: {nested: {depth: 1}}
                  sql: {type: run_sql, sql: select 1, depends_on: [wait]}
            """
        }
    )
    project = bench.open()
    assert list(project.diagnostics) == []
    tasks = project.dags[0].tasks  # type: ignore[attr-defined]
    assert tasks["wait"].task_id == "wait"
    assert tasks["sql"].name == "sql"
    assert tasks["sql"].depends_on == ["wait"]


def test_unknown_keys_of_nested_plain_dataclasses_are_errors(bench: Workbench) -> None:
    bench.write({"dags/p.dag.yaml": "tasks:\n  wait: {nested: {dept: 1}}\n"})
    (found,) = bench.open().diagnostics
    assert (found.code, found.path, found.label) == ("DW203", "tasks.wait.nested.dept", "did you mean 'depth'?")


def test_a_plain_dataclass_makes_a_whole_dag(bench: Workbench) -> None:
    bench.write({"dags/p.dag.yaml": "type: plain_flow\nwaits:\n  - {task_id: a}\n  - {task_id: b, secnds: 3}\n"})
    (found,) = bench.open().diagnostics
    assert (found.code, found.path) == ("DW203", "waits[1].secnds")
    bench.write({"dags/p.dag.yaml": "type: plain_flow\nwaits: [{task_id: a}]\n"})
    project = bench.open()
    assert list(project.diagnostics) == []
    assert type(project.dags[0]).__name__ == "PlainFlow"
    assert project.dags[0].waits[0].task_id == "a"  # type: ignore[attr-defined]


def test_a_clash_is_settled_by_the_package(bench: Workbench) -> None:
    bench.write(
        {
            "twin/__init__.py": """
                from dagwright import OperatorFactory

                class RunSql(OperatorFactory):
                    x: int = 0
                    def make_operator(self): ...
            """
        }
    )
    bench.write({"dags/p.dag.yaml": "tasks:\n  a: {type: run_sql}\n  b: {type: 'twin:run_sql'}\n"})
    toml = f'factories = ["{bench.package}", "twin"]'
    problems = bench.open(toml=toml).diagnostics
    assert sorted((one.code, one.severity.value) for one in problems) == [("DW404", "error"), ("DW404", "warning")]


def test_a_broken_package_costs_one_diagnostic(bench: Workbench) -> None:
    bench.write({"broken.py": "import nothing_of_that_name\n", "dags/p.dag.yaml": "tasks: {wait: {}}\n"})
    project = bench.open(toml=f'factories = ["{bench.package}", "broken"]')
    (found,) = project.diagnostics
    assert found.code == "DW402"
    assert "nothing_of_that_name" in found.message
    assert len(project.dags) == 1


def test_a_class_that_pydantic_cannot_read_is_a_finding(bench: Workbench) -> None:
    bench.write(
        {
            "odd.py": """
                import threading
                from pydantic import field_validator
                from dagwright import OperatorFactory

                class Locked(OperatorFactory):
                    lock: threading.Event
                    def make_operator(self): ...

                class Raises(OperatorFactory):
                    count: int
                    @field_validator("count")
                    @classmethod
                    def _look_up(cls, value):
                        return {}[value]
                    def make_operator(self): ...
            """,
            "dags/p.dag.yaml": "tasks:\n  locked: {lock: 3}\n  raises: {count: 3}\n",
        }
    )
    found = bench.open(toml='factories = ["odd"]').diagnostics
    assert [(one.code, one.path) for one in found] == [("DW410", "tasks.locked.lock"), ("DW501", "tasks.raises")]
