"""Dagwright is imported in the DAG processor once it has met a DAG of Dagwright, and nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("airflow")

from dagwright.adapters import warm

LOADED_ALWAYS = {"dagwright.adapters", "dagwright.adapters.policy", "dagwright.adapters.warm", "dagwright.collector"}

# What the processor does: it forks for each file, and the child loads the DAG and asks the policies.
PROCESS = """
import json, os, sys
sys.argv = ["airflow", {verb!r}]
import dagwright.adapters.warm as warm
def loaded():
    return sorted(name for name in sys.modules if name.startswith("dagwright."))
def child(work):
    process = os.fork()
    if process == 0:
        work()
        os._exit(0)
    os.waitpid(process, 0)
def other_dag():
    warm.dag_policy(None)
def own_dag():
    import dagwright.render
    warm.dag_policy(None)
seen = [loaded()]
for work in (other_dag, other_dag, own_dag, other_dag):
    child(work)
    seen.append(loaded())
sys.stdout.write("SEEN" + json.dumps(seen))
"""


def seen_by(verb: str, folder: Path) -> list[set[str]]:
    result = subprocess.run(
        [sys.executable, "-c", PROCESS.format(verb=verb)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return [set(names) for names in json.loads(result.stdout.partition("SEEN")[2])]


def test_the_processor_is_warm_after_the_first_dag(tmp_path: Path):
    first, *cold, last = seen_by("dag-processor", tmp_path)
    assert first == LOADED_ALWAYS
    assert cold == [first] * 3
    assert last > {"dagwright.binding", "dagwright.render", "dagwright.builtin.pipeline", "dagwright.adapters.stubs"}


@pytest.mark.parametrize("verb", ["scheduler", "api-server"])
def test_other_processes_are_never_warm(tmp_path: Path, verb: str):
    first, *later = seen_by(verb, tmp_path)
    assert later == [first] * 4
    assert first == LOADED_ALWAYS


def test_the_dag_that_warms_is_made_and_nobody_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    from dagwright.model.dag_factory import DagFactory

    made: list[Any] = []
    make_dag = DagFactory.make_dag

    def spy(self: DagFactory) -> Any:
        made.append(make_dag(self))
        return made[-1]

    monkeypatch.setattr(DagFactory, "make_dag", spy)
    before = set(DagContext.autoregistered_dags)
    # The processor's own folder is no business of it, and may even be gone.
    (tmp_path / "defaults.yaml").write_text("defaults: {dag: {tags: [wrong]}}\n")
    monkeypatch.chdir(tmp_path)
    warm.warm_up()
    (dag,) = made
    assert (dag.tags, dag.task_ids, dag.fileloc[-5:]) == ({"warm"}, ["first", "second"], ".yaml")
    assert dag.get_task("second").upstream_task_ids == {"first"}
    assert set(DagContext.autoregistered_dags) == before


def test_what_cannot_be_loaded_in_advance_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("some package")

    monkeypatch.setattr("dagwright.model.registry.build_registry", broken)
    warm.warm_up()
    (record,) = [each for each in caplog.records if each.name == "dagwright"]
    assert "cannot be loaded in advance" in record.message


def test_airflow_finds_both_policies():
    assert {entry.value for entry in entry_points(group="airflow.policy") if entry.name.startswith("dagwright")} == {
        "dagwright.adapters.policy",
        "dagwright.adapters.warm",
    }
