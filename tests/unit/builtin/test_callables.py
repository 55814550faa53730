"""Finding functions by reading source, never by importing it."""

from __future__ import annotations

import ast
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from textwrap import dedent

import pytest

from dagwright.builtin.callables import find_function, problem_with_arguments

MODULE = """
    import nothing_installed
    from somewhere import borrowed
    raise_if_imported = 1 / 0

    def fetch(day, /, url: str, *, retries=3, timeout): ...
    async def later(a=1, *rest, **more): ...
    class Job: ...
    if True:
        def inside(x): ...
    try:
        pass
    except ImportError:
        def fallback(): ...
    try:
        pass
    except* ImportError:
        def grouped(): ...
    for one in (1, 2):
        def looped(y): ...

    @decorated
    def wrapped(a): ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "jobs" / "daily.py").write_text(dedent(MODULE))
    (tmp_path / "jobs" / "broken.py").write_text("def (")
    return tmp_path


def test_a_signature_is_read(folder: Path) -> None:
    found = find_function("jobs.daily:fetch", [folder])
    assert found.signature_text == "fetch(day, /, url: str, *, retries=3, timeout)"
    assert find_function("jobs.daily.inside", [folder]).signature_text == "inside(x)"
    assert find_function("jobs.daily:fallback", [folder]).signature_text == "fallback()"
    assert find_function("jobs.daily:grouped", [folder]).signature_text == "grouped()"
    assert find_function("jobs.daily:looped", [folder]).signature_text == "looped(y)"


@pytest.mark.parametrize("name", ["borrowed", "Job", "wrapped", "raise_if_imported"])
def test_what_only_a_run_can_tell_is_left_to_it(folder: Path, name: str) -> None:
    found = find_function(f"jobs.daily:{name}", [folder])
    assert (found.signature, found.problem) == (None, "")


def test_a_function_in_c_is_left_to_a_run() -> None:
    found = find_function("pydantic_core._pydantic_core:from_json", [])
    assert (found.signature, found.problem) == (None, "")


def test_an_editable_installation_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
            return PathFinder.find_spec(name, [str(folder)]) if name == "jobs" else None

    assert find_function("jobs.daily:fetch", []).problem == "module 'jobs' not found"
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert find_function("jobs.daily:inside", []).signature_text == "inside(x)"
    assert find_function("jobs.dayly:inside", []).problem == "module 'jobs.dayly' not found"


@pytest.mark.parametrize("name", ["os.path:join", "math:sqrt", "json:dumps", "sys:exit"])
def test_python_itself_is_never_missing(name: str) -> None:
    assert find_function(name, []).problem == ""


@pytest.mark.parametrize(
    ("name", "problem", "help_text"),
    [
        ("jobs.daily:fetsh", "module 'jobs.daily' has no 'fetsh'", "did you mean 'fetch'?"),
        ("jobs.dayly:fetch", "module 'jobs.dayly' not found", "is it below the project's folder, or installed?"),
        ("no_such.daily:fetch", "module 'no_such' not found", "is it below the project's folder, or installed?"),
        ("fetch", "'fetch' names no module", "write package.module:function"),
    ],
)
def test_a_missing_function(folder: Path, name: str, problem: str, help_text: str) -> None:
    found = find_function(name, [folder])
    assert (found.problem, found.help) == (problem, help_text)


def test_a_module_that_is_no_python(folder: Path) -> None:
    assert "SyntaxError" in find_function("jobs.broken:fetch", [folder]).problem


@pytest.mark.parametrize(
    ("signature", "given", "problems"),
    [
        ("a, b=1", {"a": 1}, []),
        ("a, b=1", {}, ["argument 'a' is missing"]),
        ("a, *, b", {"a": 1}, ["argument 'b' is missing"]),
        ("a, *, b=None", {"a": 1, "c": 2}, ["the function has no parameter 'c'"]),
        ("a, **more", {"a": 1, "c": 2}, []),
        ("a, /", {"a": 1}, ["the function has no parameter 'a'"]),
        ("*args", {}, []),
    ],
)
def test_arguments(signature: str, given: dict[str, object], problems: list[str]) -> None:
    function = ast.parse(f"def f({signature}): ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert [message for _, message, _ in problem_with_arguments(function.args, given)] == problems
