from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dagwright.diagnostics import Span
from dagwright.project import Variable
from dagwright.source import MappingNode


def plain(variables: Mapping[str, Variable]) -> dict[str, object]:
    return {name: variable.node.plain() if variable.node else None for name, variable in variables.items()}


def used(variable: Variable) -> Span:
    """A place to use a variable at; any will do."""
    return variable.span


class Spy(Mapping[str, str]):
    """A process environment that remembers what was asked of it."""

    def __init__(self, **values: str) -> None:
        self.values_, self.asked = values, set[str]()

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return self.values_[key]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("nobody lists the environment")

    def __len__(self) -> int:
        return len(self.values_)


def test_nearer_locations_and_environments_win(root: Path, write, config) -> None:
    write(
        {
            "dagwright.toml": "[vars]\na = 'base'\nb = 'base'\nc = 'base'\nd = 'base'\n"
            "[env.prod.vars]\nb = 'prod'\nc = 'prod'\n[env.dev.vars]\na = 'dev'\n",
            "defaults.yaml": "vars: {c: root folder}\n",
            "dags/x/defaults.yaml": "vars: {d: folder}\n"
            "env: {prod: {vars: {d: folder in prod}}, dev: {vars: {d: no}}}\n",
        }
    )
    project = config(env="prod")
    assert plain(project.variables(root / "dags/x")) == {
        "a": "base",
        "b": "prod",
        "c": "root folder",
        "d": "folder in prod",
    }
    assert plain(project.variables(root / "dags")) == {"a": "base", "b": "prod", "c": "root folder", "d": "base"}
    assert plain(config().variables(root / "dags/x"))["d"] == "folder"


def test_a_variable_knows_where_it_comes_from(root: Path, write, config) -> None:
    write({"dagwright.toml": "[vars]\na = 'x'\nb = 1\n", "dags/defaults.yaml": "vars:\n  a: y\n"})
    variables = config().variables(root / "dags")
    assert str(variables["a"].span) == "dags/defaults.yaml:2:3"
    assert variables["a"].node is not None
    assert str(variables["a"].node.span) == "dags/defaults.yaml:2:6"
    assert str(variables["b"].span) == "dagwright.toml:3:1"


def test_mappings_merge_deeply_lists_replace_and_null_is_a_value(root: Path, write, config) -> None:
    write(
        {
            "dagwright.toml": "[vars]\nlist = [1, 2]\nthing = 1\n[vars.db]\nhost = 'a'\nport = 1\n"
            "opts = { x = 1, y = 2 }\n",
            "dags/defaults.yaml": "vars:\n  list: [3]\n  thing: null\n  db: {host: b, opts: {y: null}, new: 1}\n",
        }
    )
    variables = config().variables(root / "dags")
    assert plain(variables) == {
        "list": [3],
        "thing": None,
        "db": {"host": "b", "port": 1, "opts": {"x": 1, "y": None}, "new": 1},
    }
    assert variables["thing"].problem(used(variables["thing"])) is None
    merged = variables["db"].node
    assert isinstance(merged, MappingNode)
    assert {key: str(merged.key_span(key)) for key in merged} == {
        "host": "dags/defaults.yaml:4:8",
        "port": "dagwright.toml:6:1",
        "opts": "dags/defaults.yaml:4:17",
        "new": "dags/defaults.yaml:4:34",
    }
    assert plain(config().variables(root))["db"] == {"host": "a", "port": 1, "opts": {"x": 1, "y": 2}}


def test_another_type_drops_what_was_said_about_the_weaker_one(root: Path, write, config) -> None:
    write(
        dagwright="[vars]\nrun = { type = 'docker', image = 'x' }\nsame = { type = 'a', x = 1 }\n"
        "[env.prod.vars]\nrun = { type = 'ecs', cluster = 'y' }\nsame = { type = 'a', y = 1 }\n"
    )
    assert plain(config(env="prod").variables(root)) == {
        "run": {"type": "ecs", "cluster": "y"},
        "same": {"type": "a", "x": 1, "y": 1},
    }


def test_a_value_from_the_process_environment_stands_where_it_is_declared(root: Path, write, config) -> None:
    write(dagwright="[vars]\nrole = { from_env = 'ROLE' }\nzone = { from_env = 'ZONE', default = 'eu' }\n")
    variables = config(environ={"ROLE": "secret"}).variables(root)
    assert plain(variables) == {"role": "secret", "zone": "eu"}
    assert (variables["role"].from_env, variables["zone"].from_env) == ("ROLE", "ZONE")
    assert variables["role"].node is not None
    assert str(variables["role"].node.span) == "dagwright.toml:2:8"


def test_a_missing_value_is_a_problem_only_where_it_is_used(root: Path, write, config) -> None:
    write(dagwright="[vars]\nrole = { from_env = 'ROLE' }\nempty = { from_env = 'EMPTY' }\n")
    variables = config(environ={"EMPTY": ""}).variables(root)
    assert plain(variables) == {"role": None, "empty": ""}
    found = variables["role"].problem(used(variables["empty"]))
    assert found is not None
    assert (found.code, str(found.span)) == ("DW408", "dagwright.toml:3:1")
    assert found.message == "'vars.role' needs the environment variable 'ROLE', which is not set"
    assert [str(related.span) for related in found.related] == ["dagwright.toml:2:1"]
    assert variables["empty"].problem(used(variables["role"])) is None


def test_a_default_may_be_any_value(root: Path, write, config) -> None:
    write(dagwright="[vars]\nhosts = { from_env = 'HOSTS', default = ['a', 'b'] }\n")
    assert plain(config().variables(root)) == {"hosts": ["a", "b"]}


def test_a_declaration_replaces_and_is_replaced_as_a_whole(root: Path, write, config) -> None:
    write(
        {
            "dagwright.toml": "[vars]\na = { default = { z = 1 }, from_env = 'A' }\nb = { x = 1 }\n",
            "dags/defaults.yaml": "vars:\n  a: {x: 1}\n  b: {from_env: B, default: 2}\n",
        }
    )
    assert plain(config().variables(root / "dags")) == {"a": {"x": 1}, "b": 2}


def test_only_declared_names_are_asked_of_the_environment(root: Path, write, config) -> None:
    write(
        dagwright="[vars]\na = { from_env = 'A' }\n[env.x.vars]\nb = { from_env = 'B' }\n"
        "[env.y.vars]\nc = { from_env = 'C' }\n"
    )
    spy = Spy(A="1", B="2", C="3", HOME="4")
    project = config(env="x", environ=spy)
    assert spy.asked == set()
    assert plain(project.variables(root)) == {"a": "1", "b": "2"}
    assert spy.asked == {"A", "B"}


def test_no_secret_shows_in_a_representation(root: Path, write, config) -> None:
    write(dagwright="[vars]\na = { from_env = 'A' }\n")
    project = config(environ={"A": "s3cr3t", "DAGWRIGHT_ENV": ""})
    variables = project.variables(root)
    assert plain(variables) == {"a": "s3cr3t"}
    assert "s3cr3t" not in repr(project) + repr(variables)


@pytest.mark.parametrize("name", ["a-b", "_x", "grö-ße", "A9"])
def test_names_that_a_variable_may_have(root: Path, write, config, name: str) -> None:
    write(dagwright=f"[vars]\n'{name}' = 1\n")
    assert plain(config().variables(root)) == {name: 1}


@pytest.mark.parametrize(
    "declaration",
    ["{ from_env = 3 }", "{ from_env = '' }", "{ from_env = 'A=B' }", "{ from_env = 'A', required = true }"],
)
def test_a_broken_declaration_is_reported_and_left_out(root: Path, write, load, declaration: str) -> None:
    write(dagwright=f"[vars]\na = {declaration}\nb = 1\n")
    project, diagnostics = load()
    assert [(found.code, found.path.split(".")[:2]) for found in diagnostics] == [("DW401", ["vars", "a"])]
    assert project is not None
    assert plain(project.variables(root)) == {"b": 1}


def test_a_declaration_inside_a_value_is_no_declaration(root: Path, write, load, shown) -> None:
    write(
        dagwright="[vars]\ndb = { host = 'x', password = [{ from_env = 'PASSWORD' }] }\n"
        "free = { a = { from_env = 1, b = 2 } }\n"
    )
    _, diagnostics = load(environ={"PASSWORD": "x"})
    assert shown(diagnostics) == [
        "DW401 dagwright.toml:2:34 'from_env' declares a whole variable and cannot stand inside a value"
    ]
    assert diagnostics[0].path == "vars.db.password[0].from_env"
