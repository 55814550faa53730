"""Arguments that every Airflow operator takes and that make sense as data.

The table is Airflow-free so that `check` stays offline; it is the union over Airflow 3.1 to 3.4, and the
renderer says which of them the installed Airflow lacks. Callbacks and hooks are code, so factories set them.
"""

# No `from __future__ import annotations` here: pydantic reads these annotations at run time.
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from annotated_types import Ge
from pydantic import ConfigDict
from typing_extensions import TypedDict

from dagwright.model.asset_uris import AssetUri

__all__ = ["DefaultArgs", "TaskArgs"]

TriggerRule = Literal[
    "all_success",
    "all_failed",
    "all_done",
    "all_done_min_one_success",
    "all_done_setup_success",
    "one_success",
    "one_failed",
    "one_done",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "always",
    "all_skipped",
]


class DefaultArgs(TypedDict, total=False):
    """`BaseOperator`'s arguments as data, for every task of a DAG: `5m`, `1h30m`, `PT5M` for durations, ISO 8601."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]  # how pydantic configures a TypedDict

    owner: str
    email: str | list[str]
    email_on_retry: bool
    email_on_failure: bool
    retries: Annotated[int, Ge(0)]
    retry_delay: timedelta
    retry_exponential_backoff: bool | float
    max_retry_delay: timedelta
    start_date: datetime
    end_date: datetime
    depends_on_past: bool
    ignore_first_depends_on_past: bool
    wait_for_past_depends_before_skipping: bool
    wait_for_downstream: bool
    params: dict[str, Any]
    priority_weight: int
    weight_rule: str
    queue: str
    pool: str
    pool_slots: Annotated[int, Ge(1)]
    execution_timeout: timedelta
    trigger_rule: TriggerRule
    resources: dict[str, Any]
    run_as_user: str
    map_index_template: str
    max_active_tis_per_dag: int
    max_active_tis_per_dagrun: int
    executor: str
    executor_config: dict[str, Any]
    do_xcom_push: bool
    multiple_outputs: bool
    doc: str
    doc_md: str
    doc_json: str
    doc_yaml: str
    doc_rst: str
    task_display_name: str
    logger_name: str
    render_template_as_native_obj: bool


class TaskArgs(DefaultArgs, total=False):
    """`BaseOperator`'s arguments as data, for what one factory makes.

    Assets are given by their URIs: the first tasks inside read `inlets`, the last ones write `outlets`, beside those
    that the factory declares itself.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]  # how pydantic configures a TypedDict

    inlets: list[AssetUri]
    outlets: list[AssetUri]
