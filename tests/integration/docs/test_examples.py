"""Every example of the documentation works: its DAGs are rendered, and what needs Airflow is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dagwright.runtime.errors import ValidationFailed
from dagwright.runtime.suite import read_suite
from dagwright.runtime.validation import validate_in
from dagwright.runtime.workspace import RunWorkspace
from tests.page_runner import PAGES, ROOT, PageRun, load_script, own_modules, read_blocks

pytest.importorskip("airflow")

from airflow.dag_processing.dagbag import DagBag


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_a_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)

    PageRun(folder=tmp_path, airflow=True).run(read_blocks(page))


def test_the_result_table_is_what_a_validation_logs(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    pytest.importorskip("great_expectations")
    blocks = read_blocks(next(page for page in PAGES if page.name == "validation.md"))
    suite, table = blocks[0], next(block for block in blocks if block.language == "text")
    tmp_path.joinpath("rates.json").write_text(suite.text, encoding="utf-8")
    workspace = RunWorkspace(tmp_path)
    with workspace.open("out/rates.csv", "w") as file:
        file.write("day,rate\n1,2.5\n2,-1.5\n3,1\n")

    with caplog.at_level("INFO", "dagwright.runtime"), pytest.raises(ValidationFailed):
        validate_in(workspace, "out/rates.csv", read_suite(tmp_path / "rates.json", "suites/rates.json"))

    logged = [record.getMessage() for record in caplog.records if record.name.startswith("dagwright")]
    assert "\n".join(logged) + "\n" == table.text


def test_the_picture_is_what_the_example_renders_to(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    make_pages = load_script(ROOT / "docs" / "make_pages.py")
    written = ROOT.joinpath("docs", "images", "typical.svg").read_text(encoding="utf-8")

    assert make_pages.typical_picture() == written, "run `python docs/make_pages.py`"


@pytest.mark.parametrize("name", ["README.md", "python-api.md"])
def test_airflow_finds_the_dag_of_the_small_python_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")  # the file's jobs are processes, which no project allows here
    page = next(page for page in PAGES if page.name == name)
    files = [block for block in read_blocks(page) if block.file is not None]
    (small,) = (block for block in files if block.file is not None and block.file.endswith("_dag.py"))
    (dag_file,) = re.findall(r'load\("(.*)"\)', small.text)
    for block in files:
        path = tmp_path / str(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text.replace(dag_file, str(tmp_path / dag_file)), encoding="utf-8")
    folder = tmp_path / "airflow_dags"
    folder.mkdir()
    tmp_path.joinpath(str(small.file)).rename(folder / str(small.file))

    with own_modules(tmp_path):
        bag = DagBag(folder)

    assert bag.import_errors == {}
    assert list(bag.dags) == [Path(dag_file).name.partition(".")[0]]
