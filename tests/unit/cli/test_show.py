"""`dagwright show`: the data of all layers, where it comes from, and what it hides."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from dagwright.binding import open_project
from tests.unit.cli.conftest import Run

FILE = "dags/talk.dag.yaml"


def digest(project: Path, name: str) -> str:
    opened, problems = open_project(project, inside_airflow=False, selection=[project / name])
    assert opened is not None
    assert problems == []
    return opened.files[0].digest()


def test_the_output_is_the_same_dag(project: Path, run: Run):
    # The same file name in another folder, so that the DAG id is the same too.
    text = (project / FILE).read_text(encoding="utf-8").replace("x${{ vars.token }}", "x")
    (project / FILE).write_text(text, encoding="utf-8")
    before = digest(project, FILE)
    for options in ([], ["--origins"], ["--defaults"], ["--defaults", "--origins"]):
        output = run("show", FILE, *options)
        assert (output.exit_code, output.stderr) == (0, "")
        copy = project / "dags" / "copy" / "talk.dag.yaml"
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(output.stdout, encoding="utf-8")
        if "--defaults" not in options:
            assert digest(project, "dags/copy/talk.dag.yaml") == before
        assert (
            yaml.safe_load(output.stdout) == json.loads(run("show", FILE, "--format", "json", *options).stdout)["data"]
        )


def test_every_layer_has_spoken(project: Path, run: Run):
    data = json.loads(run("show", FILE, "--format", "json").stdout)
    assert data["dag_id"] == "talk"
    assert data["data"]["owner"] == "rates-team"
    assert data["data"]["talks"]["first"]["words"] == {"greeting": "hello", "region": "eu"}
    assert data["data"]["talks"]["second"]["voice"] == {"type": "quiet", "level": 3}
    assert data["data"]["talks"]["first"]["columns"] == [{"name": "day"}, {"name": "rate", "type": "numeric"}]


def test_each_value_says_where_it_comes_from(project: Path, run: Run):
    lines = run("show", FILE, "--origins").stdout.splitlines()
    origins = {line.split("#")[0].strip(): line.split("# ")[1] for line in lines if "  # " in line and "|" not in line}
    assert origins["owner: rates-team"] == "dagwright.toml:6"
    assert origins["region: eu"] == "dagwright.toml:9 from dagwright.toml:3"
    assert origins['text: "no"'] == "dags/talk.dag.yaml:5"
    assert len({line.index("  # ") for line in lines if "  # " in line and len(line) < 60}) == 1
    pointers = json.loads(run("show", FILE, "--origins", "--format", "json").stdout)["origins"]
    assert pointers["/talks/first/columns/1/type"] == "dags/talk.dag.yaml:6"


def test_defaults_of_the_code_are_shown_on_demand(project: Path, run: Run):
    assert "VARCHAR" not in run("show", FILE).stdout
    assert "VARCHAR" in run("show", FILE, "--defaults").stdout
    assert "# default of column" in run("show", FILE, "--defaults", "--origins").stdout


def test_values_of_the_process_environment_are_hidden(project: Path, run: Run):
    for options in ([], ["--origins"], ["--defaults"], ["--format", "json"], ["--format", "json", "--origins"]):
        result = run("show", FILE, *options, DAGWRIGHT_TEST_TOKEN="geheim")
        assert result.exit_code == 0
        assert "geheim" not in result.output
        assert "***" in result.stdout


def test_what_looks_like_a_reference_stays_what_it_is(project: Path, run: Run):
    text = (project / FILE).read_text(encoding="utf-8").replace('"no"', '"$${{ vars.x }} $${{ y }}"')
    (project / FILE).write_text(text, encoding="utf-8")
    assert json.loads(run("show", FILE, "--format", "json").stdout)["data"]["talks"]["first"]["text"] == (
        "${{ vars.x }} ${{ y }}"
    )
    assert 'text: "$${{ vars.x }} $${{ y }}"' in run("show", FILE).stdout


def test_a_broken_file_gives_its_findings_and_no_data(project: Path, run: Run):
    (project / FILE).write_text("type: talk_dag\ntalk: 1\n", encoding="utf-8")
    result = run("show", FILE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[DW203]: unknown field 'talk'" in result.stderr


def test_a_whole_mapping_shorthand_is_printed_as_it_is_written(tmp_path: Path, run: Run):
    file = tmp_path / "dags" / "p.dag.yaml"
    file.parent.mkdir()
    file.write_text("type: typical_dag\npublishers:\n  file: {directory: /tmp/x, files: [a.csv]}\n", encoding="utf-8")
    data = json.loads(run("show", file, "--format", "json").stdout)["data"]
    assert data["publishers"] == {"file": {"type": "file", "directory": "/tmp/x", "files": ["a.csv"]}}


def test_a_file_that_is_not_there(project: Path, run: Run):
    assert run("show", "dags/nothing.dag.yaml").exit_code == 2
