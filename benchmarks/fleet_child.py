"""One fresh process of the benchmark: build DAGs through Airflow's DagBag, as its DAG processor and workers do.

    python fleet_child.py build FOLDER COUNT
    python fleet_child.py worker FILE DAG_ID
    python fleet_child.py graphs FOLDER_OR_FILE RESULT

`build` and `worker` print the CPU seconds after the imports of Airflow that both sides need; the whole process is
measured from outside. `graphs` writes every DAG as plain data, so that the sides can be compared.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag


def main(what: str, place: str, argument: str) -> None:
    """Do one of the three."""
    started = time.process_time()
    # A worker looks at one file and does not ask whether it might hold a DAG.
    bag = DagBag(dag_folder=place, safe_mode=what != "worker", load_op_links=what != "worker")
    seconds = time.process_time() - started
    if bag.import_errors:
        sys.exit("\n".join(bag.import_errors.values()))
    match what:
        case "build":
            complete = len(bag.dags) == int(argument)
        case "worker":
            complete = argument in bag.dags
        case _:
            from dagwright.render import dag_graph

            graphs = {dag_id: dag_graph(dag).to_json() for dag_id, dag in bag.dags.items()}
            Path(argument).write_text(json.dumps(graphs), encoding="utf-8")
            return
    if not complete:
        sys.exit(f"{place} gives the DAGs {sorted(bag.dags)}")
    print(seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
