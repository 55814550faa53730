"""The slot of publishers, and what all of them check."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated, Any

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic, OperatorFactory, WorkspacePath

__all__ = ["Publisher"]


class Publisher(OperatorFactory, abstract=True):
    """Something that brings files of the workspace to their readers.

    A publisher is atomic and safe to retry: no reader ever sees half a file, and a second run overwrites.

    Attributes:
        files: paths in the workspace; each is published under its base name.
    """

    files: Annotated[list[WorkspacePath], MinLen(1)]

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find folders, and files that would overwrite each other."""
        first: dict[str, str] = {}
        for index, path in enumerate(self.files):
            if path.endswith(("/", "/.")):
                message = f"'{path}' names a folder, not a file"
                yield context.error(("files", index), message, code="DW206", help="list its files one by one")
                continue
            name = PurePosixPath(path).name
            if name in first:
                message = f"'{path}' and '{first[name]}' would both be published as '{name}'"
                yield context.error(("files", index), message, code="DW218", help="rename one of them in its job")
            first.setdefault(name, path)

    def folder_uri(self) -> str | None:
        """Return the URI of the place that the files go to, None where it is known on the worker only."""
        return None

    def outlets(self) -> list[Any]:
        """Return an Airflow asset for every published file, so that a file can schedule another DAG.

        Assets are fixed when a DAG is parsed, so a target with Jinja in it has none.
        """
        from airflow.sdk import Asset

        folder = self.folder_uri()
        uris = [] if folder is None else [f"{folder}/{PurePosixPath(path).name}" for path in self.files]
        return [Asset(uri) for uri in uris if "{" not in uri]
