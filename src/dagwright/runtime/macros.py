"""What templates of a DAG may call while they are rendered, before the operator runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagwright.runtime.errors import WorkspaceError
from dagwright.runtime.workspace import open_workspace

__all__ = ["WorkspaceMacro"]


class WorkspaceMacro:
    """Gives a template the workspace of its DAG run, as jobs find it in DAGWRIGHT_WORKSPACE.

    Args:
        base: the DAG's setting `workspace`, as in `run_workspace`.
    """

    def __init__(self, base: str | None) -> None:
        from jinja2 import pass_context

        self._base = base
        pass_context(self)  # a mark on this object, which goes with it to a worker

    def __call__(self, context: Mapping[str, Any], *, create: bool = False, base: str | None = None) -> str:
        """Return the path or URI.

        Args:
            context: the template's.
            create: make the folder as well, for operators that want it to be there.
            base: what the base is called by a machine that mounts it at another place.

        Raises:
            WorkspaceError: the base is no place that a run can use, or the template belongs to no DAG run.
        """
        instance = context.get("ti")
        if instance is None:
            raise WorkspaceError("a template without a DAG run asks for its workspace")
        workspace = open_workspace(self._base, instance.dag_id, instance.run_id)
        if create:
            workspace.create()
        if base is not None:
            workspace = open_workspace(base, instance.dag_id, instance.run_id)
        return workspace.variable

    def __repr__(self) -> str:
        # Without the base: a template that does not call it shows this text.
        return "dagwright_workspace()"
