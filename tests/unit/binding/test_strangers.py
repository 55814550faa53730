"""Code of users that does what it should not costs a finding, never a traceback, and hides nothing else."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from dagwright.diagnostics import Diagnostic, sort_diagnostics

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

HEAD = """
import dataclasses
from typing import Any
from pydantic import Field, field_validator, model_validator
from dagwright import Component, Diagnostic, OperatorFactory, operator_factory

"""
FINE = "class Fine(OperatorFactory):\n    x: int\n    def make_operator(self): ...\n"


def _problems(bench: Workbench, code: str, dag: str, request: pytest.FixtureRequest) -> list[Diagnostic]:
    module = f"strange_{abs(hash(request.node.nodeid))}"
    (bench.root / f"{module}.py").write_text(HEAD + dedent(code) + "\n" + FINE)
    opened = bench.open(toml=f'factories = ["{module}"]', **{"dags/b.dag.yaml": dag})
    return sort_diagnostics(opened.diagnostics)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def check(self, context): raise KeyError('gone')", "check of Odd raises KeyError: 'gone'"),
        ("def check(self, context): raise SystemExit(1)", "check of Odd raises SystemExit: 1"),
        ("def check(self, context): return ['a text']", "raises TypeError: a check yields diagnostics, not a str"),
        ("def check(self): yield", "takes 1 positional argument but 2 were given"),
        ("def __post_init__(self): raise RuntimeError('no')", "reading odd raises RuntimeError: no"),
        (
            "@field_validator('x')\n    @classmethod\n    def v(cls, value): return {}['gone']",
            "reading odd raises KeyError: 'gone'",
        ),
        (
            "@field_validator('x')\n    @classmethod\n    def v(cls, value): raise TypeError",
            "reading odd raises TypeError",
        ),
        (
            "@model_validator(mode='after')\n    def v(self): raise SystemExit(2)",
            "reading odd raises SystemExit: 2",
        ),
    ],
)
def test_methods_that_raise(bench: Workbench, request: pytest.FixtureRequest, body: str, said: str):
    code = f"class Odd(OperatorFactory):\n    x: int\n    def make_operator(self): ...\n    {body}\n"
    dag = "tasks:\n  a: {type: odd, x: 1}\n  b: {type: fine, x: no}\n"
    odd, fine = _problems(bench, code, dag, request)
    assert odd.code == "DW501"
    assert odd.message.endswith(said)
    assert str(odd.span) == "dags/b.dag.yaml:2:3"
    assert (fine.code, str(fine.span)) == ("DW205", "dags/b.dag.yaml:3:22")


def test_the_line_that_raised_is_shown(bench: Workbench, request: pytest.FixtureRequest):
    code = "class Odd(OperatorFactory):\n    x: int\n    def check(self, context):\n        raise KeyError(self.x)\n"
    (found,) = _problems(bench, code, "tasks: {a: {type: odd, x: 1}}", request)
    (place,) = found.related
    assert place.message == "raised here"
    assert place.span.source.line(place.span.start.line).strip() == "raise KeyError(self.x)"


def test_a_check_may_return_nothing(bench: Workbench, request: pytest.FixtureRequest):
    code = "class Odd(OperatorFactory):\n    x: int\n    def check(self, context): return None\n"
    assert _problems(bench, code, "tasks: {a: {type: odd, x: 1}}", request) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("class Odd(OperatorFactory):\n    x: 'Nothing'\n", "name 'Nothing' is not defined"),
        ("def f(): return 1 / 0\nclass Odd(OperatorFactory):\n    x: int = Field(default_factory=f)\n", "ZeroDivision"),
        ("class M(type):\n    def __getattr__(cls, name): raise RuntimeError(name)\nclass Odd(metaclass=M): ...\n", ""),
    ],
)
def test_classes_that_cannot_be_read(bench: Workbench, request: pytest.FixtureRequest, code: str, said: str):
    (found,) = _problems(bench, code, "tasks: {a: {type: fine, x: 1}}", request)
    assert found.code == "DW410"
    assert said in found.message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("class Stop(BaseException): ...\nraise Stop('now')", "Stop: now"),
        ("def f(): f()\nf()", "RecursionError"),
        ("@operator_factory\ndef f(name: str, x): ...", "parameter 'x' has no annotation"),
    ],
)
def test_modules_that_do_not_import(bench: Workbench, request: pytest.FixtureRequest, code: str, said: str):
    (found,) = _problems(bench, code, "tasks: {a: {type: container_job, docker_image: a, command: b}}", request)
    assert found.code == "DW402"
    assert said in found.message
    assert found.span is not None
    assert [str(other.span) for other in found.related] == ["dagwright.toml:1:14"]


def test_types_of_a_broken_module_are_no_second_mistake(bench: Workbench, request: pytest.FixtureRequest):
    dag = "tasks:\n  a: {type: gone_with_the_module, x: 1}\n  b: {type: container_jop, docker_image: a, command: b}\n"
    found = _problems(bench, "raise ValueError", dag, request)
    # What is near to a known name is a misspelling of its own.
    assert sorted(each.code for each in found) == ["DW201", "DW402"]


def test_objects_that_raise_when_asked_for_their_class_are_passed_over(
    bench: Workbench, request: pytest.FixtureRequest
):
    code = "class Proxy:\n    @property\n    def __class__(self): raise RuntimeError('no context')\nproxy = Proxy()\n"
    assert _problems(bench, code, "tasks: {a: {type: fine, x: 1}}", request) == []


def test_a_component_may_hold_its_own_kind(bench: Workbench, request: pytest.FixtureRequest):
    code = """
    class Tree(Component):
        name: str
        children: "list[Tree]" = []
    class Odd(OperatorFactory):
        tree: Tree
        inner: "Odd | None" = None
        def make_operator(self): ...
    """
    dag = "tasks: {a: {type: odd, tree: {name: r, children: [{name: s, children: [{nam: t}]}]}, inner: {tree: 3}}}"
    found = _problems(bench, code, dag, request)
    assert [(each.code, each.path) for each in found] == [
        ("DW203", "tasks.a.tree.children[0].children[0].nam"),
        ("DW205", "tasks.a.inner.tree"),
    ]
