"""What Dagwright does in every process of Airflow that loads DAGs: an `airflow.policy` entry point.

Airflow's policies are the only hooks that it loads always and everywhere, in every version. They serve two ends:
the Code tab shows the DAG file in place of the Python file around it, and the logs of tasks say which line of data
they come from. Both are done for DAGs that come from DAG files only, and neither changes what Airflow hashes.

Airflow imports this module while it starts, so it imports next to nothing by itself.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from airflow.policies import hookimpl

__all__ = ["dag_policy", "task_policy"]

_LOG = logging.getLogger("dagwright")


@hookimpl
def dag_policy(dag: Any) -> None:
    """Let the Code tab show the DAG file: until Airflow 3.3 it shows the text of `fileloc`.

    A worker and `airflow dags test` look for the Python file in it, so that it stays as it is with them.
    """
    if "dagwright.render" not in sys.modules:
        return
    from airflow.sdk import get_parsing_context

    from dagwright.adapters.versions import has_importers
    from dagwright.render import origin_of

    if has_importers():
        return
    origin = origin_of(dag)
    if origin is not None and get_parsing_context().dag_id is None and os.path.isfile(origin.loaded.file):  # noqa: PTH113  Path.is_file may raise
        dag.fileloc = str(origin.loaded.file)


@hookimpl
def task_policy(task: Any) -> None:
    """Prepare the words about a task's origin, in the processes that run tasks only."""
    if "dagwright.render" not in sys.modules:
        return
    try:
        from airflow.sdk import get_parsing_context

        context = get_parsing_context()
        if context.dag_id is None and os.environ.get("DAGWRIGHT_LOCAL_RUN") != "1":
            return
        dag = task.dag
        # Airflow looks at every task before it hands it over, so the last one comes when it has looked at all.
        if task.task_id == next(reversed(dag.task_dict)):
            from dagwright.adapters.blame import watch

            watch(dag, context.task_id)
    except Exception:  # noqa: BLE001  words in a log are not worth a task
        _LOG.debug("the origin of a task is not known", exc_info=True)
