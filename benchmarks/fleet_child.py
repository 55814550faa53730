"""One fresh process of the benchmark: DAGs through Airflow's DagBag, as its processes make them.

    python fleet_child.py build FOLDER COUNT
    python fleet_child.py worker FOLDER FILE DAG_ID
    python fleet_child.py tasks FOLDER RESULT
    python fleet_child.py graphs FOLDER RESULT

`build` and `worker` print the CPU seconds after the imports of Airflow that every process needs; the whole process is
measured from outside, to its end or, where BENCHMARK_WITHOUT_END is set, to the last DAG. `tasks` writes what a DAG is
made of without the help of any library, so that different ones can be compared; `graphs` writes every DAG as Dagwright
describes it, with all arguments.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import BundleDagBag


def build(folder: str, count: str) -> None:
    """Make every DAG of a folder."""
    started = time.process_time()
    bag = _bag(folder, folder)
    seconds = time.process_time() - started
    if len(bag.dags) != int(count):
        sys.exit(f"{folder} gives {len(bag.dags)} DAGs, not {count}")
    print(seconds)


def worker(folder: str, file: str, dag_id: str) -> None:
    """Make the one DAG that a task needs, as a worker does."""
    from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager

    started = time.process_time()
    # A worker says what it wants, looks at one file and does not ask whether it might hold a DAG.
    with _airflow_parsing_context_manager(dag_id=dag_id, task_id="publish.notify"):
        bag = _bag(folder, file, safe_mode=False, load_op_links=False)
    seconds = time.process_time() - started
    if dag_id not in bag.dags:
        sys.exit(f"{file} gives the DAGs {sorted(bag.dags)}")
    print(seconds)


def tasks(folder: str, result: str) -> None:
    """Write tasks, dependencies and arguments of every DAG."""
    bag = _bag(folder, folder)
    Path(result).write_text(json.dumps({dag_id: _described(dag) for dag_id, dag in bag.dags.items()}), encoding="utf-8")


def graphs(folder: str, result: str) -> None:
    """Write every DAG as a `DagGraph`."""
    from dagwright.render import dag_graph

    bag = _bag(folder, folder)
    described = {dag_id: dag_graph(dag).to_json() for dag_id, dag in bag.dags.items()}
    Path(result).write_text(json.dumps(described), encoding="utf-8")


def _bag(folder: str, place: str, **arguments: Any) -> BundleDagBag:
    # What is logged belongs to a library, what is printed here to the benchmark.
    with contextlib.redirect_stdout(sys.stderr):
        bag = BundleDagBag(dag_folder=place, bundle_path=Path(folder), bundle_name="dags-folder", **arguments)
    if bag.import_errors:
        sys.exit("\n".join(map(str, bag.import_errors.values())))
    return bag


def _described(dag: Any) -> dict[str, Any]:
    start = dag.start_date
    return {
        "schedule": getattr(dag.timetable, "_expression", None) or getattr(dag.timetable, "expression", None),
        "description": dag.description,
        "start_date": start and start.isoformat(),
        "tags": sorted(dag.tags),
        "tasks": {
            task.task_id: {
                "class": type(task).__name__,
                "upstream": sorted(task.upstream_task_ids),
                "bash_command": task.bash_command,
                "env": task.env,
                "append_env": task.append_env,
                "owner": task.owner,
                "retries": task.retries,
                "retry_delay": task.retry_delay.total_seconds(),
            }
            for task in dag.tasks
        },
    }


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {"build": build, "worker": worker, "tasks": tasks, "graphs": graphs}
    commands[sys.argv[1]](*sys.argv[2:])
    if os.environ.get("BENCHMARK_WITHOUT_END"):
        # As Airflow's own children end: nothing is taken down, and no garbage collector walks it all once more.
        sys.stdout.flush()
        os._exit(0)
