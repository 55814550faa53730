"""What a DAG file and its project say to the factories that make operators."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dagwright.model.workspace_base import shown_base

__all__ = ["WORKSPACE_MACRO", "RenderSettings"]

# What templates call to learn their run's workspace.
WORKSPACE_MACRO = "dagwright_workspace"


@dataclass(frozen=True, kw_only=True)
class RenderSettings:
    """Settings of one DAG.

    Attributes:
        workspace: the base URI or folder under which each DAG run has its workspace; None: the worker's default.
        project_root: the project's folder, on this machine; None for a DAG that no file describes.
        file: the DAG file, relative to the project, with forward slashes.
        environment: the chosen environment.
        allow: what the project allows beyond the safe defaults, such as `process`.
        several_workers: whether the project says that tasks run on several machines.
        operators: patterns of operator classes that `type: operator` may name.
        inside_airflow: whether a real Airflow reads the file, as opposed to `dagwright check` and `dagwright run`.
    """

    workspace: str | None = None
    project_root: Path | None = None
    file: str | None = None
    environment: str | None = None
    allow: frozenset[str] = frozenset()
    several_workers: bool = False
    operators: tuple[str, ...] = ()
    inside_airflow: bool = False

    @property
    def workspace_template(self) -> str:
        """A Jinja template that gives the run's workspace in any templated argument of an operator."""
        return f"{{{{ {WORKSPACE_MACRO}() }}}}"

    @property
    def workspace_shown(self) -> str | None:
        """The base of the workspaces for messages, without what stands before an '@'."""
        return None if self.workspace is None else shown_base(self.workspace)

    @property
    def workspace_folder(self) -> str | None:
        """The base of the workspaces as an absolute path; None where it is the worker's default, or a URI."""
        if self.workspace is None or not self.workspace.startswith("file://"):
            return None if self.workspace is None or "://" in self.workspace else self.workspace
        return unquote(urlsplit(self.workspace).path)

    @property
    def workspace_is_own(self) -> bool:
        """Whether each machine has a workspace of its own: the worker's default, or a folder of the project."""
        folder = self.workspace_folder
        if folder is None or self.project_root is None:
            return self.workspace is None
        return Path(folder).is_relative_to(self.project_root)

    @property
    def search_path(self) -> tuple[str, ...]:
        """Folders in which a worker finds the project's own Python packages."""
        return () if self.project_root is None else (str(self.project_root),)
