"""Every example of the documentation works: its DAGs are rendered, and what needs Airflow is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.page_runner import PAGES, PageRun, read_blocks

pytest.importorskip("airflow")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_a_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)

    PageRun(folder=tmp_path, airflow=True).run(read_blocks(page))
