"""What `import dagwright.diagnostics` may load: a DAG file without mistakes pays for nothing else."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import dagwright.diagnostics

CODE = """
import sys
before = set(sys.modules)
import dagwright.diagnostics
loaded = sorted(set(sys.modules) - before)
print(__import__("json").dumps(loaded))
"""


def loaded_modules() -> set[str]:
    run = subprocess.run([sys.executable, "-I", "-c", CODE], capture_output=True, check=True, text=True)
    return set(json.loads(run.stdout))


def test_the_package_loads_neither_writers_nor_prose():
    loaded = loaded_modules()
    own = {name for name in loaded if name.startswith("dagwright.diagnostics.")}
    assert own == {f"dagwright.diagnostics.{name}" for name in ("diagnostic", "order", "places", "suggest")}
    assert not loaded & {"difflib", "unicodedata", "json", "urllib.parse", "textwrap"}


def test_everything_public_is_there():
    for name in dagwright.diagnostics.__all__:
        assert getattr(dagwright.diagnostics, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        dagwright.diagnostics.nothing  # noqa: B018
