from __future__ import annotations

import random
from itertools import product

import pytest

from dagwright.graph import DagGraph, drawn_edges
from dagwright.graph.edges import group_leaves, group_roots


def pairs(graph: DagGraph) -> list[tuple[str, str]]:
    return [(edge.upstream, edge.downstream) for edge in drawn_edges(graph)]


def spelt_out(graph: DagGraph) -> list[tuple[str, str]]:
    """Return what the drawn edges stand for, between tasks."""
    spelt: list[tuple[str, str]] = []
    for edge in drawn_edges(graph):
        left = [edge.upstream] if edge.upstream in graph.task_by_id else group_leaves(graph, edge.upstream)
        right = [edge.downstream] if edge.downstream in graph.task_by_id else group_roots(graph, edge.downstream)
        spelt.extend(product(left, right))
    return sorted(spelt)


def waiting(graph: DagGraph) -> list[tuple[str, str]]:
    return sorted((upstream, task.task_id) for task in graph.tasks for upstream in task.upstream)


def test_groups_that_wait_for_each_other_are_one_edge(typical: DagGraph) -> None:
    assert pairs(typical) == [
        ("jobs", "validators"),
        ("jobs.fetch_rates", "jobs.tidy_rates"),
        ("validators", "publishers"),
    ]


def test_tasks_before_and_after_groups_and_labels(warehouse: DagGraph) -> None:
    assert pairs(warehouse) == [
        ("decide", "report.full"),
        ("decide", "report.short"),
        ("load", "decide"),
        ("load.daily.create_table", "load.daily.copy"),
        ("load.monthly.create_table", "load.monthly.copy"),
        ("report", "pause_cluster"),
        ("resume_cluster", "load"),
        ("resume_cluster", "pause_cluster"),
        ("wait_for_rates", "load"),
    ]
    assert [edge.label for edge in drawn_edges(warehouse)][:3] == ["month end", "any other day", ""]


def test_an_incomplete_wiring_stays_between_tasks(build) -> None:
    graph = build("d", {"g.a": ("", []), "g.b": ("", []), "h.c": ("", ["g.a", "g.b"]), "h.d": ("", ["g.a"])})
    assert pairs(graph) == [("g", "h.c"), ("g.a", "h.d")]


def test_a_label_between_groups_or_on_every_task_is_the_edges_own(build) -> None:
    tasks = {"g.a": ("", []), "h.b": ("", ["g.a"]), "h.c": ("", ["g.a"])}
    between_groups = build("d", tasks, labels=[("g", "h", "ready")])
    between_tasks = build("d", tasks, labels=[("g.a", "h.b", "ready"), ("g.a", "h.c", "ready")])
    for graph in (between_groups, between_tasks):
        assert [(edge.upstream, edge.downstream, edge.label) for edge in drawn_edges(graph)] == [("g", "h", "ready")]


def test_a_teardown_is_no_leaf(build) -> None:
    graph = build(
        "d",
        {"g.up": ("", []), "g.work": ("", ["g.up"]), "g.down": ("", ["g.work", "g.up"]), "next": ("", ["g.work"])},
        fields={"g.up": {"is_setup": True}, "g.down": {"is_teardown": True}},
    )
    assert group_leaves(graph, "g") == ("g.work",)
    assert ("g", "next") in pairs(graph)


def test_groups_in_a_circle_stay_between_tasks(build) -> None:
    graph = build("d", {"g.a": ("", []), "b": ("", ["g.a"]), "g.c": ("", ["b"])})
    assert pairs(graph) == [("b", "g.c"), ("g.a", "b")]


@pytest.mark.parametrize("seed", range(20))
def test_drawn_edges_stand_for_every_dependency_exactly_once(build, seed: int) -> None:
    chance = random.Random(seed)
    tasks: dict[str, tuple[str, list[str]]] = {}
    for number in range(30):
        group = chance.choice(["", "a.", "a.b.", "a.b.c.", "d.", "d.e."])
        tasks[f"{group}t{number}"] = ("", chance.sample(list(tasks), min(len(tasks), chance.choice([0, 1, 2, 5]))))
    graph = build("d", tasks)
    assert spelt_out(graph) == waiting(graph)
