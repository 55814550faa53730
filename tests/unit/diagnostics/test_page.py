"""The documentation page and the table say the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from dagwright.diagnostics import CODES, format_errors_page

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"


def test_the_committed_page_is_the_table():
    command = "python -m dagwright.diagnostics.page > docs/errors.md"
    assert PAGE.read_text(encoding="utf-8") == format_errors_page(), f"run: {command}"


def test_every_code_has_an_anchor_and_no_other_has_one():
    assert re.findall(r'<a id="(dw\d+)"></a>', format_errors_page()) == [code.lower() for code in CODES]


def test_the_module_writes_the_page():
    command = [sys.executable, "-W", "error", "-m", "dagwright.diagnostics.page"]
    written = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8")
    assert written.stdout == format_errors_page()
    assert written.stderr == ""
