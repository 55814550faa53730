from __future__ import annotations

import json
from typing import Any

import pytest

from dagwright.diagnostics import DagwrightError
from dagwright.graph import FORMAT_VERSION, DagGraph, GraphEdge, GraphError, GraphGroup, GraphTask


@pytest.mark.parametrize("name", ["typical", "warehouse"])
def test_json_there_and_back_is_the_same(name: str, request: pytest.FixtureRequest) -> None:
    graph = request.getfixturevalue(name)
    text = json.dumps(graph.to_json())
    again = DagGraph.from_json(json.loads(text))
    assert again == graph
    assert json.dumps(again.to_json()) == text


def test_every_field_survives_json() -> None:
    task = GraphTask(
        task_id="t",
        label="T",
        operator="BashOperator",
        doc="does it",
        trigger_rule="one_failed",
        is_setup=True,
        is_teardown=True,
        mapped=True,
        arguments={"command": ["a", {"b": None}], "retries": 3},
        inlets=("s3://in",),
        outlets=("s3://out",),
    )
    group = GraphGroup(group_id="g", label="G", tooltip="what it does")
    graph = DagGraph(dag_id="d", attributes={"tags": ["x"]}, tasks=(task,), groups=(group,), children=("g", "t"))
    again = DagGraph.from_json(json.loads(json.dumps(graph.to_json())))
    assert again.tasks == (task,)
    assert again.groups == (group,)
    assert again.attributes == {"tags": ["x"]}


def test_json_carries_the_format_version(typical: DagGraph) -> None:
    data = typical.to_json()
    assert data["format_version"] == FORMAT_VERSION == 1
    with pytest.raises(GraphError, match="format version 2"):
        DagGraph.from_json({**data, "format_version": 2})


@pytest.mark.parametrize(
    "change",
    [
        {"tasks": [{"label": "no id"}]},
        {"tasks": ["text"]},
        {"tasks": 3},
        {"children": None},
        {"unknown": 1},
        {"groups": [{"group_id": "g", "colour": "red"}]},
    ],
)
def test_data_of_another_shape_is_one_error(typical: DagGraph, change: dict[str, object]) -> None:
    with pytest.raises(DagwrightError, match="format version 1"):
        DagGraph.from_json({**typical.to_json(), **change})


def test_labels_default_to_the_own_part_of_an_id() -> None:
    assert GraphTask(task_id="g.h.t", group_id="g.h").label == "t"
    assert GraphTask(task_id="t", group_id="g.h").label == "t"
    assert GraphGroup(group_id="g.h", inside="g").label == "h"


def test_upstream_is_sorted_and_unique() -> None:
    assert GraphTask(task_id="t", upstream=("b", "a", "b")).upstream == ("a", "b")


A, B = GraphTask(task_id="a"), GraphTask(task_id="b", upstream=("a",))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"tasks": (A, A), "children": ("a",)}, "two tasks or groups have the id 'a'"),
        ({"tasks": (A,), "groups": (GraphGroup(group_id="a"),), "children": ("a",)}, "two tasks or groups"),
        ({"tasks": (A,)}, "nothing has these tasks or groups as children: a"),
        ({"tasks": (A,), "children": ("a", "a")}, "'a' is no child of the DAG"),
        ({"children": ("x",)}, "'x' is no child of the DAG"),
        ({"tasks": (B,), "children": ("b",)}, "'b' waits for 'a', which is no other task"),
        ({"tasks": (GraphTask(task_id="a", upstream=("a",)),), "children": ("a",)}, "'a' waits for 'a'"),
        ({"tasks": (GraphTask(task_id="a", group_id="g"),), "children": ("a",)}, "'a' is no child of the DAG"),
        (
            {"groups": tuple(GraphGroup(group_id=x, inside=y, children=(y,)) for x, y in ("gh", "hg"))},
            "nothing has these tasks or groups as children: g, h",
        ),
        (
            {"tasks": (A,), "children": ("a",), "edge_labels": (GraphEdge(upstream="a", downstream="x", label="l"),)},
            "label at 'x'",
        ),
    ],
)
def test_ids_that_do_not_fit_together_are_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        DagGraph(dag_id="d", **parts)


def test_groups_around_go_from_the_inmost_out(warehouse: DagGraph) -> None:
    assert list(warehouse.groups_around("load.daily.copy")) == ["load.daily", "load"]
    assert list(warehouse.groups_around("load")) == []
