"""What Dagwright adds to the macros of a DAG."""

from __future__ import annotations

from airflow.sdk import DAG

from dagwright.model.settings import WORKSPACE_MACRO, RenderSettings
from dagwright.runtime.macros import WorkspaceMacro

__all__ = ["add_macros"]


def add_macros(dag: DAG, settings: RenderSettings) -> None:
    """Let templates ask for their run's workspace; a macro of the same name that the DAG has stays.

    Airflow neither stores macros nor hashes them, so the workspace changes no version.
    """
    dag.user_defined_macros = {WORKSPACE_MACRO: WorkspaceMacro(settings.workspace), **(dag.user_defined_macros or {})}
