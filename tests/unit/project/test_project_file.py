from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.diagnostics import Severity
from dagwright.project import DEFAULT_DAGS, DEFAULT_OPERATORS

EVERYTHING = """\
dags = ["flows/*.yaml"]
factories = ["acme.factories"]
operators = ["acme.*", "airflow.providers.*"]
allow = ["process"]

[[bind]]
path = "dags/typical/**/*.yml"
type = "typical_dag"

[[bind]]
path = "dags/other/*.yml"
type = "other"

[vars]
bucket = "dev"
role = { from_env = "ROLE" }

[defaults.dag]
owner = "data"
[defaults.container_job]
runtime = { type = "process" }

[env.dev]

[env.prod]
allow = []
[env.prod.vars]
bucket = "prod"
[env.prod.defaults.container_job]
runtime = { type = "ecs" }
"""


def test_everything_that_a_project_file_can_say(root: Path, write, config) -> None:
    write(dagwright=EVERYTHING)
    project = config()
    assert project.root == root
    assert project.file == root / "dagwright.toml"
    assert project.dags == ("flows/*.yaml",)
    assert project.factories == ("acme.factories",)
    assert project.operators == ("acme.*", "airflow.providers.*")
    assert project.allow == {"process"}
    assert [(bind.pattern, bind.type, str(bind.span)) for bind in project.binds] == [
        ("dags/typical/**/*.yml", "typical_dag", "dagwright.toml:7:8"),
        ("dags/other/*.yml", "other", "dagwright.toml:11:8"),
    ]
    assert project.environments == ("dev", "prod")
    assert project.environment is None
    (layer,) = project.layers(root)
    assert layer.name == "dagwright.toml"
    assert layer.defaults is not None
    assert layer.defaults.plain() == {"dag": {"owner": "data"}, "container_job": {"runtime": {"type": "process"}}}


def test_the_same_in_pyproject(root: Path, write, load) -> None:
    lines = EVERYTHING.replace("[[", "[[tool.dagwright.").replace("\n[", "\n[tool.dagwright.")
    lines = lines.replace("[tool.dagwright.[tool", "[[tool")
    write(pyproject="[project]\nname = 'x'\n\n[tool.dagwright]\n" + lines)
    project, diagnostics = load(env="prod")
    assert diagnostics == []
    assert project is not None
    assert project.file == root / "pyproject.toml"
    assert project.dags == ("flows/*.yaml",)
    assert [bind.type for bind in project.binds] == ["typical_dag", "other"]
    assert str(project.binds[0].span) == "pyproject.toml:11:8"
    assert [layer.name for layer in project.layers(root)] == [
        "pyproject.toml [tool.dagwright]",
        "pyproject.toml [tool.dagwright.env.prod]",
    ]


def test_an_empty_file_means_the_defaults(root: Path, write, config) -> None:
    write(dagwright="")
    project = config()
    assert (project.dags, project.operators, project.factories) == (DEFAULT_DAGS, DEFAULT_OPERATORS, ())
    assert (project.allow, project.environments, project.layers(root)) == (frozenset(), (), ())


def test_no_file_means_the_defaults_in_the_folder_of_the_start(root: Path, write, load) -> None:
    write({"x/a.dag.yaml": "a: 1"})
    for start in (root / "x", root / "x/a.dag.yaml"):
        project, diagnostics = load(start)
        assert diagnostics == []
        assert project is not None
        assert (project.root, project.file, project.dags) == (root / "x", None, DEFAULT_DAGS)


def test_empty_lists_are_said_and_no_defaults(write, config) -> None:
    write(dagwright="dags = []\noperators = []\n")
    project = config()
    assert (project.dags, project.operators) == ((), ())


WRONG = """\
dag = ["x"]
dags = "flows/*.yaml"
factories = ["acme-factories", 3]
operators = { a = 1 }
allow = [""]

[[bind]]
path = "../x/*.yml"
typ = "typical_dag"

[vars]
"a.b" = 1
role = { from_env = "", defalt = 1 }

[defaults]
dag = 3

[env]
dev = 1
[env.prod]
var = {}
"""


def test_all_problems_come_in_one_run_and_in_the_order_of_the_file(write, load, shown) -> None:
    write(dagwright=WRONG)
    project, diagnostics = load()
    assert shown(diagnostics) == [
        "DW401 dagwright.toml:1:1 unknown key 'dag' in the project file",
        "DW401 dagwright.toml:2:8 'dags' must be a list of strings, not a string",
        "DW401 dagwright.toml:3:14 'acme-factories' is no importable module's name",
        "DW401 dagwright.toml:3:32 'factories' must hold strings, not an integer",
        "DW401 dagwright.toml:4:13 'operators' must be a list of strings, not a mapping",
        "DW401 dagwright.toml:5:10 'allow' holds an empty string",
        "DW401 dagwright.toml:7:1 a binding needs 'type'",
        "DW401 dagwright.toml:8:8 the pattern '../x/*.yml' leads out of its folder",
        "DW401 dagwright.toml:9:1 unknown key 'typ' in [[bind]]",
        "DW401 dagwright.toml:12:1 'a.b' is no name for a variable",
        "DW401 dagwright.toml:13:21 'from_env' must name an environment variable, not ''",
        "DW401 dagwright.toml:13:25 unknown key 'defalt' in a variable from the process environment",
        "DW401 dagwright.toml:16:7 the defaults of 'dag' must be a mapping of its fields, not an integer",
        "DW401 dagwright.toml:19:7 'dev' must be a mapping, not an integer",
        "DW401 dagwright.toml:21:1 unknown key 'var' in [env.prod]",
    ]
    assert project is not None
    assert project.environments == ("prod",)


def test_a_problem_says_its_place_and_what_was_meant(write, load) -> None:
    write(dagwright=WRONG)
    _, diagnostics = load()
    by_path = {found.path: found for found in diagnostics}
    assert by_path["dag"].label == "did you mean 'dags'?"
    assert by_path["dag"].notes == ("keys: allow, bind, dags, defaults, env, factories, operators, vars, workers",)
    assert by_path["dags"].help == 'write dags = ["flows/*.yaml"]'
    assert by_path["bind[0].typ"].label == "did you mean 'type'?"
    assert by_path["bind[0].path"].pointer == "/bind/0/path"
    assert by_path["env.prod.var"].label == "did you mean 'vars'?"
    assert by_path["vars.role.defalt"].label == "did you mean 'default'?"


def test_places_in_pyproject_are_those_of_the_file(write, load) -> None:
    write(pyproject="[tool.dagwright.env.prod]\nvar = {}\n[tool.dagwright]\ndag = 1\n")
    _, diagnostics = load()
    assert [(found.path, found.pointer) for found in diagnostics] == [
        ("tool.dagwright.env.prod.var", "/tool/dagwright/env/prod/var"),
        ("tool.dagwright.dag", "/tool/dagwright/dag"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [("bind = 3\n", "1:8"), ("bind = [3]\n", "1:9"), ("[bind]\npath = 'x'\n", "1:1"), ("env = []\n", "1:7")],
)
def test_a_table_of_another_kind_is_one_problem(write, load, text: str, place: str) -> None:
    write(dagwright=text)
    _, diagnostics = load()
    assert [(found.code, str(found.span)) for found in diagnostics] == [("DW401", f"dagwright.toml:{place}")]


def test_tool_dagwright_must_be_a_table(write, load, shown) -> None:
    write(pyproject="[tool]\ndagwright = 3\n")
    project, diagnostics = load()
    assert project is None
    assert shown(diagnostics) == ["DW401 pyproject.toml:2:13 'dagwright' must be a mapping, not an integer"]


def test_dagwright_toml_wins_and_says_so(root: Path, write, load) -> None:
    write(dagwright="allow = ['a']\n", pyproject="[tool.dagwright]\nallow = ['b']\n")
    project, diagnostics = load()
    assert project is not None
    assert project.allow == {"a"}
    assert [(found.code, found.severity, found.file) for found in diagnostics] == [
        ("DW401", Severity.WARNING, "pyproject.toml")
    ]


def test_a_pyproject_without_the_table_is_no_competitor(write, config) -> None:
    write(dagwright="", pyproject="[tool.ruff]\n")
    assert config().file.name == "dagwright.toml"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"dags = ['\xff']\n", "DW101"), (b"dags = [\n", "DW115"), (b"allow = []\nallow = []\n", "DW115")],
)
def test_a_file_that_is_no_toml_does_not_load(write, load, content: bytes, code: str) -> None:
    write({"dagwright.toml": content})
    project, diagnostics = load()
    assert project is None
    assert [(found.code, found.file_name) for found in diagnostics] == [(code, "dagwright.toml")]


def test_a_bom_and_windows_line_ends_do_no_harm(write, load) -> None:
    write(
        {"dagwright.toml": b"\xef\xbb\xbfallow = ['process']\r\n\r\n[vars]\r\nx = 'y'\r\ndeep = { from_env = 3 }\r\n"}
    )
    project, diagnostics = load()
    assert project is not None
    assert project.allow == {"process"}
    assert [str(found.span) for found in diagnostics] == ["dagwright.toml:5:21"]
