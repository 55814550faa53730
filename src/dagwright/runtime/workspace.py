"""The workspace: one folder per DAG run, on this machine or in an object store.

Jobs write into it, validators and publishers read from it. Every path that comes from a DAG file passes
through `RunWorkspace.resolve`, so that none of them can leave the run's folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from dagwright.runtime.errors import WorkspaceError
from dagwright.runtime.identity import current_run
from dagwright.source.paths import workspace_path_problem

__all__ = ["RunWorkspace", "open_workspace", "run_folder_name", "run_workspace"]

_CHUNK = 1024 * 1024
_LONGEST_NAME = 200
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_UNSAFE_BYTE = re.compile(rb"[^A-Za-z0-9_.-]")


def run_folder_name(name: str) -> str:
    """Return a DAG id or run id as the name of a folder: different names stay different.

    Everything but letters, digits, '_', '-' and '.' becomes `~` and two hexadecimal digits per byte, which
    neither a shell nor a URI reads as anything else (a percent sign would be decoded by some readers of
    URIs and not by others). A leading dot is replaced too. What gets too long for a file system is cut and
    ends in a digest.
    """
    if not name:
        raise WorkspaceError("a DAG id or run id is empty, so it names no workspace")
    safe = _UNSAFE_BYTE.sub(lambda match: b"~%02X" % match[0][0], name.encode("utf-8", "surrogatepass")).decode()
    if safe.startswith("."):
        safe = "~2E" + safe[1:]
    if len(safe) > _LONGEST_NAME:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{safe[: _LONGEST_NAME - 34]}~~{digest[:32]}"
    return safe


class RunWorkspace:
    """The files of one DAG run.

    Attributes:
        root: a `pathlib.Path`, or Airflow's `ObjectStoragePath` for every URI but `file://`.
    """

    def __init__(self, root: Any) -> None:
        self.root = root

    def __repr__(self) -> str:
        return f"RunWorkspace({self.uri!r})"

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return isinstance(self.root, Path)

    @property
    def local_path(self) -> Path:
        """The folder on this machine.

        Raises:
            WorkspaceError: where the workspace is in an object store.
        """
        if isinstance(self.root, Path):
            return self.root
        raise WorkspaceError(f"the workspace '{self.uri}' is no folder of this machine")

    @property
    def uri(self) -> str:
        """The place as jobs on any machine can read it; a connection id or credential in it is left out."""
        return self.root.as_uri() if isinstance(self.root, Path) else without_user(str(self.root))

    @property
    def variable(self) -> str:
        """The value of DAGWRIGHT_WORKSPACE: a plain path for a folder of this machine, else the URI."""
        return str(self.root) if isinstance(self.root, Path) else self.uri

    def create(self) -> None:
        """Make the folder; object stores have none to make.

        Raises:
            WorkspaceError: when this machine does not let us.
        """
        if isinstance(self.root, Path):
            try:
                self.root.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise WorkspaceError(f"cannot make the workspace '{self.root}': {error.strerror}") from error

    def resolve(self, relative: str) -> Any:
        """Return the path object of a file in the workspace, which need not exist.

        Raises:
            WorkspaceError: when the path is absolute or leads out of the workspace, also by a symbolic link.
        """
        problem = workspace_path_problem(relative)
        if problem is not None:
            raise WorkspaceError(f"the path {relative!r} {problem}")
        parts = PurePosixPath(relative).parts
        path = self.root.joinpath(*parts)
        if isinstance(path, Path):
            try:
                inside = path.resolve().is_relative_to(self.root.resolve())
            except (OSError, RuntimeError) as error:  # RuntimeError: a circle of links, before Python 3.13
                raise WorkspaceError(f"the path {relative!r} cannot be followed: {error}") from error
            if not inside:
                raise WorkspaceError(f"the path {relative!r} leaves the workspace by a symbolic link")
        return path

    def is_file(self, relative: str) -> bool:
        """Say whether a file is there."""
        return bool(self.resolve(relative).is_file())

    def require_file(self, relative: str) -> Any:
        """Return the path object of a file that has to be there.

        Raises:
            WorkspaceError: when it is not there or is a folder.
        """
        path = self.resolve(relative)
        if not path.is_file():
            what = "is a folder, not a file" if path.is_dir() else "is not there"
            raise WorkspaceError(f"the file {relative!r} {what} (workspace '{self.uri}')")
        return path

    def open(self, relative: str, mode: str = "rb") -> IO[Any]:
        """Open a file; writing makes the folders above it. Text is UTF-8."""
        writes = not mode.startswith("r") or "+" in mode
        path = self.resolve(relative) if writes else self.require_file(relative)
        if writes and isinstance(path, Path):
            path.parent.mkdir(parents=True, exist_ok=True)
        opened: IO[Any] = path.open(mode) if "b" in mode else path.open(mode, encoding="utf-8", newline="")
        return opened

    @contextmanager
    def local_copy(self, relative: str) -> Iterator[Path]:
        """Give a file as a local one: itself, or a temporary copy that has the same name."""
        path = self.require_file(relative)
        if isinstance(path, Path):
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="dagwright-") as folder:
            copy = Path(folder, PurePosixPath(relative).name)
            with path.open("rb") as source, copy.open("wb") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
            yield copy

    def size(self, relative: str) -> int:
        """Return a file's size in bytes."""
        return int(self.require_file(relative).stat().st_size)

    def sha256(self, relative: str) -> str:
        """Return a file's SHA-256 in hexadecimal digits, read in pieces."""
        digest = hashlib.sha256()
        with self.open(relative) as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()


def without_user(uri: str) -> str:
    """Return a URI without what stands before an '@' in its authority."""
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    return uri if host == parts.netloc else parts._replace(netloc=host).geturl()


def open_workspace(base: str | None, dag_id: str, run_id: str) -> RunWorkspace:
    """Return the workspace of a DAG run; nothing is made yet.

    Args:
        base: an absolute path, a `file://` URI or a URI that Airflow's ObjectStoragePath knows; None is the
            folder `dagwright/workspaces` in Airflow's home.
        dag_id: the DAG.
        run_id: its run.

    Raises:
        WorkspaceError: when the base is no place that a run can use.
    """
    folders = (run_folder_name(dag_id), run_folder_name(run_id))
    if base is None:
        home = Path(os.environ.get("AIRFLOW_HOME") or "~/airflow").expanduser().absolute()
        return RunWorkspace(home.joinpath("dagwright", "workspaces", *folders))
    if base.startswith("file://"):
        parts = urlsplit(base)
        if parts.netloc not in ("", "localhost"):
            raise WorkspaceError(f"the workspace '{without_user(base)}' names another machine")
        return RunWorkspace(_absolute(unquote(parts.path), base).joinpath(*folders))
    if not _SCHEME.match(base):
        return RunWorkspace(_absolute(base, base).joinpath(*folders))
    from airflow.sdk import ObjectStoragePath  # a local workspace needs no Airflow

    try:
        root = ObjectStoragePath(base).joinpath(*folders)
        _ = root.fs  # imports the scheme's package now, where the message can name the workspace
    except (ValueError, ImportError) as error:
        raise WorkspaceError(f"the workspace '{without_user(base)}' cannot be opened: {error}") from error
    return RunWorkspace(root)


def _absolute(text: str, shown: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        # Tasks run in different folders, so a relative base would be a different one for each.
        raise WorkspaceError(f"the workspace '{shown}' is a relative path; name an absolute path or a URI")
    return path


def run_workspace(base: str | None) -> RunWorkspace:
    """Return the workspace of the DAG run whose task is running, its folder made."""
    run = current_run()
    workspace = open_workspace(base, run.dag_id, run.run_id)
    workspace.create()
    return workspace
