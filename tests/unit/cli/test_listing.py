"""`ls`, `describe` and `explain`: what there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dagwright.diagnostics import CODES
from tests.unit.cli.conftest import Run


def test_dags(project: Path, run: Run):
    (project / "dags/broken.dag.yaml").write_text("type: nothing\n", encoding="utf-8")
    result = run("ls", "dags", "--format", "json")
    assert json.loads(result.stdout)["dags"] == [
        {
            "dag_id": "broken",
            "type": None,
            "schedule": None,
            "owner": None,
            "file": "dags/broken.dag.yaml",
            "errors": 1,
        },
        {
            "dag_id": "talk",
            "type": "talk_dag",
            "schedule": "@daily",
            "owner": "rates-team",
            "file": "dags/talk.dag.yaml",
            "errors": 0,
        },
    ]
    assert result.exit_code == 1
    assert "DW201" in result.stderr
    assert run("ls", "dags").stdout.splitlines()[0].split() == ["DAG", "TYPE", "SCHEDULE", "OWNER", "FILE", "ERRORS"]


def test_tasks(project: Path, run: Run):
    lines = run("ls", "tasks").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["TASK", "TYPE", "PLACE", "AFTER"],
        ["talk.first", "speak", "dags/talk.dag.yaml:4"],
        ["talk.second", "speak", "dags/talk.dag.yaml:8", "first"],
    ]
    assert [row["task_id"] for row in json.loads(run("ls", "tasks", "*.sec*", "--format", "json").stdout)["tasks"]] == [
        "second"
    ]


def test_factories(project: Path, run: Run):
    rows = json.loads(run("ls", "factories", "--format", "json").stdout)["factories"]
    (row,) = (row for row in rows if row["full_name"] == "shout_voice")
    assert row == {
        "slot": "voice",
        "type": "shout",
        "full_name": "shout_voice",
        "summary": "Shout.",
        "package": "talking",
        "class": "talking.ShoutVoice",
    }


@pytest.mark.parametrize("what", ["dags", "tasks", "factories"])
def test_a_selector_that_matches_nothing_is_an_error(project: Path, run: Run, what: str):
    result = run("ls", what, "nothing*")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "matches 'nothing*'" in result.stderr


def test_a_factory_in_words(project: Path, run: Run):
    text = run("describe", "speak").stdout
    assert text.startswith("speak (operator factory, talking.Speak)\n\nSay something.\n\nAll of it at once.\n")
    assert "also called say" in text
    assert "  text: string, required\n      what to say.\n" in text
    assert "  voice: voice or null, default null\n      types of voice: quiet, shout\n" in text
    assert text.index("columns: list of column") < text.index("fields of every task") < text.index("depends_on")
    assert run("describe", "say").stdout == text


def test_a_slot_in_words(project: Path, run: Run):
    text = run("describe", "voice").stdout
    assert "types (where the data names none: quiet)\n  quiet  Whisper.\n  shout  Shout.\n" in text


def test_classes_inside_factories_are_described_too(project: Path, run: Run):
    assert "a bare value stands for its 'name'" in run("describe", "column").stdout
    assert "retry_delay: duration" in run("describe", "task_args").stdout


def test_a_description_as_json(project: Path, run: Run):
    (described,) = json.loads(run("describe", "speak", "--format", "json").stdout)["descriptions"]
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["loud"] == {
        "name": "loud",
        "type": "true or false",
        "required": False,
        "default": False,
        "description": "",
        "slots": {},
        "inherited": False,
    }


def test_every_factory_and_slot_can_be_described(project: Path, run: Run):
    rows = json.loads(run("ls", "factories", "--format", "json").stdout)["factories"]
    for name in {row[key] for row in rows for key in ("slot", "type", "full_name")}:
        assert run("describe", name, "--format", "json").exit_code == 0, name


def test_an_unknown_factory(project: Path, run: Run):
    result = run("describe", "speek")
    assert result.exit_code == 1
    assert "did you mean 'speak'?" in result.stderr


@pytest.mark.parametrize("command", [["ls", "factories"], ["describe", "speak"], ["explain", "DW203"], ["ls", "tasks"]])
def test_sixty_columns(project: Path, run: Run, command: list[str]):
    lines = run(*command, columns=60).stdout.splitlines()
    assert max(map(len, lines)) <= 60, max(lines, key=len)


def test_every_code_is_explained(run: Run):
    for code, entry in CODES.items():
        result = run("explain", code.lower())
        assert result.stdout.startswith(f"{code}: {entry.title}\n")
        assert json.loads(run("explain", code, "--format", "json").stdout)["title"] == entry.title
    assert [line.split()[0] for line in run("explain").stdout.splitlines()[1:]] == list(CODES)


def test_an_unknown_code(run: Run):
    result = run("explain", "DW20")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no code 'DW20'; did you mean DW2" in result.stderr
