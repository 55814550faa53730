from __future__ import annotations

import pytest

TWO = "allow = ['base']\n[env.dev]\n[env.prod]\nallow = ['process']\n[env.none]\nallow = []\n"


def test_nothing_is_chosen_outside_of_airflow(write, config) -> None:
    write(dagwright=TWO)
    assert config().environment is None


def test_the_argument_beats_the_environment_variable(write, config) -> None:
    write(dagwright=TWO)
    assert config(environ={"DAGWRIGHT_ENV": "dev"}).environment == "dev"
    assert config(env="prod", environ={"DAGWRIGHT_ENV": "dev"}).environment == "prod"
    assert config(env="prod", environ={"DAGWRIGHT_ENV": "nonsense"}).environment == "prod"
    assert config(environ={"DAGWRIGHT_ENV": ""}).environment is None


@pytest.mark.parametrize(
    ("env", "allowed"), [(None, {"base"}), ("dev", {"base"}), ("prod", {"process"}), ("none", set[str]())]
)
def test_an_environments_list_replaces_what_the_project_allows(
    write, config, env: str | None, allowed: set[str]
) -> None:
    write(dagwright=TWO)
    assert config(env=env).allow == allowed


@pytest.mark.parametrize(("env", "several"), [(None, False), ("dev", False), ("prod", True), ("one", False)])
def test_an_environment_says_whether_it_has_several_workers(write, config, env: str | None, several: bool) -> None:
    write(dagwright="[env.dev]\n[env.prod]\nworkers = 'several'\n[env.one]\nworkers = 'one'\n")
    assert config(env=env).several_workers is several


def test_an_environment_beats_what_the_project_says_of_its_workers(write, config) -> None:
    write(dagwright="workers = 'several'\n[env.dev]\nworkers = 'one'\n[env.prod]\n")
    assert [config(env=env).several_workers for env in (None, "dev", "prod")] == [True, False, True]


@pytest.mark.parametrize(("value", "shown"), [("4", "an integer"), ("'many'", "'many'"), ("true", "a boolean")])
def test_a_number_of_workers_that_is_none(write, load, value: str, shown: str) -> None:
    write(dagwright=f"[env.prod]\nworkers = {value}\n")
    _, (found,) = load(env="prod")
    assert (found.code, found.path) == ("DW401", "env.prod.workers")
    assert found.message == f"'workers' is 'one' or 'several', not {shown}"


def test_an_unknown_environment_does_not_load(write, load) -> None:
    write(dagwright=TWO)
    project, (found,) = load(env="prd")
    assert project is None
    assert (found.code, found.file) == ("DW405", "dagwright.toml")
    assert found.message == "the project has no environment 'prd'"
    assert found.help == "did you mean 'prod'?"
    assert found.notes == ("environments: dev, none, prod",)


def test_an_unknown_environment_says_where_it_was_chosen(write, load) -> None:
    write(dagwright=TWO)
    _, (found,) = load(environ={"DAGWRIGHT_ENV": "prd"})
    assert found.message == "the project has no environment 'prd', which DAGWRIGHT_ENV names"


@pytest.mark.parametrize("text", ["", None])
def test_an_environment_is_unknown_where_none_are_declared(write, load, text: str | None) -> None:
    if text is not None:
        write(dagwright=text)
    project, (found,) = load(env="prod")
    assert project is None
    assert found.code == "DW405"
    assert found.help == "declare it in dagwright.toml: [env.prod]"


def test_inside_airflow_one_must_be_chosen(write, load) -> None:
    write(dagwright=TWO)
    project, (found,) = load(inside_airflow=True)
    assert project is None
    assert (found.code, found.file) == ("DW406", "dagwright.toml")
    assert "DAGWRIGHT_ENV" in found.help


def test_inside_airflow_a_chosen_one_loads(write, config) -> None:
    write(dagwright=TWO)
    assert config(inside_airflow=True, environ={"DAGWRIGHT_ENV": "dev"}).environment == "dev"


def test_inside_airflow_a_project_without_environments_loads(write, config) -> None:
    write(dagwright="")
    assert config(inside_airflow=True).environment is None


def test_problems_of_the_file_are_reported_beside_the_wrong_choice(write, load) -> None:
    write(dagwright=TWO + "[var]\n")
    _, diagnostics = load(env="prd")
    assert [found.code for found in diagnostics] == ["DW401", "DW405"]
