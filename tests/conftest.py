"""What every test shares."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sentences stay on one line wherever tests run; tests of narrow terminals say their own width."""
    monkeypatch.setenv("COLUMNS", "200")
