"""What `explain` calls wrong is found under that code, and what it calls right is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dagwright.binding import open_project
from dagwright.diagnostics import CODES, Code

SUITE = '{"name": "rates", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "rate"}}]}'
# Two files; a plugin; what only rendering finds.
NOT_OFFLINE = {"DW305", "DW404", "DW505", "DW506", "DW511"}
EXAMPLES = [
    code
    for code in CODES.values()
    if code.example_wrong and code.language in {"yaml", "json"} and code.code not in NOT_OFFLINE
]


def _codes(root: Path, code: Code, example: str) -> set[str]:
    suite, suffix = SUITE, code.language
    if code.code in {"DW213", "DW214"}:
        suite, suffix = example, "yaml"
        example = "validators: {files: [{path: out/rates.csv, validation_suite: suites/rates.json}]}"
    typical = any(key in example for key in ("jobs:\n", "publishers:", "validators:"))
    files = {
        "dagwright.toml": '[vars]\npublic_bucket = "a"\nbucket = "b"\nload_command = "c"\n',
        f"dags/rates.dag.{suffix}": ("type: typical_dag\n" if typical else "") + example,
        "dags/suites/rates.json": suite,
        "acme/__init__.py": "",
        "acme/jobs.py": "def load(): ...\ndef fetch(): ...\ndef again(): ...\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _, problems = open_project(root, inside_airflow=False)
    return {found.code for found in problems}


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.code)
def test_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: Code):
    monkeypatch.setattr(sys, "path", list(sys.path))  # projects come first on it
    assert code.code in _codes(tmp_path / "wrong", code, code.example_wrong)
    assert code.code not in _codes(tmp_path / "right", code, code.example_right)
