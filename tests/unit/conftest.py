"""What every test without Airflow shares."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _modules_go_with_their_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Forget modules of the projects that tests make: the next test's package may have the same name."""
    yield
    base = str(tmp_path_factory.getbasetemp())
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(base):
            del sys.modules[name]
