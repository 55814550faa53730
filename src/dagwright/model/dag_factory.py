"""The base of DAG factories: Airflow's DAG arguments as data, and the wiring of what the data holds."""

from datetime import datetime, timedelta
from typing import Any, cast

from dagwright.model.bases import Component
from dagwright.model.computed import Computed
from dagwright.model.fields import ProjectFolder
from dagwright.model.making import current_maker, render_dag
from dagwright.model.schedule import Schedule
from dagwright.model.settings import RenderSettings
from dagwright.model.task_args import DefaultArgs
from dagwright.model.workspace_base import WorkspaceBase

__all__ = ["DagFactory"]


class DagFactory(Component, abstract=True, type_name="dag", default_type="pipeline"):
    """Typed metadata that makes a whole DAG and owns its wiring.

    The fields are those arguments of `airflow.sdk.DAG` that make sense as data; None leaves each to Airflow.
    A subclass adds its own fields and writes `make_tasks`.

    Attributes:
        dag_id: the file's name up to its first dot, unless said otherwise.
        description: one line for the list of DAGs.
        owner: the owner of every task.
        schedule: a cron expression or preset, or a mapping with `cron`, `every` or `assets`.
        start_date: no run before this moment.
        end_date: no run after this moment.
        catchup: whether runs that were missed are made up.
        task_args: arguments for every task of the DAG (Airflow's `default_args`).
        tags: words to filter the list of DAGs by.
        params: values by name, or mappings with `default` and JSON Schema keywords.
        doc_md: the DAG's documentation, in Markdown.
        dag_display_name: the name that the UI shows instead of the DAG id.
        template_searchpath: folders in which templated files are looked for, after the DAG file's and the project's.
        render_template_as_native_obj: whether Jinja gives Python objects instead of strings.
        jinja_environment_kwargs: options of Jinja's environment.
        max_active_tasks: how many tasks may run at once, over all runs.
        max_active_runs: how many runs may be active at once.
        max_consecutive_failed_dag_runs: after how many failures in a row the DAG is paused.
        dagrun_timeout: how long a run may take.
        fail_fast: whether the first failure stops the tasks that still run.
        is_paused_upon_creation: whether a new DAG starts paused.
        auto_register: whether a DAG made in Python registers itself.
        access_control: permissions by role.
        owner_links: where a click on an owner leads.
        allowed_run_types: which kinds of runs may be made (Airflow 3.2 and later).
        disable_bundle_versioning: whether tasks run on the newest version of the bundle.
        rerun_with_latest_version: whether cleared tasks run on the newest version of the DAG (Airflow 3.3 and later).
        workspace: the base folder or URI of the DAG's workspaces, relative to the project; each DAG run has its own
            below it.
    """

    dag_id: str | None = None
    description: str | None = None
    owner: str | None = None
    schedule: str | Schedule | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    catchup: bool | None = None
    task_args: DefaultArgs = cast(DefaultArgs, {})
    tags: list[str] = []
    params: dict[str, Any] = {}
    doc_md: str | None = None
    dag_display_name: str | None = None
    template_searchpath: list[ProjectFolder] = []
    render_template_as_native_obj: bool | None = None
    jinja_environment_kwargs: dict[str, Any] | None = None
    max_active_tasks: int | None = None
    max_active_runs: int | None = None
    max_consecutive_failed_dag_runs: int | None = None
    dagrun_timeout: timedelta | None = None
    fail_fast: bool | None = None
    is_paused_upon_creation: bool | None = None
    auto_register: bool | None = None
    access_control: dict[str, Any] | None = None
    owner_links: dict[str, str] | None = None
    allowed_run_types: list[str] | None = None
    disable_bundle_versioning: bool | None = None
    rerun_with_latest_version: bool | None = None
    workspace: WorkspaceBase | None = None

    def make_tasks(self) -> None:
        """Wire what the data holds; without an own version every factory is made and `depends_on` wires."""
        current_maker().made_children(self)

    def make_dag(self) -> Any:
        """Return the `airflow.sdk.DAG`; Airflow is imported here at the earliest."""
        return render_dag(self)

    @Computed
    def settings(self) -> RenderSettings:
        """What the DAG file and the project say to factories while they make operators."""
        return cast(RenderSettings, current_maker().dag_settings())
