"""DAGs written by hand: a typical one, a warehouse, and one with every name that breaks drawings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from dagwright.graph import DagGraph, GraphEdge, GraphGroup, GraphTask

Build = Callable[..., DagGraph]


def build_graph(
    dag_id: str,
    tasks: Mapping[str, tuple[str, Iterable[str]]],
    *,
    attributes: Mapping[str, Any] | None = None,
    labels: Iterable[tuple[str, str, str]] = (),
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    empty_groups: Iterable[str] = (),
) -> DagGraph:
    """Make a graph from `{task id: (operator, upstream)}`; the dots in an id say the groups."""
    children: dict[str, list[str]] = {"": []}

    def add(full_id: str) -> str:
        around = full_id.rpartition(".")[0]
        if around not in children:
            add(around)
            children[around] = []
        children[around].append(full_id)
        return around

    made = []
    for task_id, (operator, upstream) in tasks.items():
        group_id = add(task_id) or None
        more = (fields or {}).get(task_id, {})
        made.append(GraphTask(task_id=task_id, operator=operator, upstream=tuple(upstream), group_id=group_id, **more))
    for group_id in empty_groups:
        add(group_id)
        children[group_id] = []
    groups = tuple(
        GraphGroup(group_id=group_id, inside=group_id.rpartition(".")[0] or None, children=tuple(members))
        for group_id, members in children.items()
        if group_id
    )
    return DagGraph(
        dag_id=dag_id,
        attributes=attributes or {},
        tasks=tuple(made),
        groups=groups,
        children=tuple(children[""]),
        edge_labels=tuple(GraphEdge(upstream=each[0], downstream=each[1], label=each[2]) for each in labels),
    )


@pytest.fixture
def build() -> Build:
    return build_graph


@pytest.fixture
def typical() -> DagGraph:
    validators = ["validators.rates_csv", "validators.tidy_csv"]
    return build_graph(
        "fx_rates",
        {
            "jobs.fetch_rates": ("ProcessJob", []),
            "jobs.tidy_rates": ("ProcessJob", ["jobs.fetch_rates"]),
            "validators.rates_csv": ("FileValidation", ["jobs.tidy_rates"]),
            "validators.tidy_csv": ("FileValidation", ["jobs.tidy_rates"]),
            "publishers.sftp": ("SftpPublish", validators),
            "publishers.public": ("S3Publish", validators),
        },
        attributes={"schedule": "@daily", "owner": "market-data"},
    )


@pytest.fixture
def warehouse() -> DagGraph:
    tables = ("daily", "monthly")
    tasks: dict[str, tuple[str, Iterable[str]]] = {
        "resume_cluster": ("RedshiftResumeClusterOperator", []),
        "wait_for_rates": ("HttpSensor", []),
    }
    for table in tables:
        tasks[f"load.{table}.create_table"] = ("SQLExecuteQueryOperator", ["resume_cluster", "wait_for_rates"])
        tasks[f"load.{table}.copy"] = ("S3ToRedshiftOperator", [f"load.{table}.create_table"])
    tasks["decide"] = ("BranchPythonOperator", [f"load.{table}.copy" for table in tables])
    tasks["report.full"] = ("PythonOperator", ["decide"])
    tasks["report.short"] = ("PythonOperator", ["decide"])
    tasks["pause_cluster"] = ("RedshiftPauseClusterOperator", ["report.full", "report.short", "resume_cluster"])
    return build_graph(
        "warehouse_rates",
        tasks,
        labels=[("decide", "report.full", "month end"), ("decide", "report.short", "any other day")],
        fields={
            "resume_cluster": {"is_setup": True},
            "report.full": {"mapped": True},
            "pause_cluster": {"is_teardown": True},
        },
    )


@pytest.fixture
def nasty() -> DagGraph:
    return build_graph(
        "näs<ty>&\"'",
        {
            "g.end": ("Op<er>a&tor", []),
            "g.a-b": ("", ["g.end"]),
            "g.a_b": ("", ["g.end"]),
            "end": ("日本語", ["g.a-b"]),
            "long_" * 40: ("Operator" * 20, ["end"]),
        },
        fields={
            "g.end": {"label": '1. "quoted" [x] `code`'},
            "g.a-b": {"label": "__init__ *b* #9; -->"},
            "g.a_b": {"label": "\x00 \ud800 ]]> %%"},
        },
        empty_groups=["nothing"],
    )
