from __future__ import annotations

import json
from typing import Any

from dagwright.graph import DagGraph, GraphEdge, GraphTask, compare, format_change
from dagwright.graph.comparison import ABSENT, FieldChange


def test_equal_graphs_do_not_differ(typical: DagGraph) -> None:
    change = compare(typical, DagGraph.from_json(typical.to_json()))
    assert not change
    assert format_change(change) == ""


def test_tasks_groups_and_edges(build) -> None:
    old = build("d", {"a": ("", []), "b": ("", ["a"])})
    new = build("d", {"a": ("", []), "g.c": ("", ["a"])}, labels=[("a", "g", "yes")])
    change = compare(old, new)
    assert change.tasks_added == ("g.c",)
    assert change.tasks_removed == ("b",)
    assert change.groups_added == ("g",)
    assert change.groups_removed == ()
    assert change.edges_added == (GraphEdge(upstream="a", downstream="g", label="yes"),)
    assert change.edges_removed == (GraphEdge(upstream="a", downstream="b"),)
    assert change.fields_changed == ()
    assert format_change(change) == "+ group g\n- task b\n+ task g.c\n- edge a -> b\n+ edge a -> g (yes)\n"


def one(**fields: Any) -> DagGraph:
    attributes = fields.pop("attributes", {})
    return DagGraph(dag_id="d", attributes=attributes, tasks=(GraphTask(task_id="t", **fields),), children=("t",))


def test_changed_fields_name_the_key_that_differs() -> None:
    old = one(arguments={"bucket": "a", "same": 1, "gone": None}, trigger_rule="all_done", outlets=("s3://a",))
    new = one(arguments={"bucket": "b", "same": 1, "here": [1]}, outlets=("s3://b",), attributes={"schedule": "@daily"})
    change = compare(old, new)
    assert change.fields_changed == (
        FieldChange(full_id="", name="schedule", old=ABSENT, new="@daily"),
        FieldChange(full_id="t", name="trigger_rule", old="all_done", new="all_success"),
        FieldChange(full_id="t", name="arguments.bucket", old="a", new="b"),
        FieldChange(full_id="t", name="arguments.gone", old=None, new=ABSENT),
        FieldChange(full_id="t", name="arguments.here", old=ABSENT, new=[1]),
        FieldChange(full_id="t", name="outlets", old=["s3://a"], new=["s3://b"]),
    )
    assert format_change(change).splitlines()[:4] == [
        '~ schedule: (absent) -> "@daily"',
        '~ t: trigger_rule: "all_done" -> "all_success"',
        '~ t: arguments.bucket: "a" -> "b"',
        "~ t: arguments.gone: null -> (absent)",
    ]


def test_values_that_python_takes_for_equal_differ() -> None:
    change = compare(one(arguments={"a": 1, "b": [1]}), one(arguments={"a": True, "b": [1.0]}))
    assert [each.name for each in change.fields_changed] == ["arguments.a", "arguments.b"]


def test_the_order_of_keys_is_no_difference() -> None:
    assert not compare(one(arguments={"a": [{"x": 1, "y": 2}]}), one(arguments={"a": [{"y": 2, "x": 1}]}))


def test_the_order_of_tasks_is_no_difference(build) -> None:
    assert not compare(build("d", {"a": ("", []), "b": ("", [])}), build("d", {"b": ("", []), "a": ("", [])}))


def test_a_dependency_inside_a_group_that_changes_its_leaves_shows(build) -> None:
    old = build("d", {"g.a": ("", []), "g.b": ("", ["g.a"]), "c": ("", ["g.b"])})
    new = build("d", {"g.a": ("", []), "g.b": ("", []), "c": ("", ["g.a", "g.b"])})
    assert compare(old, new).edges_removed == (GraphEdge(upstream="g.a", downstream="g.b"),)


def test_a_long_value_is_shortened_in_text_only() -> None:
    change = compare(one(arguments={"a": "x"}), one(arguments={"a": "y" * 500}))
    assert len(format_change(change)) < 120
    assert change.fields_changed[0].new == "y" * 500


def test_a_change_is_plain_json(build) -> None:
    change = compare(build("d", {"a": ("", [])}), build("e", {"b": ("", [])}))
    data = json.loads(json.dumps(change.to_json()))
    assert data["tasks_added"] == ["b"]
    assert data["fields_changed"] == [{"full_id": "", "name": "dag_id", "old": "d", "new": "e"}]
