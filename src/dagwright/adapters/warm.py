"""Spares the DAG processor the import of Dagwright in every child: an `airflow.policy` entry point.

The processor forks a child for each file. It imports what a file names of Airflow before it forks, and nothing else,
so that each child would import Dagwright anew. Here a child that finds a DAG of Dagwright says so in a byte that it
shares with the processor, which then imports Dagwright, and makes a DAG of no project, before its next fork. A
processor without such DAGs reads one byte per fork; every other process does nothing at all.

Of factories only those of installed packages are imported in advance. Those of projects change while the processor
runs, and it would go on making DAGs with old code.
"""

from __future__ import annotations

import logging
import mmap
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow.policies import hookimpl

if TYPE_CHECKING:
    from dagwright.model.registry import Registry

__all__ = ["dag_policy", "warm_up"]

_MODULES = (
    "dagwright.adapters.stubs",
    "dagwright.render",
    "dagwright.source.json_parser",
    "dagwright.source.toml_parser",
    "dagwright.source.yaml_parser",
)
# Airflow is not to hear of it, and it needs no provider.
_DAG = """\
type: dagwright:pipeline
auto_register: false
schedule: "0 1 * * *"
start_date: 2026-01-01
tags: [warm]
task_args: {retries: 1, retry_delay: 5m}
tasks:
  first: {type: "dagwright:operator", class: airflow.sdk.BaseOperator, args: {doc: "{{ ds }}"}}
  second: {type: "dagwright:operator", class: airflow.sdk.BaseOperator, depends_on: [first], task_args: {retries: 2}}
"""
_PROCESSOR = "dag-processor"
_SEEN = 1


class _Signal:
    """One byte that a process shares with its children."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._byte: mmap.mmap | None = mmap.mmap(-1, 1)

    def send(self) -> None:
        """Say that a DAG of Dagwright is here."""
        if self._byte is not None:
            self._byte[0] = _SEEN

    def before_fork(self) -> None:
        """Import Dagwright where a child has asked for it; in the processor itself and once."""
        if self._byte is None or self._byte[0] != _SEEN or os.getpid() != self._process:
            return
        self._byte = None
        warm_up()


def warm_up() -> None:
    """Import Dagwright with all installed factories, and build what reads their data: call it before a fork.

    What fails is logged: it fails once more in each DAG file that needs it, and is said there.
    """
    try:
        _warm_up()
    except Exception:
        logging.getLogger("dagwright").warning("Dagwright cannot be loaded in advance", exc_info=True)


def _warm_up() -> None:
    from importlib import import_module

    for module in _MODULES:
        import_module(module)
    from dagwright.model import Component
    from dagwright.model.building import build
    from dagwright.model.registry import build_registry

    registry, _ = build_registry(())
    for cls in registry.fillers:
        if issubclass(cls, Component):
            with suppress(Exception):  # a class that pydantic does not understand
                build(cls)
    _make_a_dag(registry)


def _make_a_dag(registry: Registry) -> None:
    """Make a DAG that nobody gets to see: what is looked up once a process is looked up then."""
    from pathlib import Path

    from dagwright.binding import DagBinder
    from dagwright.diagnostics import SourceText
    from dagwright.project import DagFile, ProjectConfig

    # A folder without defaults: what the processor's own folder holds says nothing here.
    binder = DagBinder(ProjectConfig(root=Path(__file__).parent, operators=("airflow.sdk.*",)), registry)
    source = SourceText("warm_up.dag.yaml", _DAG)
    bound = binder.bind(DagFile(path=binder.config.root / source.name, name=source.name), source)
    if bound.factory is not None:
        bound.factory.make_dag()


def _signal_of_processor() -> _Signal | None:
    if _PROCESSOR not in sys.argv[1:2]:
        return None
    signal = _Signal()
    os.register_at_fork(before=signal.before_fork)
    return signal


_SIGNAL = _signal_of_processor()


@hookimpl
def dag_policy(dag: Any) -> None:  # noqa: ARG001  Airflow's signature
    """Tell the processor that there are DAGs of Dagwright."""
    if _SIGNAL is not None and "dagwright.render" in sys.modules:
        _SIGNAL.send()
