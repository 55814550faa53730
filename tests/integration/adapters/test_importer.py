"""The importer of Airflow 3.4: each DAG file is found, read, shown and failed by itself."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dagwright.adapters import importer as package
from dagwright.binding.dag_file import DagBinder

SOUND = "tasks:\n  a: {type: operator, class: airflow.providers.standard.operators.empty.EmptyOperator}\n"
BROKEN = "tasks:\n  a: {type: no_such_thing}\n"
NATIVE = "$schema: https://airflow.apache.org/schemas/dag/1999-01-01.json\ndag_id: native\n"
Project = Callable[[dict[str, str]], Path]

has_interface = find_spec("airflow.sdk.importers") is not None
needs_interface = pytest.mark.skipif(not has_interface, reason="importers arrive with Airflow 3.4")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    def write(files: dict[str, str]) -> Path:
        for name, text in {"dagwright.toml": "", **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


def listed(path: Path) -> list[str]:
    """What the importer finds in a bundle: names of files, and those of errors behind an `!`."""
    found = []
    for each in package.DagwrightImporter().list_dag_definitions(SimpleNamespace(path=path, name="b")):
        error = hasattr(each, "error_type")
        found.append(f"!{Path(each.source_reference).name}" if error else each.get_relative_loc(path))
    return sorted(found)


def imported(path: Path, importer: Any = None, **arguments: Any) -> Any:
    importer = importer or package.DagwrightImporter(**arguments)
    bundle = SimpleNamespace(path=path, name="b")
    (definition,) = importer.list_dag_definitions(bundle)
    return importer.import_definition(definition, bundle)


@pytest.mark.skipif(has_interface, reason="this Airflow has the interface")
def test_an_older_airflow_is_refused_with_its_version_and_what_to_do():
    with pytest.raises(package.UnsupportedAirflowError, match=r"needs Airflow 3\.4 or later, and 3\..*dagwright sync"):
        package.DagwrightImporter()


@pytest.mark.parametrize("version", ["3.0.6", "4.0.0"])
def test_an_airflow_that_is_not_supported_is_refused(monkeypatch: pytest.MonkeyPatch, version: str):
    monkeypatch.setattr("airflow.__version__", version)
    with pytest.raises(package.UnsupportedAirflowError, match=rf"Airflow {version} is not supported"):
        package.DagwrightImporter()


@needs_interface
@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")  # Airflow's own, about .airflowignore
def test_it_finds_what_patterns_and_bindings_match_and_airflowignore_allows(project: Project):
    root = project(
        {
            "dagwright.toml": '[[bind]]\npath = "dags/bound/*.yml"\ntype = "pipeline"\n',
            "dags/x.dag.yaml": SOUND,
            "dags/y.dag.json": "{}",
            "dags/bound/z.yml": SOUND,
            "dags/defaults.yaml": "{}",
            "dags/values.yaml": "a: 1",
            "dags/package.json": "{}",
            "dags/old/x.dag.yaml": SOUND,
            "dags/.airflowignore": "old/\n",
            "dags/code.py": "",
        }
    )
    assert listed(root / "dags") == ["bound/z.yml", "x.dag.yaml", "y.dag.json"]
    assert listed(root) == ["dags/bound/z.yml", "dags/x.dag.yaml", "dags/y.dag.json"]


@needs_interface
def test_several_projects_in_one_bundle_have_their_own_patterns(project: Project):
    root = project(
        {
            "one/dagwright.toml": 'dags = ["*.yaml"]\n',
            "one/x.yaml": SOUND,
            "two/dagwright.toml": 'dags = ["*.yml"]\n',
            "two/x.yaml": SOUND,
            "two/y.yml": SOUND,
        }
    )
    assert listed(root) == ["one/x.yaml", "two/y.yml"]


@needs_interface
def test_a_project_file_beyond_reading_is_an_error_and_costs_no_other_project(project: Project):
    root = project(
        {
            "one/dagwright.toml": "[[[",
            "one/dags/x.dag.yaml": SOUND,
            "two/dagwright.toml": "",
            "two/dags/x.dag.yaml": SOUND,
        }
    )
    assert listed(root) == ["!dagwright.toml", "one/dags/x.dag.yaml", "two/dags/x.dag.yaml"]
    # Airflow then parses the file that the error is about, and hears it again.
    assert listed(root / "one" / "dagwright.toml") == ["!dagwright.toml"]
    assert listed(root / "two" / "dagwright.toml") == []


@needs_interface
def test_a_broken_project_file_above_the_bundle_is_the_error_of_each_dag_file(project: Project):
    root = project(
        {
            "dagwright.toml": '[[bind]]\npath = "dags/bound/*.yml"\ntype = "pipeline"\n',
            "dags/x.dag.yaml": SOUND,
            "dags/bound/y.yml": SOUND,
            "dags/values.yaml": "a: 1",
        }
    )
    importer = package.DagwrightImporter()
    bundle = SimpleNamespace(path=root / "dags", name="b")
    before = sorted(importer.list_dag_definitions(bundle), key=repr)
    (root / "dagwright.toml").write_text('[vars]\nwords = "no end\n')
    definitions = sorted(importer.list_dag_definitions(bundle), key=repr)
    # The same files as before, and no error about a file that Airflow does not find in the bundle.
    assert [each.get_relative_loc(bundle.path) for each in before] == ["bound/y.yml", "x.dag.yaml"]
    assert list(map(repr, definitions)) == list(map(repr, before))
    for definition in definitions:
        (error,) = importer.import_definition(definition, bundle).errors
        assert error.message.startswith("\nerror[DW115]")
        assert "--> dagwright.toml:2:" in error.message
        assert error.line_number == 2


@needs_interface
@pytest.mark.parametrize(
    ("toml", "code"), [("", "DW409"), ('dags = ["dag/**/*.dag.yaml"]\n', "DW409"), ("[[[", "DW115")]
)
def test_a_project_above_the_bundle_without_a_dag_file_is_an_error_of_a_file_that_it_left_out(
    project: Project, toml: str, code: str
):
    root = project({"dagwright.toml": toml, "dags/b.yaml": SOUND, "dags/a.yaml": SOUND, "dags/n.yaml": NATIVE})
    importer = package.DagwrightImporter()
    bundle = SimpleNamespace(path=root / "dags", name="b")
    *native, error = importer.list_dag_definitions(bundle)
    assert [each.get_relative_loc(bundle.path) for each in native] == ["n.yaml"]
    assert Path(error.source_reference).relative_to(bundle.path) == Path("a.yaml")
    # Airflow then parses that file, and hears the error again, as long as it is there.
    file = SimpleNamespace(path=root / "dags/a.yaml", name="b")
    (again,) = importer.list_dag_definitions(file)
    assert error.message == again.message
    assert f"error[{code}]" in again.message
    (root / "dagwright.toml").write_text('dags = ["dags/b.yaml"]\n')
    assert list(importer.list_dag_definitions(file)) == []
    (root / "dagwright.toml").write_text('dags = ["dags/a.yaml"]\n')
    (definition,) = importer.list_dag_definitions(file)
    assert [dag.dag_id for dag in importer.import_definition(definition, file).dags] == ["a"]


@needs_interface
def test_a_bundle_that_can_show_nothing_leaves_the_error_to_the_log(project: Project, caplog: pytest.LogCaptureFixture):
    root = project({"dagwright.toml": "[[[", "dags/code.py": ""})
    assert listed(root / "dags") == []
    assert "DW115" in caplog.text


@needs_interface
def test_a_worker_asks_for_one_file_and_that_alone_is_read(project: Project, monkeypatch: pytest.MonkeyPatch):
    root = project({"dags/x.dag.yaml": SOUND, "dags/y.dag.yaml": BROKEN})
    names: list[str] = []
    importer = package.DagwrightImporter()  # which makes a DAG of its own
    bind = DagBinder.bind

    def spy(self: DagBinder, dag_file: Any, source: Any) -> Any:
        names.append(dag_file.name)
        return bind(self, dag_file, source)

    monkeypatch.setattr(DagBinder, "bind", spy)
    result = imported(root / "dags" / "x.dag.yaml", importer)
    assert [dag.dag_id for dag in result.dags] == ["x"]
    assert result.errors == []
    assert names == ["dags/x.dag.yaml"]


@needs_interface
def test_a_copy_with_the_id_of_another_file_is_an_import_error_whatever_it_is_called(project: Project):
    copy = f"dag_id: good\n{SOUND}"
    root = project({"dags/copy.dag.yaml": copy, "dags/good.dag.yaml": copy, "dags/zz.dag.yaml": copy})
    importer = package.DagwrightImporter()
    bundle = SimpleNamespace(path=root, name="b")
    definitions = sorted(importer.list_dag_definitions(bundle), key=repr)

    def outcomes() -> list[tuple[list[str], bool]]:
        results = [importer.import_definition(each, bundle) for each in definitions]
        return [
            ([dag.dag_id for dag in result.dags], any("DW305" in error.message for error in result.errors))
            for result in results
        ]

    assert outcomes() == [([], True), (["good"], False), ([], True)]
    # A broken file has no DAG: one other takes the id, until it is mended.
    (root / "dags/good.dag.yaml").write_text(BROKEN)
    assert outcomes() == [(["good"], False), ([], False), ([], True)]


@needs_interface
def test_the_second_file_with_a_dag_id_is_an_import_error_while_the_first_is_there(project: Project):
    root = project(
        {
            "dags/a/x.dag.yaml": SOUND,
            "dags/b/x.dag.yaml": SOUND,
            "dags/c.dag.yaml": f"dag_id: x\n{SOUND}",
            "dags/d.dag.yaml": f"{SOUND}# dag_id: x\n",
        }
    )
    importer = package.DagwrightImporter()

    def outcome(name: str) -> tuple[list[str], str]:
        """As in the DAG processor: a child imports one file after the bundle was listed."""
        file = SimpleNamespace(path=root / name, name="b")
        (definition,) = importer.list_dag_definitions(file)
        result = importer.import_definition(definition, file)
        return [dag.dag_id for dag in result.dags], "".join(error.message for error in result.errors)

    names = ["dags/a/x.dag.yaml", "dags/b/x.dag.yaml", "dags/c.dag.yaml", "dags/d.dag.yaml"]
    # A worker knows of no other file and asks for none.
    assert [outcome(name) for name in names] == [(["x"], "")] * 3 + [(["d"], "")]
    assert len(list(importer.list_dag_definitions(SimpleNamespace(path=root, name="b")))) == 4
    first, second, third, fourth = map(outcome, names)
    assert first == (["x"], "")
    assert second[0] == third[0] == []
    assert second[1].startswith("\nerror[DW305]: duplicate DAG id 'x', which the file's name gives\n")
    assert "--> dags/b/x.dag.yaml:1:1" in second[1]
    assert "dags/a/x.dag.yaml:1:1" in second[1]
    assert third[1].count("error[DW305]") == 1
    assert "--> dags/c.dag.yaml:1:9   (dag_id)" in third[1]
    assert fourth == (["d"], "")
    # The id moves to the next file as soon as the first one has another, or is gone.
    (root / names[0]).unlink()
    assert outcome(names[1]) == (["x"], "")
    assert outcome(names[2])[0] == []


@needs_interface
def test_what_is_wrong_with_a_rival_is_its_own_error(project: Project):
    broken = SOUND.replace("operator,", "no_such_thing,")
    root = project({"dags/x.dag.yaml": broken, "dags/y.dag.yaml": f"dag_id: z\n{SOUND}# dag_id: x\n"})
    importer = package.DagwrightImporter()
    bundle = SimpleNamespace(path=root, name="b")
    definitions = sorted(importer.list_dag_definitions(bundle), key=repr)
    results = [importer.import_definition(each, bundle) for each in definitions]
    assert [[dag.dag_id for dag in result.dags] for result in results] == [[], ["z"]]
    assert ["DW201" in error.message for result in results for error in result.errors] == [True]
    assert [result.warnings for result in results] == [[], []]


@needs_interface
def test_a_project_without_a_dag_file_is_an_import_error_of_its_file(project: Project):
    root = project({"dags/x.yaml": SOUND})
    bundle = SimpleNamespace(path=root, name="b")
    (error,) = package.DagwrightImporter().list_dag_definitions(bundle)
    assert error.source_reference == str(root / "dagwright.toml")
    assert "error[DW409]: no file of the project matches its patterns" in error.message
    assert listed(root / "dagwright.toml") == ["!dagwright.toml"]


@needs_interface
def test_a_file_without_a_project_and_one_behind_a_link(project: Project, tmp_path_factory: pytest.TempPathFactory):
    root = project({"dags/x.dag.yaml": f'{SOUND}description: "${{{{ vars.words }}}}"\n'})
    (root / "dagwright.toml").write_text('[vars]\nwords = "from the project"\n')
    folder = tmp_path_factory.mktemp("airflow")
    (folder / "linked").symlink_to(root / "dags")
    (folder / "y.dag.yaml").write_text(SOUND)
    assert listed(folder) == ["linked/x.dag.yaml", "y.dag.yaml"]
    (dag,) = imported(folder / "linked/x.dag.yaml").dags
    assert (dag.dag_id, dag.description) == ("x", "from the project")
    assert [dag.dag_id for dag in imported(folder / "y.dag.yaml").dags] == ["y"]


@needs_interface
def test_a_file_that_is_just_being_written_is_read_again(project: Project, monkeypatch: pytest.MonkeyPatch):
    root = project({"dags/x.dag.yaml": SOUND[: len(SOUND) // 2]})
    texts: list[str] = []
    importer = package.DagwrightImporter()  # which makes a DAG of its own
    bind = DagBinder.bind

    def slow_writer(self: DagBinder, dag_file: Any, source: Any) -> Any:
        texts.append(source.text)
        try:
            return bind(self, dag_file, source)
        finally:
            if len(texts) == 1:
                dag_file.path.write_text(SOUND)

    monkeypatch.setattr(DagBinder, "bind", slow_writer)
    result = imported(root / "dags/x.dag.yaml", importer)
    assert ([dag.dag_id for dag in result.dags], result.errors) == (["x"], [])
    assert len(texts) == 2
    # One that stays broken is an error at once.
    texts.append("")
    (root / "dags/x.dag.yaml").write_text(BROKEN)
    assert len(imported(root / "dags/x.dag.yaml", importer).errors) == 1
    assert len(texts) == 4


@needs_interface
def test_a_file_that_vanished_since_it_was_listed(project: Project):
    root = project({"dags/x.dag.yaml": SOUND, "dags/y.dag.yaml": f"dag_id: x\n{SOUND}"})
    importer = package.DagwrightImporter()
    bundle = SimpleNamespace(path=root, name="b")
    first, second = sorted(importer.list_dag_definitions(bundle), key=repr)
    first.path.unlink()
    (error,) = importer.import_definition(first, bundle).errors
    assert "there is no such file" in error.message
    assert [dag.dag_id for dag in importer.import_definition(second, bundle).dags] == ["x"]


@needs_interface
def test_an_error_has_file_line_column_and_the_source_line_in_its_message(project: Project):
    root = project({"dags/x.dag.yaml": BROKEN})
    result = imported(root / "dags" / "x.dag.yaml")
    (error,) = result.errors
    assert "--> dags/x.dag.yaml:2:13   (tasks.a.type)" in error.message
    assert "^^^^^^^^^^^^^" in error.message
    assert error.stacktrace is None  # Airflow would show it in place of the message
    assert (error.line_number, error.column_number) == (2, 13)
    assert result.dags == []


@needs_interface
def test_a_factory_that_raises_is_an_import_error(project: Project):
    code = "from dagwright import DagFactory\nclass Moody(DagFactory):\n    def make_tasks(self): raise OSError(5)\n"
    toml = 'factories = ["moody_for_a_test"]\n'
    root = project({"dagwright.toml": toml, "moody_for_a_test.py": code, "dags/x.dag.yaml": "type: moody\n"})
    (error,) = imported(root / "dags" / "x.dag.yaml").errors
    assert "error[DW501]: moody raises OSError: 5" in error.message


@needs_interface
def test_a_warning_is_one_of_the_dag(project: Project):
    toml = '[[bind]]\npath = "none/*.yml"\ntype = "pipeline"\n[env.prod]\n'
    root = project({"dagwright.toml": toml, "pyproject.toml": "[tool.dagwright]\n", "dags/x.dag.yaml": SOUND})
    result = imported(root / "dags" / "x.dag.yaml", env="prod")
    assert [dag.dag_id for dag in result.dags] == ["x"]
    assert [(warning.warning_type, "wins" in warning.message) for warning in result.warnings] == [
        ("dagwright:dw401", True)
    ]


@needs_interface
def test_the_environment_must_be_chosen(project: Project):
    root = project({"dagwright.toml": "[env.prod]\n", "dags/x.dag.yaml": SOUND})
    (error,) = imported(root / "dags" / "x.dag.yaml").errors
    assert "DW406" in error.message
    assert imported(root / "dags" / "x.dag.yaml", env="prod").errors == []


@needs_interface
def test_files_of_airflows_own_format_stay_airflows(project: Project):
    root = project({"dags/native.yaml": NATIVE, "dags/x.dag.yaml": SOUND})
    assert listed(root / "dags") == ["native.yaml", "x.dag.yaml"]
    (error,) = imported(root / "dags" / "native.yaml").errors
    assert "1999-01-01" in error.message
    assert "DW" not in error.message
    # The version of the format in Airflow 3.4.0b2.
    native = NATIVE.replace("1999-01-01", "2026-10-30")
    bash = "airflow.providers.standard.operators.bash.BashOperator"
    task = f"{{id: a, uses: {bash}, with: {{bash_command: echo}}}}"
    (root / "dags" / "native.yaml").write_text(f"{native}tasks: [{task}]\n")
    result = imported(root / "dags" / "native.yaml")
    assert (result.errors, [(dag.dag_id, dag.task_ids) for dag in result.dags]) == ([], [("native", ["a"])])


@needs_interface
def test_the_files_that_a_dag_depends_on_are_reported(project: Project):
    expectation = '{"expectation_type": "expect_column_to_exist", "kwargs": {"column": "a"}}'
    suite = f'{{"expectation_suite_name": "s", "expectations": [{expectation}]}}'
    root = project(
        {
            "dags/defaults.yaml": "{}",
            "dags/deep/defaults.yaml": "{}",
            "dags/other/defaults.yaml": "{}",
            "dags/deep/suite.json": suite,
            "dags/deep/x.dag.yaml": "tasks:\n  v: {type: file_validation, path: a.csv, validation_suite: suite.json}\n",
        }
    )
    result = imported(root / "dags" / "deep" / "x.dag.yaml")
    assert result.errors == []
    assert [each.get_relative_loc(root) for each in result.dependencies] == [
        "dags/deep/defaults.yaml",
        "dags/deep/suite.json",
        "dags/defaults.yaml",
        "dagwright.toml",
    ]


@needs_interface
def test_the_files_that_airflow_reads_in_place_of_texts_are_dependencies(project: Project):
    task = "type: operator, class: airflow.providers.standard.operators.bash.BashOperator"
    root = project(
        {
            "dags/x.dag.yaml": f"""\
tasks:
  beside: {{{task}, args: {{bash_command: load.sh}}}}
  above: {{{task}, args: {{bash_command: scripts/clean.sh}}}}
  gone: {{{task}, args: {{bash_command: gone.sh}}}}
  text: {{{task}, args: {{bash_command: "echo load.sh "}}}}
  script: {{{task}, args: {{bash_command: "{"echo; " * 1000}load.sh"}}}}
""",
            "dags/load.sh": "echo",
            "scripts/clean.sh": "echo",
        }
    )
    result = imported(root / "dags" / "x.dag.yaml")
    assert result.errors == []
    found = [each.get_relative_loc(root) for each in result.dependencies]
    assert found == ["dagwright.toml", "dags/load.sh", "scripts/clean.sh"]


@needs_interface
def test_the_code_tab_gets_the_text_as_it_is(project: Project):
    root = project({"dags/x.dag.yaml": f"# why\n{SOUND}", "dags/y.dag.json": "{}"})
    importer = package.DagwrightImporter()
    shown = {}
    for each in importer.list_dag_definitions(SimpleNamespace(path=root, name="b")):
        code = importer.get_source_code(each)
        shown[code.language] = code.source_code
    assert shown == {"yaml": f"# why\n{SOUND}", "json": "{}"}
