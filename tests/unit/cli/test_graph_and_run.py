"""What `graph` and `run` print, from graphs and results made by hand."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from dagwright.binding import open_project
from dagwright.cli import main
from dagwright.cli.graph import _drawn
from dagwright.cli.hiding import hide_secrets, secrets_in
from dagwright.cli.tables import format_table
from dagwright.graph import DagGraph, GraphTask
from tests.unit.cli.conftest import Run

GRAPH = DagGraph(
    dag_id="job",
    attributes={},
    tasks=(GraphTask(task_id="write", label="write", operator="BashOperator", upstream=()),),
    groups=(),
    children=("write",),
    edge_labels=(),
)


def test_each_format_draws_the_graph():
    assert "write" in str(_drawn(GRAPH, "tree"))
    assert str(_drawn(GRAPH, "mermaid")).startswith("flowchart")
    assert ET.fromstring(str(_drawn(GRAPH, "svg"))).tag.endswith("svg")
    assert DagGraph.from_json(json.loads(_drawn(GRAPH, "json"))) == GRAPH


def test_values_of_the_process_environment_are_not_drawn(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_TEST_TOKEN", "geheim")
    opened, _ = open_project(project, inside_airflow=False)
    assert opened is not None
    assert opened.files[0].merged is not None
    secrets = set(secrets_in(opened.files[0].merged))
    assert secrets == {"xgeheim"}
    task = replace(
        GRAPH.tasks[0], doc="with xgeheim", arguments={"env": {"TOKEN": "xgeheim", "n": 1}, "urls": ["s3://xgeheim@b"]}
    )
    hidden = hide_secrets(replace(GRAPH, tasks=(task,)), secrets)
    assert hidden.tasks[0].arguments == {"env": {"TOKEN": "***", "n": 1}, "urls": ["s3://***@b"]}
    assert "geheim" not in json.dumps(hidden.to_json())
    assert hide_secrets(GRAPH, {"write"}).tasks[0].task_id == "write"


@pytest.mark.parametrize("verb", [["run"], ["graph"], ["check", "--render"]])
def test_airflow_is_missing(project: Path, monkeypatch: pytest.MonkeyPatch, verb: list[str]):
    monkeypatch.setattr("dagwright.cli.rendering.find_spec", lambda _: None)
    result = CliRunner().invoke(main, [*verb, "dags/talk.dag.yaml"])
    assert result.exit_code == 2
    assert "which is not installed: pip install 'dagwright[airflow]'" in result.stderr
    assert "airflow" not in sys.modules


def test_a_file_that_is_not_there(project: Path, run: Run):
    assert run("run", "nothing.yaml").exit_code == 2
    assert run("graph", "nothing.yaml").exit_code == 2


@pytest.mark.parametrize("option", [("--conf", "[1]"), ("--conf", "{"), ("--logical-date", "soon")], ids=" ".join)
def test_wrong_options_are_usage_errors(project: Path, run: Run, option: tuple[str, str]):
    result = run("run", "dags/talk.dag.yaml", *option)
    assert result.exit_code == 2
    assert f"Invalid value for '{option[0]}'" in result.stderr


def test_a_table_becomes_blocks_where_the_screen_is_narrow():
    heads, rows = ("TASK", "STATE", "LOG"), [("jobs.fetch", "success", "a/" * 20), ("x", "failed", "")]
    assert format_table(heads, rows).splitlines()[2] == "x           failed"
    assert format_table(heads, rows, 50) == (
        f"jobs.fetch\n  STATE  success\n  LOG    {'a/' * 20}\nx\n  STATE  failed\n"
    )


def test_prose_in_the_last_column_is_broken():
    text = format_table(("NAME", "SUMMARY"), [("one", "word " * 20)], 60)
    assert max(map(len, text.splitlines())) <= 60
    assert text.splitlines()[2].startswith("      word")


def test_what_a_terminal_would_obey_is_spelled_out():
    assert format_table(("A", "B"), [("x\x1b[31m", "y")]).splitlines()[1] == "x\\x1b[31m  y"
