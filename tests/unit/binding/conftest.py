"""A project on disk from a mapping of texts, and what binding it says."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from dagwright.binding import Project, open_project
from dagwright.diagnostics import Diagnostic

FACTORIES = """
    import dataclasses
    from typing import Annotated, Literal
    from datetime import date, datetime, timedelta
    from pydantic import Field, field_validator
    from dagwright import (Component, DagFactory, OperatorFactory, ProjectFile, ProjectFolder, WorkspacePath,
                           operator_factory)

    class Column(Component, shorthand="name"):
        name: str
        type: str = "VARCHAR"

    class Engine(Component, abstract=True): ...
    class DuckEngine(Engine):
        file: str = "x.duckdb"
    class CloudEngine(Engine, aliases=("old_cloud",)):
        cluster: str
        size: int = 1

    class Load(OperatorFactory, name_from="target"):
        target: str
        engine: Engine | None = None
        columns: list[Column] = []
        mode: Literal["replace", "append"] = "replace"
        count: Annotated[int, Field(ge=1)] = 1
        wait: timedelta = timedelta(0)
        since: datetime | None = None
        on: date | None = None
        flag: bool = False
        suite: ProjectFile | None = None
        folder: ProjectFolder | None = None
        paths: list[WorkspacePath] = []
        free: dict[str, object] = {}
        either: str | list[str] = ""

        @field_validator("target")
        @classmethod
        def _no_spaces(cls, value):
            if " " in value:
                raise ValueError(f"target {value!r} has spaces")
            return value

        def make_operator(self): ...

    class Sink(OperatorFactory, abstract=True): ...
    class DiskSink(Sink):
        folder: str
        def make_operator(self): ...
    class NetSink(Sink):
        host: str = "localhost"
        def make_operator(self): ...

    class Group(OperatorFactory):
        loads: list[Load] = []
        def make_operators(self): ...

    class Flow(DagFactory):
        loads: list[Load] = []
        sinks: dict[str, Sink] = {}
        group: Group | None = None

    @operator_factory
    def run_sql(name: str, sql: str, retries: int = 0):
        return None

    @dataclasses.dataclass
    class Nested:
        depth: int

    @dataclasses.dataclass
    class Wait:
        task_id: str
        seconds: int = 5
        nested: Nested | None = None
        def make_operator(self): ...

    @dataclasses.dataclass
    class PlainFlow:
        waits: list[Wait]
        def make_dag(self): ...
"""


class Workbench:
    """Writes a project and binds it."""

    def __init__(self, root: Path, package: str) -> None:
        self.root = root
        self.package = package

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")

    def open(self, dag: str = "", *, toml: str = "", env: str | None = None, **files: str) -> Project:
        """Bind a project with one DAG file of type `flow` and further files by path."""
        project = f"{dedent(toml)}\n" if "factories" in toml else f'factories = ["{self.package}"]\n{dedent(toml)}\n'
        self.write({"dagwright.toml": project, **files})
        if dag:
            self.write({"dags/a.dag.yaml": f"type: flow\n{dedent(dag).strip()}\n"})
        opened, problems = open_project(self.root, env=env, inside_airflow=False)
        assert opened is not None, problems
        return opened

    def problems(self, dag: str, **options: str) -> list[Diagnostic]:
        return list(self.open(dag, **options).diagnostics)

    def codes(self, dag: str, **options: str) -> list[str]:
        return sorted(found.code for found in self.problems(dag, **options))


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workbench]:
    package = f"factories_{abs(hash(request.node.nodeid))}"
    root = tmp_path / "project"
    root.mkdir()
    (root / f"{package}.py").write_text(dedent(FACTORIES), encoding="utf-8")
    before = list(sys.path)
    yield Workbench(root, package)
    sys.path[:] = before


@pytest.fixture(autouse=True)
def _outside_of_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests be no Airflow, even where another test has imported it."""
    monkeypatch.delitem(sys.modules, "airflow", raising=False)
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)
