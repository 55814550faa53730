"""Every example of the documentation works: its DAGs are rendered, and what needs Airflow is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.runtime.errors import ValidationFailed
from dagwright.runtime.suite import read_suite
from dagwright.runtime.validation import validate_in
from dagwright.runtime.workspace import RunWorkspace
from tests.page_runner import PAGES, PageRun, read_blocks

pytest.importorskip("airflow")


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
