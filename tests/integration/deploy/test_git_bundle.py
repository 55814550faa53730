"""A project in Git: Airflow's own Git bundle with committed stubs, and DagwrightBundle on top of it without.

Each version is read in a process of its own, as children of the DAG processor and workers read them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("airflow")
pytest.importorskip("airflow.providers.git", reason="apache-airflow-providers-git is not installed")

FACTORY = '''\
from dagwright import operator_factory


@operator_factory
def say(name: str, word: str):
    """Say a word."""
    from airflow.providers.standard.operators.bash import BashOperator

    return BashOperator(task_id=name, bash_command=f"echo VERSION {word}")
'''
DAG = """\
# VERSION
tasks:
  word: {type: say, word: VERSION}
  script:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    args: {bash_command: script.sh}
"""
READ = """
import json, os, sys
from pathlib import Path
from airflow.dag_processing.bundles.manager import DagBundlesManager
try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:
    from airflow.models.dagbag import DagBag

for asked in sys.argv[1:]:
    if os.fork():
        os.wait()
        continue
    bundle = DagBundlesManager().get_bundle("acme", version=asked if asked != "newest" else None)
    bundle.initialize()
    version = bundle.get_current_version()
    bag = DagBag(bundle.path, bundle_path=bundle.path)
    found = {
        "version": getattr(version, "version", version),
        "errors": bag.import_errors,
        "dags": {
            dag.dag_id: {
                "file": dag.relative_fileloc,
                "code": Path(dag.fileloc).read_text().splitlines()[0],
                "commands": [task.bash_command for task in dag.tasks],
            }
            for dag in bag.dags.values()
        },
    }
    print("READ" + json.dumps(found), flush=True)
    os._exit(0)
"""
GIT = "airflow.providers.git.bundles.git.GitDagBundle"


@dataclass(frozen=True, kw_only=True)
class Repository:
    folder: Path

    def git(self, *arguments: str) -> str:
        # Whatever the machine's own configuration says.
        settings = ["user.name=Test", "user.email=test@example.com", "commit.gpgsign=false"]
        options = [option for setting in settings for option in ("-c", setting)]
        ran = subprocess.run(
            ["git", *options, *arguments], cwd=self.folder, capture_output=True, text=True, check=True, timeout=60
        )
        return ran.stdout.strip()

    def commit(self, version: str) -> str:
        """Commit a version of everything that a DAG comes from, with its stubs; return the commit."""
        files = {
            "dagwright.toml": 'factories = ["acme"]\n[env.prod]\n',
            "acme/__init__.py": FACTORY,
            "dags/rates.dag.yaml": DAG,
            "dags/script.sh": "echo VERSION from a template\n",
            ".gitignore": ".dagwright-sync.lock\n__pycache__/\n",
        }
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("VERSION", version), encoding="utf-8")
        if not (self.folder / "stubs").exists():  # they stay as they are from commit to commit
            environ = {**os.environ, "DAGWRIGHT_ENV": "prod"}
            command = [sys.executable, "-m", "dagwright", "sync", "--output", "stubs"]
            subprocess.run(command, cwd=self.folder, env=environ, check=True, timeout=200)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", version)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(folder=tmp_path / "repository")
    made.folder.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    return made


def read(tmp_path: Path, repository: Repository, config: Mapping[str, Any], *versions: str) -> list[Any]:
    """Return what Airflow finds in versions of the bundle."""
    environ = {
        **os.environ,
        "AIRFLOW_CONN_ACME_GIT": json.dumps({"conn_type": "git", "host": str(repository.folder)}),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([{"name": "acme", **config}]),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(tmp_path / "bundles"),
        "DAGWRIGHT_ENV": "prod",
    }
    command = [sys.executable, "-c", READ, *versions]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=200)
    found = [json.loads(line.removeprefix("READ")) for line in ran.stdout.splitlines() if line.startswith("READ")]
    assert len(found) == len(versions), ran.stdout + ran.stderr
    return found


NEWEST = "newest"
SOURCE = {"git_conn_id": "acme_git", "tracking_ref": "main"}


@pytest.mark.parametrize(
    "config",
    [
        {"classpath": GIT, "kwargs": {**SOURCE, "subdir": "stubs"}},
        {
            "classpath": "dagwright.adapters.bundle.DagwrightBundle",
            "kwargs": {"source": {"classpath": GIT, "kwargs": SOURCE}},
        },
    ],
    ids=["committed stubs", "DagwrightBundle"],
)
def test_every_version_is_read_whole(config: Mapping[str, Any], repository: Repository, tmp_path: Path):
    first = repository.commit("one")
    (found,) = read(tmp_path, repository, config, NEWEST)
    assert found["version"] == first
    second = repository.commit("two")
    # The DAG processor's look, a worker's at the same version, and a worker's whose DAG run began before.
    for version, word, found in zip(
        (second, second, first),
        ("two", "two", "one"),
        read(tmp_path, repository, config, NEWEST, second, first),
        strict=True,
    ):
        assert found == {
            "version": version,
            "errors": {},
            "dags": {
                "rates": {
                    "file": "dags/rates.dag.yaml.py",
                    "code": f"# {word}",
                    "commands": [f"echo {word} {word}", f"echo {word} from a template\n"],
                }
            },
        }


def test_stubs_follow_the_links_of_git_sync(repository: Repository, tmp_path: Path):
    """It swaps a link to the folder of each commit; a bundle of the linked folder sees project and stubs of one."""
    volume = tmp_path / "volume"
    config = {
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(volume / "repo/stubs")},
    }
    for word in ("one", "two"):
        commit = repository.commit(word)
        repository.git("worktree", "add", "--quiet", "--detach", str(volume / ".worktrees" / commit))
        (volume / "repo.new").symlink_to(f".worktrees/{commit}")
        (volume / "repo.new").replace(volume / "repo")
        (found,) = read(tmp_path, repository, config, NEWEST)
        (dag,) = found["dags"].values()
        assert dag["commands"] == [f"echo {word} {word}", f"echo {word} from a template\n"]
        assert dag["code"] == f"# {word}"


def test_a_version_whose_git_folder_stays_keeps_its_stubs(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Git's bundle cleans the folder of such a version for every task, while other tasks may read their stubs."""
    from dagwright.adapters.bundle import DagwrightBundle

    version = repository.commit("one")
    monkeypatch.setenv("AIRFLOW_CONN_ACME_GIT", json.dumps({"conn_type": "git", "host": str(repository.folder)}))
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    monkeypatch.setenv("DAGWRIGHT_ENV", "prod")
    source = {"classpath": GIT, "kwargs": {**SOURCE, "prune_dotgit_folder": False}}

    def stubs() -> list[tuple[str, int]]:
        bundle = DagwrightBundle(name="acme", version=version, source=source)
        bundle.initialize()
        return [(path.name, path.stat().st_ino) for path in bundle.path.rglob("*.py")]

    first = stubs()
    stray = tmp_path / "bundles/acme/versions" / version / "dags/stray.txt"
    stray.write_text("left by a task", encoding="utf-8")
    assert stubs() == first
    assert [name for name, _ in first] == ["rates.dag.yaml.py"]
    assert not stray.exists()
