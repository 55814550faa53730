"""The names of `dagwright.runtime` are what they say, whatever was imported before."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import dagwright.runtime

MODULES = {module.name for module in pkgutil.iter_modules(dagwright.runtime.__path__)}


def test_no_name_is_a_module_as_well():
    # The import of a module would put it in the place of the name.
    assert MODULES.isdisjoint(dagwright.runtime.__all__)


@pytest.mark.parametrize("name", dagwright.runtime.__all__)
def test_a_name_is_what_it_says(name: str):
    found = getattr(dagwright.runtime, name)

    assert callable(found)
    assert found.__name__ == name
    assert name in importlib.import_module(found.__module__).__all__


def test_the_door_loads_nothing_by_itself():
    program = "import sys, dagwright.runtime; print(*[m for m in sys.modules if m.startswith('dagwright.runtime.')])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "\n"
