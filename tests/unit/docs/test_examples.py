"""Every example of the documentation works, as far as that needs no Airflow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.page_runner import PAGES, Block, PageRun, check_command, read_blocks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_a_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)

    PageRun(folder=tmp_path, airflow=False).run(read_blocks(page))


def do(folder: Path, language: str, text: str, *words: str) -> None:
    PageRun(folder=folder, airflow=False).run([Block(place="page:1", language=language, words=words, text=text)])


def test_a_dag_file_that_does_not_load_fails(tmp_path: Path):
    with pytest.raises(Exception, match="unknown field 'task'"):
        do(tmp_path, "yaml", "task: {}\n", "dags/a.dag.yaml")


def test_a_broken_dag_file_that_loads_fails(tmp_path: Path):
    with pytest.raises(AssertionError, match="loads"):
        do(
            tmp_path,
            "yaml",
            "tasks: {a: {type: python_job, callable: json:dumps, args: {obj: 1}}}\n",
            "dags/a.dag.yaml",
            "broken",
        )


def test_python_that_raises_fails(tmp_path: Path):
    with pytest.raises(ZeroDivisionError):
        do(tmp_path, "python", "1 / 0\n")


def test_output_that_differs_fails(tmp_path: Path):
    with pytest.raises(AssertionError, match="dagwright --version"):
        do(tmp_path, "console", "$ dagwright --version\ndagwright 0.0.0\n")


@pytest.mark.parametrize(
    "command",
    ["dagwright checks", "dagwright check --rendre", "make dmeo", "pip install 'dagwright[airflows]'", "frobnicate"],
)
def test_a_command_that_does_not_exist_fails(command: str):
    with pytest.raises(AssertionError):
        check_command(command)


def test_an_open_fence_fails(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("```yaml\na: 1\n", encoding="utf-8")

    with pytest.raises(AssertionError, match=r"page\.md:1"):
        read_blocks(page)


def test_the_schedules_of_the_table_load(tmp_path: Path):
    page = next(page for page in PAGES if page.name == "factories.md")
    schedules = re.findall(r"^\| `(\{.*\})` \|", page.read_text(encoding="utf-8"), re.MULTILINE)

    assert len(schedules) == 5
    for schedule in schedules:
        text = f"schedule: {schedule}\ntasks: {{a: {{type: python_job, callable: 'json:loads', args: {{s: '1'}}}}}}\n"
        do(tmp_path, "yaml", text, "dags/a.dag.yaml")


def test_tests_that_fail_fail(tmp_path: Path):
    with pytest.raises(AssertionError, match="1 failed"):
        do(tmp_path, "python", "def test_nothing():\n    raise AssertionError\n", "tests/test_nothing.py")
