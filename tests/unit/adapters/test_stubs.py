"""Stubs: their text, what a sync would do, and what it does to a folder when something goes wrong."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dagwright.adapters.stubs.folder import LOCK_NAME, find_stubs, locked, remove_leftovers, write_file
from dagwright.adapters.stubs.home import dags_folder
from dagwright.adapters.stubs.modules import airflow_modules
from dagwright.adapters.stubs.sync import Change, Made, apply_changes, plan_changes
from dagwright.adapters.stubs.text import Stub, read_stub, stub_text

MADE = Made(dag_id="rates", modules=("airflow.providers.standard.operators.bash", "airflow.sdk"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "dags").mkdir(parents=True)
    for name in ("rates", "fees"):
        (folder / f"dags/{name}.dag.yaml").write_text("tasks: {}\n", encoding="utf-8")
    return folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "stubs"


def synced(root: Path, output: Path, *names: str, env: str | None = None, **made: Made) -> list[Change]:
    files = [f"dags/{name}.dag.yaml" for name in names]
    known = {f"dags/{name}.dag.yaml": each for name, each in made.items()}
    return apply_changes(plan_changes(root, output, files, env=env, made=known), output)


def actions(changes: list[Change], output: Path) -> dict[str, str]:
    return {change.stub.relative_to(output).as_posix(): change.action for change in changes}


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


class TestText:
    def test_says_what_airflow_looks_for(self):
        stub = Stub(dag_file="/p/dags/rates.dag.yaml", project="/p", modules=MADE.modules or ())
        text = stub_text(stub)
        compile(text, "stub.py", "exec")
        assert "airflow" in text
        assert "dag" in text
        assert "\nimport airflow.providers.standard.operators.bash  # noqa: F401\n" in text

    @pytest.mark.parametrize(
        "stub",
        [
            Stub(dag_file="../a.yaml", project=".."),
            Stub(
                dag_file='/p/"\n import os\u2028é\udc80\U0001f600\\".yaml',
                project="/p'\\",
                env="prod",
                dag_id="a.b-c",
                modules=("airflow.sdk", "airflow.x_y.z"),
                rivals=('b"\n.yaml',),
            ),
        ],
    )
    def test_reads_back_what_it_wrote(self, stub: Stub):
        read = read_stub(stub_text(stub))
        assert read is not None
        assert (read.stub, read.edited) == (stub, False)

    def test_a_name_cannot_become_code(self):
        text = stub_text(Stub(dag_file='x"\nraise SystemExit #', project="\n\nraise SystemExit"))
        assert [line for line in text.splitlines() if line.startswith("raise")] == []

    @pytest.mark.parametrize("dag_id", ["a\nraise SystemExit", "a\rraise SystemExit", "a\n", "a\fb", "a b"])
    def test_an_illegal_id_is_not_written(self, dag_id: str):
        text = stub_text(Stub(dag_file="x", project=".", dag_id=dag_id))
        assert text == stub_text(Stub(dag_file="x", project="."))

    @pytest.mark.parametrize(
        "edit",
        [
            lambda text: text + "# mine\n",
            lambda text: text.replace("rates", "fees"),
            lambda text: "import os\n" + text,
            lambda text: text.replace("edit the DAG file", "edit me"),
        ],
    )
    def test_sees_edits(self, edit: Callable[[str], str]):
        read = read_stub(edit(stub_text(Stub(dag_file="rates.yaml", project="."))))
        assert read is not None
        assert read.edited

    def test_another_file_is_no_stub(self):
        assert read_stub("from dagwright import load\nload('x').make_dag()\n") is None
        assert read_stub("# see # dagwright-stub 1 x\n") is None

    def test_what_is_left_of_a_stub_may_be_no_code(self):
        read = read_stub("# dagwright-stub 1 0123\nthis is (no code\n")
        assert read is not None
        assert (read.stub, read.edited) == (None, True)


class TestPlan:
    def test_a_stub_per_dag_file_and_then_nothing(self, root: Path, output: Path):
        changes = synced(root, output, "rates", "fees", rates=MADE)
        assert actions(changes, output) == {"dags/rates.dag.yaml.py": "add", "dags/fees.dag.yaml.py": "add"}
        assert set(tree(output)) == {"dags/rates.dag.yaml.py", "dags/fees.dag.yaml.py"}
        before = (output / "dags/rates.dag.yaml.py").stat()
        assert synced(root, output, "rates", "fees", rates=MADE) == []
        assert (output / "dags/rates.dag.yaml.py").stat().st_mtime_ns == before.st_mtime_ns

    def test_paths_are_relative_within_one_tree(self, root: Path, output: Path):
        synced(root, output, "rates")
        synced(root, root / "stubs", "rates")
        outside, inside = (find_stubs(folder)[0].read.stub for folder in (output, root / "stubs"))
        assert outside is not None
        assert inside is not None
        assert (outside.dag_file, outside.project) == (str(root / "dags/rates.dag.yaml"), str(root))
        assert (inside.dag_file, inside.project) == ("../../dags/rates.dag.yaml", "../..")

    def test_a_broken_file_keeps_what_is_known_of_it(self, root: Path, output: Path):
        synced(root, output, "rates", rates=MADE)
        assert synced(root, output, "rates", rates=Made()) == []

    def test_a_changed_stub_is_updated(self, root: Path, output: Path):
        synced(root, output, "rates", rates=MADE)
        assert actions(synced(root, output, "rates", env="prod"), output) == {"dags/rates.dag.yaml.py": "update"}
        assert "env='prod'" in tree(output)["dags/rates.dag.yaml.py"].replace('"', "'")

    def test_the_stub_of_a_deleted_file_is_removed_with_its_folder(self, root: Path, output: Path):
        synced(root, output, "rates", "fees")
        (output / "dags/mine.py").write_text("# mine\n", encoding="utf-8")
        assert actions(synced(root, output, "fees"), output) == {"dags/rates.dag.yaml.py": "remove"}
        assert set(tree(output)) == {"dags/fees.dag.yaml.py", "dags/mine.py"}
        (output / "dags/mine.py").unlink()
        synced(root, output)
        assert list(output.iterdir()) == []

    def test_an_edited_stub_is_left_alone(self, root: Path, output: Path):
        synced(root, output, "rates", "fees")
        edited = output / "dags/rates.dag.yaml.py"
        edited.write_text(edited.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
        before = tree(output)
        (blocked,) = synced(root, output, "rates", "fees")
        assert (blocked.action, blocked.stub) == ("blocked", edited)
        assert blocked.message == "this stub was edited by hand: remove it, and the next sync writes it anew"
        (orphan,) = synced(root, output, "fees")
        assert orphan.message == (
            "its DAG file 'dags/rates.dag.yaml' is gone, but it was edited by hand: remove it yourself"
        )
        assert tree(output) == before

    def test_a_checkout_with_other_line_ends_is_no_edit(self, root: Path, output: Path):
        synced(root, output, "rates")
        stub = output / "dags/rates.dag.yaml.py"
        stub.write_bytes(stub.read_bytes().replace(b"\n", b"\r\n"))
        assert synced(root, output, "rates") == []

    def test_a_file_that_is_no_stub_is_left_alone(self, root: Path, output: Path):
        mine = output / "dags/rates.dag.yaml.py"
        mine.parent.mkdir(parents=True)
        mine.write_text("# mine\n", encoding="utf-8")
        (blocked,) = synced(root, output, "rates")
        assert "is no stub of Dagwright" in blocked.message
        assert mine.read_text(encoding="utf-8") == "# mine\n"

    def test_two_projects_do_not_take_each_others_stubs(self, root: Path, output: Path, tmp_path: Path):
        synced(root, output, "rates")
        other = tmp_path / "other"
        (other / "dags").mkdir(parents=True)
        assert actions(synced(other, output, "fees"), output) == {"dags/fees.dag.yaml.py": "add"}
        (blocked,) = synced(other, output, "rates", "fees")
        assert blocked.message == f"this stub belongs to another project, '{root}': give each project its own folder"
        (root / "dags/rates.dag.yaml").unlink()
        assert actions(synced(other, output, "rates", "fees"), output) == {"dags/rates.dag.yaml.py": "update"}

    def test_a_dag_that_moved_is_named(self, root: Path, output: Path):
        synced(root, output, "rates", rates=MADE)
        changes = synced(root, output, "fees", fees=MADE)
        assert [(change.action, change.message) for change in changes] == [
            ("add", "DAG 'rates' moved here from rates.dag.yaml"),
            ("remove", ""),
        ]

    def test_the_second_file_with_an_id_knows_the_first(self, root: Path, output: Path):
        synced(root, output, "rates", rates=Made(dag_id="rates", rivals=("dags/fees.dag.yaml",)))
        assert 'rivals=["dags/fees.dag.yaml"]' in tree(output)["dags/rates.dag.yaml.py"]
        synced(root, output, "rates", rates=MADE)
        assert "rivals" not in tree(output)["dags/rates.dag.yaml.py"]

    def test_a_new_file_knows_its_rivals_before_its_dag_was_made(self, root: Path, output: Path):
        synced(root, output, "fees")
        (root / "dags/copy.dag.yaml").write_text("dag_id: fees\ntasks: {}\n")
        synced(root, output, "copy", "fees")
        assert 'rivals=["dags/fees.dag.yaml"]' in tree(output)["dags/copy.dag.yaml.py"]
        assert "rivals" not in tree(output)["dags/fees.dag.yaml.py"]
        # What is known of its DAG counts from then on.
        assert synced(root, output, "copy", "fees") == []
        synced(root, output, "copy", "fees", copy=Made(dag_id="other", modules=()))
        assert "rivals" not in tree(output)["dags/copy.dag.yaml.py"]


class TestFolder:
    def test_a_failed_write_leaves_the_old_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = tmp_path / "a.py"
        write_file(path, "old\n")

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_file(path, "new\n")
        assert tree(tmp_path) == {"a.py": "old\n"}

    def test_a_full_disk_costs_one_stub_and_leaves_nothing_half(self, root: Path, output: Path):
        """A limit of the kernel stands in for the disk: the write of the long stub really fails half-way."""
        output.mkdir()
        code = f"""
import resource, signal, sys
from pathlib import Path
from dagwright.adapters.stubs.sync import Made, apply_changes, plan_changes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
made = {{"dags/a.yaml": Made(dag_id="a", modules=tuple(f"airflow.m{{i}}" for i in range(100)))}}
changes = plan_changes(Path({str(root)!r}), Path({str(output)!r}), ["dags/a.yaml", "dags/b.yaml"], env=None, made=made)
for change in apply_changes(changes, Path({str(output)!r})):
    print(change.action, change.dag_file, change.message)
"""
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
        assert result.stdout.splitlines() == [
            "blocked dags/a.yaml it cannot be written: file too large",
            "add dags/b.yaml ",
        ]
        assert set(tree(output)) == {"dags/b.yaml.py"}

    def test_a_folder_that_cannot_be_written_is_said_per_stub(self, root: Path, output: Path):
        output.mkdir()
        (output / "dags").write_text("a file where a folder should be\n", encoding="utf-8")
        (blocked,) = synced(root, output, "rates")
        assert blocked.message.startswith("it cannot be written: ")

    def test_what_a_killed_sync_left_is_removed_and_what_another_one_writes_is_not(self, tmp_path: Path):
        write_file(tmp_path / "dags/a.py", "a\n")
        left = tmp_path / "dags/.b.py.0123.dagwright-tmp"
        left.write_text("half", encoding="utf-8")
        remove_leftovers(tmp_path)
        assert left.exists()
        os.utime(left, (1e9, 1e9))
        remove_leftovers(tmp_path)
        assert set(tree(tmp_path)) == {"dags/a.py"}

    def test_the_second_waits_for_the_first(self, tmp_path: Path):
        waits, seen = threading.Event(), []

        def second() -> None:
            with locked(tmp_path, on_wait=waits.set):
                seen.append((tmp_path / "done").exists())

        thread = threading.Thread(target=second)
        with locked(tmp_path, on_wait=lambda: pytest.fail("nobody else is here")):
            thread.start()
            assert waits.wait(10)
            (tmp_path / "done").touch()
        thread.join(10)
        assert seen == [True]
        assert (tmp_path / LOCK_NAME).exists()

    def test_hidden_folders_are_passed_over(self, tmp_path: Path):
        text = stub_text(Stub(dag_file="x.yaml", project="."))
        for name in ("a/x.py", ".git/x.py", "__pycache__/x.py", "a/x.txt"):
            write_file(tmp_path / name, text)
        assert [found.path.relative_to(tmp_path).as_posix() for found in find_stubs(tmp_path)] == ["a/x.py"]


class TestDagsFolder:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        return tmp_path

    def test_the_environment_comes_first(self, home: Path):
        (home / "airflow.cfg").write_text("[core]\ndags_folder = /from/cfg\n", encoding="utf-8")
        environ = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DAGS_FOLDER": "/from/environment"}
        assert dags_folder(environ) == Path("/from/environment")
        assert dags_folder({"AIRFLOW_HOME": str(home)}) == Path("/from/cfg")

    def test_airflows_own_default(self, home: Path):
        assert dags_folder({"AIRFLOW_HOME": str(home)}) == home / "dags"
        (home / "airflow.cfg").write_text("[core]\ndags_folder = {AIRFLOW_HOME}/x\n", encoding="utf-8")
        assert dags_folder({"AIRFLOW_HOME": str(home)}) == home / "x"
        (home / "airflow.cfg").write_text("no configuration\n", encoding="utf-8")
        assert dags_folder({"AIRFLOW_HOME": str(home)}) == home / "dags"


def test_modules_are_those_of_the_operators():
    class Bash:
        __module__ = "airflow.providers.standard.operators.bash"

    class Own(Bash):
        __module__ = "acme.operators"

    class Elsewhere:
        __module__ = "acme.operators"

    class Mapped:
        __module__ = "airflow.sdk.definitions.mappedoperator"

        def __init__(self) -> None:
            self.operator_class = Own

    class Dag:
        tasks = (Own(), Elsewhere(), Mapped())

    assert airflow_modules(Dag()) == ("airflow.providers.standard.operators.bash", "airflow.sdk")
