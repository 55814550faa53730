"""The cases of tests/cases whose commands need Airflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.case_runner import Case, assert_case, find_cases

pytest.importorskip("airflow")


@pytest.mark.parametrize(
    "case", [case for case in find_cases() if case.needs_airflow], ids=lambda case: case.folder.name
)
def test_case(case: Case, tmp_path: Path):
    assert_case(case, tmp_path)
