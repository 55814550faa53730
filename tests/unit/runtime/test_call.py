from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from typing import Any

import pytest

from dagwright.runtime.call import WorkerCall
from dagwright.runtime.process import run_process
from dagwright.runtime.publish_file import publish_file


def echo(command: str, env: dict[str, str] | None = None, *, base: str | None = None, allowed: bool = False) -> Any:
    return command, env, base, allowed


def test_settings_and_arguments_meet():
    call = WorkerCall(echo, {"base": "/data", "allowed": True})
    assert call(command="ls", env={}) == ("ls", {}, "/data", True)


def test_only_open_parameters_are_in_the_signature():
    assert list(inspect.signature(WorkerCall(echo, {"base": None})).parameters) == ["command", "env", "allowed"]
    assert list(inspect.signature(WorkerCall(echo, {})).parameters) == ["command", "env", "base", "allowed"]


def test_it_is_named_after_its_function():
    call = WorkerCall(run_process, {"base": "/data"})
    assert (call.__name__, call.__qualname__) == ("run_process", "run_process")
    assert call.__module__ == "dagwright.runtime.process"
    assert repr(call) == "WorkerCall(dagwright.runtime.process.run_process)"


def test_an_unknown_setting_is_a_bug_that_shows():
    with pytest.raises(TypeError, match="has no parameter 'bse'"):
        WorkerCall(echo, {"bse": "/data"})


def test_it_is_frozen_comparable_and_can_be_copied():
    call = WorkerCall(publish_file, {"base": "/data"})
    for twin in (pickle.loads(pickle.dumps(call)), copy.deepcopy(call), copy.copy(call)):
        assert twin == call
        assert hash(twin) == hash(call)
    assert call != WorkerCall(publish_file, {"base": "/other"})
    with pytest.raises(AttributeError):
        call.settings = {}
    with pytest.raises(TypeError):
        call.settings["base"] = "/other"  # type: ignore[index]  # it must fail when it runs, too


def test_settings_do_not_follow_their_mapping():
    settings = {"base": "/data"}
    call = WorkerCall(echo, settings)
    settings["base"] = "/other"
    assert call.settings["base"] == "/data"


def test_no_module_here_loads_airflow_or_an_sdk():
    script = (
        "import pkgutil, sys, dagwright.runtime as package\n"
        "for module in pkgutil.iter_modules(package.__path__):\n"
        "    __import__(f'dagwright.runtime.{module.name}')\n"
        "heavy = {'airflow', 'boto3', 'botocore', 'fsspec', 'great_expectations', 'jinja2', 'numpy', 'pandas', "
        "'paramiko', 'pyarrow'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
