"""A rendered DAG as plain data."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, Label, Param, TaskGroup, setup, task, teardown

from dagwright.graph import DagGraph, GraphEdge
from dagwright.render import dag_graph
from dagwright.render.plain_data import plain


def rich_dag() -> DAG:
    with DAG("rich", schedule="@daily", tags=["b", "a"], params={"n": Param(3, type="integer")}) as dag:
        start = EmptyOperator(task_id="start", doc_md="The start.", task_display_name="Start here")
        with TaskGroup("outer", tooltip="Around.") as outer:
            copy = BashOperator(
                task_id="copy",
                bash_command="cp " + "x" * 5000,
                output_encoding="latin-1",
                retries=2,
                execution_timeout=timedelta(minutes=5),
                inlets=[Asset("s3://lake/in")],
                outlets=[Asset("s3://lake/out"), Asset(name="named", uri="file:///x")],
                trigger_rule="all_done",
            )
            with TaskGroup("inner", group_display_name="Inside"):
                mapped = BashOperator.partial(task_id="mapped", retries=1).expand(bash_command=["a", "b"])
            copy >> mapped

        @setup
        def make() -> None: ...

        @teardown
        def clear() -> None: ...

        @task
        def count(numbers: list[int]) -> int:
            return sum(numbers)

        start >> Label("go") >> outer
        start >> Label("too") >> EmptyOperator(task_id="other")
        make() >> count([1, 2]) >> clear()
    return dag


def test_tasks_and_groups_stand_as_they_were_made():
    graph = dag_graph(rich_dag())

    assert graph.children == ("start", "outer", "other", "make", "count", "clear")
    assert [task.task_id for task in graph.tasks] == [
        "start",
        "outer.copy",
        "outer.inner.mapped",
        "other",
        "make",
        "count",
        "clear",
    ]
    assert [(group.group_id, group.inside, group.label, group.tooltip) for group in graph.groups] == [
        ("outer", None, "outer", "Around."),
        ("outer.inner", "outer", "Inside", ""),
    ]
    assert graph.group_by_id["outer"].children == ("outer.copy", "outer.inner")


def test_a_task_says_what_it_is():
    graph = dag_graph(rich_dag())
    copy = graph.task_by_id["outer.copy"]

    assert (copy.operator, copy.group_id, copy.label) == ("BashOperator", "outer", "copy")
    assert (copy.upstream, copy.trigger_rule, copy.mapped) == (("start",), "all_done", False)
    assert (copy.inlets, copy.outlets) == (("s3://lake/in",), ("s3://lake/out", "file:///x"))
    assert (graph.task_by_id["start"].doc, graph.task_by_id["start"].label) == ("The start.", "Start here")
    assert graph.task_by_id["outer.inner.mapped"].mapped
    assert (graph.task_by_id["make"].is_setup, graph.task_by_id["clear"].is_teardown) == (True, True)


def test_arguments_are_there_whole_also_those_that_airflow_does_not_store():
    arguments = dag_graph(rich_dag()).task_by_id["outer.copy"].arguments

    assert arguments["bash_command"] == "cp " + "x" * 5000
    assert arguments["output_encoding"] == "latin-1"
    assert arguments["retries"] == 2
    assert arguments["execution_timeout"] == 300.0
    assert not {"task_id", "dag", "task_group", "template_fields", "default_args"} & arguments.keys()


def test_mapped_arguments_are_there():
    arguments = dag_graph(rich_dag()).task_by_id["outer.inner.mapped"].arguments

    assert "retries" in arguments["partial_kwargs"]
    assert '"a"' in json.dumps(arguments)


def test_labels_stand_between_tasks_and_groups():
    graph = dag_graph(rich_dag())

    assert GraphEdge(upstream="start", downstream="other", label="too") in graph.edge_labels
    assert GraphEdge(upstream="start", downstream="outer", label="go") in graph.edge_labels


def test_attributes_are_those_of_the_dag():
    attributes = dag_graph(rich_dag()).attributes

    assert attributes["tags"] == ["a", "b"]
    assert "fileloc" not in attributes
    timetable = json.dumps(attributes["timetable"])
    assert "0 0 * * *" in timetable or "@daily" in timetable  # Airflow 3.2 stores the preset itself


def test_a_graph_is_json_and_comes_back():
    graph = dag_graph(rich_dag())

    assert DagGraph.from_json(json.loads(json.dumps(graph.to_json()))) == graph


def test_values_that_json_does_not_know_have_names_without_addresses():
    class Thing:
        pass

    def function() -> None: ...

    values: dict[str, Any] = {"o": Thing(), "f": function, "c": Thing, "l": lambda: 0, "s": {3, 1}, "d": timedelta(1)}
    found = plain(values)

    assert found["s"] == [1, 3]
    assert found["d"] == 86400.0
    assert json.dumps(found) == json.dumps(plain({**values, "o": Thing(), "l": lambda: 1}))
    assert " at 0x" not in json.dumps(found)
