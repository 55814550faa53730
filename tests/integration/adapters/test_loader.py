"""`load_dags`: one Python file for all DAGs, of which a worker builds one and a bad file costs its own."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dagwright import LoadError, load_dags
from dagwright.adapters import versions
from dagwright.adapters.loader import DagFileWarning
from dagwright.binding.dag_file import DagBinder
from dagwright.diagnostics import DagwrightError

SOUND = "tasks:\n  a: {type: operator, class: airflow.providers.standard.operators.empty.EmptyOperator}\n"
BROKEN = "tasks:\n  a: {type: no_such_thing}\n"
Parse = Callable[..., dict[str, Any]]


@pytest.fixture
def project(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    def write(files: dict[str, str]) -> Path:
        for name, text in {"dagwright.toml": "", **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


@pytest.fixture
def parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parse:
    """Do what Airflow does with `dags/loader.py`; return the DAGs by id."""
    # Its first import takes Python's warnings over, which must not happen while a test collects them.
    import_module("airflow.sdk")
    import_module("airflow.settings")

    def parse(dag_id: str | None = None, task_id: str | None = None, **arguments: Any) -> dict[str, Any]:
        for name, value in (("DAG_ID", dag_id), ("TASK_ID", task_id)):
            if value is None:
                monkeypatch.delenv(f"_AIRFLOW_PARSING_CONTEXT_{name}", raising=False)
            else:
                monkeypatch.setenv(f"_AIRFLOW_PARSING_CONTEXT_{name}", value)
        module: dict[str, Any] = {"__file__": str(tmp_path / "dags" / "loader.py")}
        ids = load_dags(module, **arguments)
        found = {value.dag_id: value for key, value in module.items() if key != "__file__"}
        assert list(found) == ids
        return found

    return parse


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the DAG files that were bound."""
    names: list[str] = []
    bind = DagBinder.bind

    def spy(self: DagBinder, dag_file: Any, source: Any) -> Any:
        names.append(dag_file.name)
        return bind(self, dag_file, source)

    monkeypatch.setattr(DagBinder, "bind", spy)
    return names


def test_every_dag_is_there_and_no_notice_without_a_problem(project, parse: Parse):
    project({"dags/x.dag.yaml": SOUND, "dags/deep/y.dag.yaml": SOUND})
    with warnings.catch_warnings():
        warnings.simplefilter("error", DagFileWarning)
        assert sorted(parse()) == ["x", "y"]


def test_a_bad_file_costs_its_own_dag_and_is_reported_twice(project, parse: Parse):
    project({"dags/x.dag.yaml": SOUND, "dags/bad.dag.yaml": BROKEN})
    with pytest.warns(
        DagFileWarning, match=r"^DW201: unknown type 'no_such_thing' .* \(dags/bad\.dag\.yaml:2:13\)$"
    ) as caught:
        dags = parse()
    assert [(warning.filename, warning.lineno) for warning in caught] == [("dags/bad.dag.yaml", 2)]
    assert sorted(dags) == ["dagwright_problems_loader", "x"]
    notice = dags["dagwright_problems_loader"]
    assert "1 broken DAG file" in notice.dag_display_name
    assert "--> dags/bad.dag.yaml:2:13   (tasks.a.type)" in notice.doc_md
    assert notice.is_paused_upon_creation
    assert not notice.tasks


def test_a_factory_that_raises_costs_its_own_dag(project, parse: Parse):
    code = "from dagwright import DagFactory\nclass Sulky(DagFactory):\n    def make_tasks(self): raise OSError(5)\n"
    files = {"dags/x.dag.yaml": SOUND, "dags/bad.dag.yaml": "type: sulky\n", "sulky_for_a_test.py": code}
    project({**files, "dagwright.toml": 'factories = ["sulky_for_a_test"]\n'})
    with pytest.warns(DagFileWarning, match="DW501"):
        assert sorted(parse()) == ["dagwright_problems_loader", "x"]


@pytest.mark.parametrize("version", ["2.11.0", "3.0.6", "4.0.0"])
def test_an_airflow_that_is_not_supported(project, parse: Parse, monkeypatch: pytest.MonkeyPatch, version: str):
    project({"dags/x.dag.yaml": SOUND})
    monkeypatch.setattr(versions, "airflow_version", lambda: version)
    with pytest.raises(DagwrightError, match=f"^Airflow {version} is not supported: Dagwright needs Airflow 3.1"):
        parse()


def test_the_notice_can_be_run_on_a_worker(project, parse: Parse):
    project({"dags/x.dag.yaml": SOUND, "dags/bad.dag.yaml": BROKEN})
    with pytest.warns(DagFileWarning):
        assert "dagwright_problems_loader" in parse("dagwright_problems_loader", "any")


def test_a_worker_reads_the_file_called_like_its_dag_and_no_other(project, parse: Parse, read: list[str]):
    project({f"dags/d{number}.dag.yaml": SOUND for number in range(9)} | {"dags/bad.dag.yaml": BROKEN})
    assert list(parse("d7", "a")) == ["d7"]
    assert read == ["dags/d7.dag.yaml"]


def test_a_worker_finds_an_id_that_only_the_text_says(project, parse: Parse, read: list[str]):
    project({"dags/x.dag.yaml": SOUND, "dags/y.dag.yaml": f"dag_id: other\n{SOUND}"})
    assert list(parse("other", "a")) == ["other"]
    assert read == ["dags/y.dag.yaml"]


def test_a_worker_finds_an_id_that_a_variable_says(project, parse: Parse):
    toml = '[vars]\nteam = "lending"\n'
    said = f'dag_id: "${{{{ vars.team }}}}_x"\n{SOUND}'
    project({"dagwright.toml": toml, "dags/x.dag.yaml": said, "dags/y.dag.yaml": SOUND})
    assert list(parse("lending_x", "a")) == ["lending_x"]


def test_a_file_called_like_a_dag_may_have_another_id(project, parse: Parse):
    project({"dags/x.dag.yaml": f"dag_id: y\n{SOUND}", "dags/z.dag.yaml": f"dag_id: x\n{SOUND}"})
    (dag,) = parse("x", "a").values()
    assert dag.fileloc.endswith("z.dag.yaml")


def test_without_its_task_a_name_may_be_left_over_and_hides_nothing(project, parse: Parse):
    """`airflow dags test` leaves the name of its DAG behind for the parse that looks for all."""
    project({"dags/x.dag.yaml": SOUND, "dags/y.dag.yaml": SOUND})
    assert sorted(parse("x")) == ["x", "y"]


@pytest.mark.parametrize("other", ["aa", "zz"])
def test_of_two_files_with_one_id_all_processes_take_the_same(project, parse: Parse, other: str):
    project({f"dags/{other}.dag.yaml": f"dag_id: x\n{SOUND}", "dags/x.dag.yaml": SOUND})
    with pytest.warns(DagFileWarning, match=rf"DW305.*\(dags/{other}\.dag\.yaml:1:9\)"):
        everything = parse()
    alone = parse("x", "a")
    assert everything["x"].fileloc == alone["x"].fileloc
    assert alone["x"].fileloc.endswith("/x.dag.yaml")


def test_a_sound_file_is_found_behind_a_broken_one_of_the_same_name(project, parse: Parse):
    project({"dags/x.dag.yaml": BROKEN, "dags/a.dag.yaml": f"dag_id: x\n{SOUND}"})
    with pytest.warns(DagFileWarning):
        everything = parse()
    assert everything["x"].fileloc == parse("x", "a")["x"].fileloc


def test_a_worker_whose_file_broke_meanwhile_says_why(project, parse: Parse):
    project({"dags/x.dag.yaml": BROKEN, "dags/y.dag.yaml": SOUND})
    with pytest.raises(LoadError, match="no_such_thing"):
        parse("x", "a")


def test_a_worker_gets_nothing_where_no_file_has_its_id(project, parse: Parse):
    project({"dags/y.dag.yaml": SOUND})
    assert parse("x", "a") == {}


def test_a_broken_project_is_an_error_of_the_loader(project, parse: Parse):
    project({"dagwright.toml": "[[[", "dags/x.dag.yaml": SOUND})
    for context in ((), ("x", "a")):
        with pytest.raises(LoadError, match="DW115"):
            parse(*context)


def test_a_folder_is_relative_to_the_loader_and_restricts_it(project, parse: Parse):
    project({"dags/a/x.dag.yaml": SOUND, "dags/b/y.dag.yaml": SOUND})
    assert list(parse(folder="a")) == ["x"]
    assert parse("y", "a", folder="a") == {}


def test_an_environment_can_be_given(project, parse: Parse):
    project({"dagwright.toml": '[env.prod.defaults.dag]\nowner = "ops"\n[env.dev]\n', "dags/x.dag.yaml": SOUND})
    with pytest.raises(LoadError, match="DW406"):
        parse()
    assert parse(env="prod")["x"].default_args["owner"] == "ops"
