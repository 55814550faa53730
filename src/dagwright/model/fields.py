"""Types for fields that hold paths.

A path in a DAG file is either a file of the project, which is there when the file is checked (`ProjectFile`,
`ProjectFolder`), or a file of one DAG run's workspace, which a job will write (`WorkspacePath`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

from dagwright.model.building import token_schema
from dagwright.source.paths import workspace_path_problem

__all__ = ["ProjectFile", "ProjectFolder", "WorkspacePath"]


def _check_workspace_path(path: str) -> str:
    problem = workspace_path_problem(path)
    if problem is not None:
        raise PydanticCustomError("DW211", "path '{path}' {problem}", {"path": path, "problem": problem})
    return path


WorkspacePath = Annotated[str, AfterValidator(_check_workspace_path)]
"""A relative path with forward slashes inside the workspace of a DAG run."""


class _ProjectPath(os.PathLike[str]):
    """A path that stands in a DAG file, resolved against that file's folder and then the project's."""

    kind = "path"

    __slots__ = ("location", "name")

    def __init__(self, location: str | Path, name: str | None = None) -> None:
        self.location = Path(location)
        self.name = name if name is not None else str(location)

    def __fspath__(self) -> str:
        return str(self.location)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.location == self.location

    def __hash__(self) -> int:
        return hash(self.location)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return token_schema(lambda value: isinstance(value, cls), f"a {cls.kind} of the project")


class ProjectFile(_ProjectPath):
    """A file of the project, such as a suite or an SQL file.

    Attributes:
        location: the absolute path on this machine.
        name: the path relative to the project with forward slashes, the same on every machine.
    """

    kind = "file"
    __slots__ = ()


class ProjectFolder(_ProjectPath):
    """A folder of the project; attributes as `ProjectFile`."""

    kind = "folder"
    __slots__ = ()
