from __future__ import annotations

from dagwright.diagnostics.cells import cell_width
from dagwright.graph import DagGraph, format_tree


def test_the_typical_dag(typical: DagGraph) -> None:
    assert (
        format_tree(typical)
        == """\
fx_rates
├── jobs
│   ├── fetch_rates  ProcessJob
│   └── tidy_rates   ProcessJob      after: fetch_rates
├── validators                       after: jobs
│   ├── rates_csv    FileValidation
│   └── tidy_csv     FileValidation
└── publishers                       after: validators
    ├── sftp         SftpPublish
    └── public       S3Publish
"""
    )


def test_a_warehouse_dag(warehouse: DagGraph) -> None:
    assert (
        format_tree(warehouse)
        == """\
warehouse_rates
├── resume_cluster        RedshiftResume…perator
├── wait_for_rates        HttpSensor
├── load                                          after: resume_cluster, +1 more
│   ├── daily
│   │   ├── create_table  SQLExecuteQuer…perator
│   │   └── copy          S3ToRedshiftOperator    after: create_table
│   └── monthly
│       ├── create_table  SQLExecuteQuer…perator
│       └── copy          S3ToRedshiftOperator    after: create_table
├── decide                BranchPythonOperator    after: load
├── report
│   ├── full [ ]          PythonOperator          after: decide (month end)
│   └── short             PythonOperator          after: decide (any other day)
└── pause_cluster         RedshiftPauseC…perator  after: report, resume_cluster
"""
    )


def test_names_of_any_kind_stay_in_eighty_columns(nasty: DagGraph) -> None:
    text = format_tree(nasty)
    text.encode()
    assert text.isascii() is False
    assert "\x00" not in text
    assert max(map(cell_width, text.splitlines())) <= 80
    assert len(text.splitlines()) == 1 + len(nasty.tasks) + len(nasty.groups)


def test_siblings_stand_in_topological_order_and_otherwise_as_made(build) -> None:
    graph = build("d", {"last": ("", ["g.b"]), "x": ("", []), "g.b": ("", ["g.a"]), "g.a": ("", []), "y": ("", [])})
    assert (
        format_tree(graph)
        == """\
d
├── x
├── g
│   ├── a
│   └── b  after: a
├── last   after: g
└── y
"""
    )


def test_circles_are_shown_as_they_are(build) -> None:
    graph = build("d", {"g.a": ("", []), "b": ("", ["g.a"]), "g.c": ("", ["b"])})
    assert (
        format_tree(graph)
        == """\
d
├── g
│   ├── a
│   └── c  after: b
└── b      after: g.a
"""
    )


def test_no_tasks_is_the_name_alone(build) -> None:
    assert format_tree(build("d", {})) == "d\n"
