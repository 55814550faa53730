from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagwright.runtime.errors import CallError
from dagwright.runtime.python_call import argument_problem, call_in, import_callable
from dagwright.runtime.workspace import RunWorkspace


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "project"
    (folder / "acme_jobs").mkdir(parents=True)
    (folder / "acme_jobs/__init__.py").write_text("")
    (folder / "acme_jobs/rates.py").write_text(
        textwrap.dedent("""
        import os
        from pathlib import Path

        NOT_A_FUNCTION = 3

        class Tools:
            @staticmethod
            def double(value): return value * 2

        def tidy(source, *, strict=False):
            Path("written").write_text(source)
            return {"cwd": os.getcwd(), "workspace": os.environ["DAGWRIGHT_WORKSPACE"], "strict": strict}

        def explode(): raise ZeroDivisionError("theirs")
        def thing(): return object()
        async def later(): return 1
        def nothing(**anything): pass
        def position(first, /): pass
        """)
    )
    (folder / "acme_jobs/needy.py").write_text("import not_installed_anywhere\n")
    (folder / "acme_jobs/broken.py").write_text("raise RuntimeError('at import')\n")
    yield folder
    for name in [name for name in sys.modules if name.startswith("acme_jobs")]:
        del sys.modules[name]


@pytest.fixture
def call(project: Path, tmp_path: Path):
    workspace = RunWorkspace(tmp_path / "run")
    return lambda name, **args: call_in(workspace, name, args, search_path=[project])


@pytest.mark.parametrize("name", ["acme_jobs.rates:tidy", "acme_jobs.rates.tidy"])
def test_a_call_runs_in_the_workspace_and_puts_everything_back(call, tmp_path, name, monkeypatch):
    monkeypatch.setenv("DAGWRIGHT_WORKSPACE", "before")
    folder, path = Path.cwd(), list(sys.path)
    run = str(tmp_path / "run")
    assert call(name, source="x") == {"cwd": run, "workspace": run, "strict": False}
    assert (tmp_path / "run/written").read_text() == "x"
    assert (Path.cwd(), sys.path, os.environ["DAGWRIGHT_WORKSPACE"]) == (folder, path, "before")


def test_everything_is_put_back_after_an_exception(call, monkeypatch):
    monkeypatch.delenv("DAGWRIGHT_WORKSPACE", raising=False)
    folder, path = Path.cwd(), list(sys.path)
    with pytest.raises(ZeroDivisionError, match="theirs"):
        call("acme_jobs.rates:explode")
    assert (Path.cwd(), sys.path) == (folder, path)
    assert "DAGWRIGHT_WORKSPACE" not in os.environ


def test_a_function_of_a_class(call):
    assert call("acme_jobs.rates:Tools.double", value=4) == 8


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        (
            "acme_jobs.rates:tidy",
            {"sourse": 1},
            "'acme_jobs.rates:tidy(source, *, strict)': it has no 'sourse' and it misses 'source'",
        ),
        ("acme_jobs.rates:position", {}, "position(first, /)': missing a required argument: 'first'"),
        ("acme_jobs.rates:thing", {}, "is a object that JSON cannot hold"),
        ("acme_jobs.rates:later", {}, "is a coroutine function"),
        ("acme_jobs.rates:nope", {}, "the module 'acme_jobs.rates' has no 'nope'"),
        ("acme_jobs.rates:NOT_A_FUNCTION", {}, "is a int, not a function"),
        ("acme_jobs.nope:f", {}, "there is no module 'acme_jobs.nope'"),
        ("nope_at_all.x:f", {}, "there is no module 'nope_at_all'"),
        ("acme_jobs.needy:f", {}, "'acme_jobs.needy' needs the module 'not_installed_anywhere'"),
        ("plain", {}, "'plain' names no function"),
        ("a b:c", {}, "names no function"),
        ("a:", {}, "names no function"),
    ],
)
def test_mistakes_are_said_in_a_sentence(call, name, args, text):
    with pytest.raises(CallError) as caught:
        call(name, **args)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_modules_own_exception_passes_through(call):
    with pytest.raises(RuntimeError, match="at import"):
        call("acme_jobs.broken:f")


def test_open_keywords_take_everything(call):
    assert call("acme_jobs.rates:nothing", a=1, b=2) is None


def test_functions_without_a_signature_are_called_as_they_are():
    assert argument_problem(import_callable("builtins:dict"), {"a": 1}) is None
