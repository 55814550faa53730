"""Acme's package uses nothing but what Dagwright documents for packages."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acme.example_project import HERE

PACKAGE = HERE / "src" / "acme"
PAGE = HERE.parent.parent / "docs" / "writing-a-runtime.md"


def documented_modules(page: str) -> set[str]:
    """Return the modules that the table of public names lists."""
    table = page.partition("## Names that you may use")[2]
    return set(re.findall(r"^\| `(dagwright[\w.]*)` \|", table, re.MULTILINE))


def private_names(source: str, modules: set[str]) -> Iterator[str]:
    """Yield each use of a name that is not documented."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                for name in names:
                    if name.name.partition(".")[0] in {"dagwright", "importlib"}:
                        yield f"import {name.name}"
            case ast.ImportFrom(module=str(module), names=names, level=0) if module.partition(".")[0] == "dagwright":
                if module not in modules:
                    yield f"from {module} import"
                    continue
                public = importlib.import_module(module).__all__
                yield from (f"from {module} import {name.name}" for name in names if name.name not in public)
            case ast.ImportFrom(level=level) if level:
                yield "a relative import"
            case ast.Attribute(attr=attribute) if attribute.startswith("_"):
                yield f".{attribute}"
            case ast.Name(id="getattr" | "setattr" | "vars" | "__import__" | "eval" | "exec" as name):
                yield name
            case _:
                pass


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_documented_names_are_used(path: Path):
    modules = documented_modules(PAGE.read_text(encoding="utf-8"))

    assert list(private_names(path.read_text(encoding="utf-8"), modules)) == []


def test_the_package_uses_dagwright_at_all():
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]

    assert sum("from dagwright" in source for source in sources) > 10


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from dagwright.model.bases import OperatorFactory", "from dagwright.model.bases import"),
        ("from dagwright import model", "from dagwright import model"),
        ("import dagwright.model", "import dagwright.model"),
        (
            "from dagwright.runtime.workspace import run_workspace",
            "from dagwright.runtime.workspace import",
        ),
        ("from dagwright.runtime import import_module", "from dagwright.runtime import import_module"),
        ("def f(factory): return factory._place", "._place"),
        ("def f(factory): return getattr(factory, '_place')", "getattr"),
        ("from ..x import y", "a relative import"),
    ],
)
def test_the_scan_finds_what_is_private(source: str, found: str):
    modules = documented_modules(PAGE.read_text(encoding="utf-8"))

    assert list(private_names(source, modules)) == [found]


def test_the_table_of_names_is_read():
    modules = documented_modules(PAGE.read_text(encoding="utf-8"))

    assert modules == {
        "dagwright",
        "dagwright.builtin",
        "dagwright.builtin.container_job",
        "dagwright.builtin.warehouse_upload",
        "dagwright.runtime",
    }
    for module in modules:
        assert importlib.import_module(module).__all__
