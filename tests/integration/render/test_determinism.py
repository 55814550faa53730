"""The same input gives the same bytes: in every process, whatever its hash seed and its working directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import hashlib, json, sys
from pathlib import Path
from typing import Any
sys.path.insert(0, {repository!r})
from airflow.models.serialized_dag import SerializedDagModel
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset
from dagwright.model import Component, DagFactory, OperatorFactory, Schedule, chain
from dagwright.render import dag_graph, render_dag
from dagwright.render.compat import serialized
from tests.integration.render.loaded_files import from_file


class Options(Component):
    flags: set[str] = set()


class Job(OperatorFactory):
    \"\"\"Run something.\"\"\"
    options: Options

    def make_operator(self) -> Any:
        flags = " ".join(sorted(self.options.flags))
        return BashOperator(task_id=self.task_id, bash_command=f"run {{flags}}", env={{"A": "1", "B": "2"}},
            outlets=[Asset("s3://lake/" + self.task_id)])


class Flow(DagFactory):
    jobs: frozenset[OperatorFactory]
    last: dict[str, Job]

    def make_tasks(self) -> None:
        chain(sorted(self.jobs, key=lambda job: job.name), self.last)


def job(name: str) -> Job:
    return Job(name=name, options=Options(flags=set("abcdefgh")))


dag = render_dag(from_file(Flow(
    tags=["b", "a", "c"],
    schedule=Schedule(assets=["s3://lake/x", "s3://lake/y"]),
    params={{"n": 1, "m": {{"default": 2, "type": "integer"}}}},
    task_args={{"retries": 2}},
    jobs=frozenset(job(name) for name in "fedcba"),
    last={{"y": job("y"), "x": Job(depends_on=["y"], options=Options())}},
)))
# Airflow itself writes an object's fields in the order of a set, and sorts them before it hashes.
stored = json.dumps({{"dag": serialized(dag), "__version": 3}}, sort_keys=True)
print(json.dumps({{
    "bytes": hashlib.sha256(stored.encode()).hexdigest(),
    "version": SerializedDagModel.hash(json.loads(stored)),
    "graph": hashlib.sha256(json.dumps(dag_graph(dag).to_json()).encode()).hexdigest(),
    "tasks": list(dag.task_dict),
}}))
"""


def test_the_same_dag_has_the_same_bytes_in_three_processes(tmp_path, airflow_home):
    script = SCRIPT.format(repository=str(Path(__file__).parents[3]))
    found = []
    for seed in ("0", "1", "4242"):
        folder = tmp_path / seed
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout.splitlines()[-1]))

    assert found[0]["tasks"][-2:] == ["y", "x"]
    assert found[1] == found[0]
    assert found[2] == found[0]
