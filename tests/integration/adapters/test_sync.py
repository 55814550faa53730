"""`dagwright sync` with a real Airflow: what it writes, what the stubs do, and what can go wrong meanwhile."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("airflow")

from dagwright.adapters import versions
from dagwright.binding import DagBinder
from dagwright.cli import main
from dagwright.diagnostics import DagwrightError, LoadError

Sync = Callable[..., Result]

GOOD = """\
schedule: "@daily"
tasks:
  hello:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    args: {bash_command: echo hello}
"""
BAD = GOOD.replace("schedule", "scheduled")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dagwright.toml").write_text("[env.prod]\n[env.dev]\n", encoding="utf-8")
    write(tmp_path, "rates", GOOD)
    return tmp_path


@pytest.fixture
def sync() -> Sync:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["sync", "--output", "stubs", *arguments])

    return call


def write(project: Path, name: str, text: str) -> Path:
    path = project / f"dags/{name}.dag.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def stub(project: Path, name: str) -> Path:
    return project / f"stubs/dags/{name}.dag.yaml.py"


def parsed(path: Path) -> object:
    """Run a stub as Airflow does, and return its DAG."""
    names: dict[str, object] = {"__file__": str(path), "__name__": "a_stub"}
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), names)
    return names["dag"]


def test_writes_checks_and_rests(project: Path, sync: Sync):
    assert (sync("--check").exit_code, (project / "stubs").exists()) == (4, False)
    first = sync()
    assert (first.exit_code, first.stdout) == (0, "added stubs/dags/rates.dag.yaml.py\n")
    assert first.stderr.endswith("1 DAG file: 1 added\n")
    assert "import airflow.providers.standard.operators.bash  # noqa" in stub(project, "rates").read_text("utf-8")
    for arguments in ((), ("--check",)):
        again = sync(*arguments)
        assert (again.exit_code, again.stdout) == (0, "")
        assert "1 DAG file: nothing to do" in again.stderr


def test_removes_the_stub_of_a_deleted_file(project: Path, sync: Sync):
    sync()
    write(project, "rates", GOOD).unlink()
    write(project, "fees", GOOD)
    assert sync("--check").stdout.splitlines() == [
        "would add stubs/dags/fees.dag.yaml.py",
        "would remove stubs/dags/rates.dag.yaml.py",
    ]
    assert stub(project, "rates").exists()
    assert sync().exit_code == 0
    assert not stub(project, "rates").exists()


def test_a_dag_that_moved(project: Path, sync: Sync):
    sync()
    write(project, "rates", GOOD).rename(project / "dags/new.dag.yaml")
    write(project, "new", "dag_id: rates\n" + GOOD)
    assert sync().stdout.splitlines() == [
        "added stubs/dags/new.dag.yaml.py: DAG 'rates' moved here from rates.dag.yaml",
        "removed stubs/dags/rates.dag.yaml.py",
    ]


def test_a_broken_file_gets_its_stub_and_the_others_theirs(project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch):
    write(project, "bad", BAD)
    result = sync()
    assert result.exit_code == 1
    assert "--> dags/bad.dag.yaml:1:1   (scheduled)" in result.stderr
    assert "2 DAG files: 2 added" in result.stderr
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    with pytest.raises(LoadError, match="unknown field 'scheduled'"):
        parsed(stub(project, "bad"))
    assert "rates" in repr(parsed(stub(project, "rates")))


def test_the_environment_is_chosen_by_whoever_reads_or_in_the_stub(
    project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch
):
    text = 'description: "${{ env.name }}"\n' + GOOD
    write(project, "rates", text)
    assert sync("--env", "dev").exit_code == 0
    assert 'env="dev"' in stub(project, "rates").read_text("utf-8")
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    assert getattr(parsed(stub(project, "rates")), "description", "") == "dev"
    assert sync().stdout == "updated stubs/dags/rates.dag.yaml.py\n"
    assert getattr(parsed(stub(project, "rates")), "description", "") == "prod"
    monkeypatch.delenv("DAGWRIGHT_ENV")
    with pytest.raises(LoadError, match="only when one of them is chosen"):
        parsed(stub(project, "rates"))


def test_an_edited_stub_is_not_overwritten(project: Path, sync: Sync):
    sync()
    path = stub(project, "rates")
    path.write_text(path.read_text("utf-8") + "# mine\n", encoding="utf-8")
    for arguments in ((), ("--check",)):
        result = sync(*arguments)
        assert result.exit_code == 1
        assert "stubs/dags/rates.dag.yaml.py: this stub was edited by hand" in result.stderr
    assert path.read_text("utf-8").endswith("# mine\n")


def test_the_name_of_a_file_does_nothing_to_the_terminal(project: Path, sync: Sync):
    write(project, "red\x1b[31m", f"dag_id: red\n{GOOD}")
    result = sync()
    assert "added stubs/dags/red\\x1b[31m.dag.yaml.py\n" in result.stdout
    stub(project, "red\x1b[31m").write_text("mine = True\n", encoding="utf-8")
    result = sync()
    assert "stubs/dags/red\\x1b[31m.dag.yaml.py: this file is no stub" in result.stderr
    assert "\x1b" not in result.output


def test_a_stub_on_a_machine_without_the_project(project: Path, sync: Sync, tmp_path: Path):
    sync()
    alone = tmp_path / "machine/project/stubs/dags/rates.dag.yaml.py"
    alone.parent.mkdir(parents=True)
    text = stub(project, "rates").read_text("utf-8").replace('"../..', '"../../../mount')
    alone.write_text(text, encoding="utf-8")
    with pytest.raises(LoadError) as caught:
        parsed(alone)
    (found,) = caught.value.diagnostics
    missing = tmp_path / "machine/mount"
    assert (found.code, found.file) == ("DW212", "dags/rates.dag.yaml")
    assert found.message == f"the project's folder '{missing}' is not here"
    assert found.help.startswith("mount or deploy it")


def test_a_stub_whose_file_vanished(project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch):
    sync()
    write(project, "rates", GOOD).unlink()
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    with pytest.raises(LoadError) as caught:
        parsed(stub(project, "rates"))
    (found,) = caught.value.diagnostics
    assert (found.code, found.file, found.message) == (
        "DW212",
        "dags/rates.dag.yaml",
        "the DAG file of this stub does not exist any more",
    )


@pytest.mark.parametrize("name", ["copy", "z"])
def test_a_copy_of_a_dag_file_fails_until_it_has_another_id(
    project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch, name: str
):
    sync()
    write(project, name, "dag_id: rates\n" + GOOD)
    result = sync()
    assert result.exit_code == 1
    assert "duplicate DAG id 'rates'" in result.stderr
    # The stub of the DAG that runs stays as it was.
    assert result.stdout.splitlines() == [f"added stubs/dags/{name}.dag.yaml.py"]
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    assert "rates" in repr(parsed(stub(project, "rates")))
    with pytest.raises(LoadError) as caught:
        parsed(stub(project, name))
    (found,) = caught.value.diagnostics
    (other,) = found.related
    assert (found.code, str(found.span)) == ("DW305", f"dags/{name}.dag.yaml:1:9")
    assert str(other.span) == "dags/rates.dag.yaml:1:1"
    write(project, name, f"dag_id: {name}\n" + GOOD)
    assert getattr(parsed(stub(project, name)), "dag_id", "") == name


def test_an_id_goes_to_one_other_file_while_its_own_is_broken(
    project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch
):
    for name in ("a", "b"):
        write(project, name, "dag_id: rates\n" + GOOD)
    write(project, "rates", BAD)
    assert sync().exit_code == 1
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    assert getattr(parsed(stub(project, "a")), "dag_id", "") == "rates"
    for name, code in (("b", "DW305"), ("rates", "DW203")):
        with pytest.raises(LoadError, match=code):
            parsed(stub(project, name))
    # It has its id back without another sync.
    write(project, "rates", GOOD)
    assert getattr(parsed(stub(project, "rates")), "dag_id", "") == "rates"
    for name in ("a", "b"):
        with pytest.raises(LoadError, match="DW305"):
            parsed(stub(project, name))


def test_a_file_that_is_written_while_it_is_read(project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch):
    from dagwright.adapters.stubs.modules import airflow_modules

    def edited_meanwhile(dag: object) -> tuple[str, ...]:
        write(project, "rates", GOOD + "description: new\n")
        return airflow_modules(dag)

    monkeypatch.setattr("dagwright.adapters.stubs.making.airflow_modules", edited_meanwhile)
    result = sync()
    assert result.exit_code == 1
    assert "'dags/rates.dag.yaml' changed while the project was read: run 'dagwright sync' once more" in result.stderr
    monkeypatch.undo()
    monkeypatch.chdir(project)
    assert sync().exit_code == 0


def test_files_that_come_and_go_while_the_project_is_read(project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch):
    """A bundle, which looks at the files at the same time, may have written and removed their stubs already."""
    from dagwright.adapters.stubs import sync as stubs
    from dagwright.adapters.stubs.modules import airflow_modules

    write(project, "fees", GOOD)

    def meanwhile(dag: object) -> tuple[str, ...]:
        if not (project / "dags/new.dag.yaml").exists():
            write(project, "fees", GOOD).unlink()
            write(project, "new", GOOD)
            names = ["dags/new.dag.yaml", "dags/rates.dag.yaml"]
            stubs.apply_changes(
                stubs.plan_changes(project, project / "stubs", names, env=None, made={}), project / "stubs"
            )
        return airflow_modules(dag)

    monkeypatch.setattr("dagwright.adapters.stubs.making.airflow_modules", meanwhile)
    result = sync()
    assert result.exit_code == 1
    for name in ("fees", "new"):
        assert f"'dags/{name}.dag.yaml' changed while the project was read: run 'dagwright sync'" in result.stderr
    assert stub(project, "new").exists()
    assert not stub(project, "fees").exists()


def test_a_stub_reads_a_file_again_that_is_just_being_written(
    project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch
):
    sync()
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    path = write(project, "rates", GOOD[: len(GOOD) // 2])
    reads: list[str] = []
    bind = DagBinder.bind

    def half_written_first(self: DagBinder, dag_file: Any, source: Any) -> Any:
        reads.append(source.text)
        if len(reads) == 1:
            path.write_text(GOOD, encoding="utf-8")
        return bind(self, dag_file, source)

    monkeypatch.setattr(DagBinder, "bind", half_written_first)
    assert getattr(parsed(stub(project, "rates")), "dag_id", "") == "rates"
    assert reads == [GOOD[: len(GOOD) // 2], GOOD]


def test_nothing_is_touched_where_the_project_cannot_be_read(project: Path, sync: Sync):
    sync()
    (project / "dagwright.toml").write_text("dags = [", encoding="utf-8")
    assert sync().exit_code == 1
    assert stub(project, "rates").exists()
    assert sync("--env", "nowhere").exit_code == 1
    assert stub(project, "rates").exists()


@pytest.mark.parametrize("version", ["2.11.0", "3.0.6", "4.0.0"])
def test_an_airflow_that_is_not_supported(project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch, version: str):
    sync()
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    monkeypatch.setattr(versions, "airflow_version", lambda: version)
    result = sync()
    assert result.exit_code == 2
    said = f"Airflow {version} is not supported: Dagwright needs Airflow 3.1 or newer, below 4"
    assert result.stderr == f"error: {said}\n"
    with pytest.raises(DagwrightError, match=said):
        parsed(stub(project, "rates"))


def test_an_airflow_with_importers_gets_a_hint(project: Path, sync: Sync, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(versions, "airflow_version", lambda: "3.4.0")
    result = sync()
    assert result.exit_code == 0
    assert "note: Airflow 3.4.0 can read DAG files without these Python files, by an importer" in result.stderr


def test_a_folder_that_cannot_be_written_to(project: Path):
    """As another user in a process of its own, since nothing is read-only for root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        code = (
            "import os\nfrom pathlib import Path\n"
            "from dagwright.adapters.stubs import folder, sync\nimport dagwright.cli.sync as cli\n"
            f"os.getuid() or os.setuid(65534)\nwith cli._locked(Path({name!r}), check=False): pass"
        )
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        assert result.returncode == 1
        assert f"the folder '{name}' cannot be written to: permission denied" in result.stderr
        assert list(folder.iterdir()) == []
    file = project / "file"
    file.write_text("", encoding="utf-8")
    outcome = CliRunner().invoke(main, ["sync", "--output", str(file / "stubs")])
    assert outcome.exit_code == 2
    assert "cannot be written to: not a directory" in outcome.stderr


def test_without_a_dag_folder_a_folder_has_to_be_named(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(project / "nowhere"))
    result = CliRunner().invoke(main, ["sync"])
    assert result.exit_code == 2
    assert "nowhere' does not exist; name a folder with --output" in result.stderr
    (project / "nowhere").mkdir()
    assert CliRunner().invoke(main, ["sync"]).exit_code == 0
    assert (project / "nowhere/dagwright/dags/rates.dag.yaml.py").exists()


def test_two_syncs_at_once(project: Path):
    """Both end well, and what is there afterwards is whole."""
    for number in range(20):
        write(project, f"dag{number}", GOOD)
    command = [sys.executable, "-m", "dagwright", "sync", "--output", "stubs"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=200) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    added = [line for out, _ in outputs for line in out.splitlines()]
    assert len(added) == len(set(added)) == 21
    assert len(list((project / "stubs/dags").iterdir())) == 21
