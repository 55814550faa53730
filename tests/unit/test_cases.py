"""Each diagnostic code as users see it: a small project, a command, its complete output."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.diagnostics import CODES
from tests.case_runner import Case, assert_case, find_cases

ALL = find_cases()


@pytest.mark.parametrize("case", [case for case in ALL if not case.needs_airflow], ids=lambda case: case.folder.name)
def test_case(case: Case, tmp_path: Path):
    assert_case(case, tmp_path)


def test_each_code_has_a_case():
    assert sorted(CODES.keys() - {case.code for case in ALL}) == []


def test_each_case_belongs_to_a_code():
    assert [case.folder.name for case in ALL if case.code not in CODES] == []
