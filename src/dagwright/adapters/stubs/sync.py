"""Brings a folder of stubs in line with the DAG files of a project; what is not ours is never touched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from dagwright.adapters.importer.rivals import Rivals
from dagwright.adapters.stubs.folder import (
    StubFile,
    find_stubs,
    read_file,
    remove_file,
    remove_leftovers,
    write_file,
)
from dagwright.adapters.stubs.text import Stub, read_stub, stub_text
from dagwright.project import DagFile

__all__ = ["MOST_RIVALS", "Change", "Made", "apply_changes", "plan_changes", "stub_path"]

# One `dag_id` in a folder's defaults is that of all files below it; each stub that names them all would be gigabytes.
MOST_RIVALS = 8

Action = Literal["add", "update", "remove", "blocked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What is known of a DAG file whose DAG could be made.

    Attributes:
        dag_id: the DAG id.
        modules: the modules of Airflow that it needs; None where it was not made.
        rivals: DAG files with the same DAG id whose claim to it is stronger, the strongest first.
    """

    dag_id: str = ""
    modules: tuple[str, ...] | None = None
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What happens to one stub.

    Attributes:
        action: `blocked` where it should change and may not.
        stub: the stub.
        dag_file: the DAG file, relative to the project.
        text: its new text.
        message: why it is blocked, or that a DAG moved.
    """

    action: Action
    stub: Path
    dag_file: str
    text: str = field(default="", repr=False)
    message: str = ""


def stub_path(output: Path, dag_file: str) -> Path:
    """Return where the stub of a DAG file lies: folders as in the project."""
    return output / f"{dag_file}.py"


def plan_changes(
    root: Path, output: Path, dag_files: Iterable[str], *, env: str | None, made: Mapping[str, Made]
) -> list[Change]:
    """Compare the stubs on disk with the DAG files.

    Args:
        root: the project's folder.
        output: the folder of the stubs.
        dag_files: all DAG files of the project, by their names in it.
        env: the environment to bind the stubs to; None leaves that to the process that reads them.
        made: what is known of the DAG files; about others a stub keeps what it says, and a new one names as rivals
            those that may be, by their names and texts.
    """
    known = _Projects(root)
    ours = {found.path: found for found in find_stubs(output) if known.owns(found)}
    changes = []
    wanted = {stub_path(output, name): name for name in dag_files}
    new = [name for path, name in wanted.items() if name not in made and not os.path.lexists(path)]
    guessed = _guessed(root, wanted.values(), new) if new else {}
    for path, name in wanted.items():
        change = _wanted(known, path, name, env=env, made=made.get(name) or guessed.get(name) or Made())
        if change is not None:
            changes.append(change)
    for path, found in ours.items():
        if path in wanted:
            continue
        name = path.relative_to(output).as_posix().removesuffix(".py")
        if found.read.edited:
            message = f"its DAG file '{name}' is gone, but it was edited by hand: remove it yourself"
            changes.append(Change(action="blocked", stub=path, dag_file=name, message=message))
        else:
            changes.append(Change(action="remove", stub=path, dag_file=name))
    return _with_moves(changes, ours, {stub_path(output, name): each.dag_id for name, each in made.items()})


def _guessed(root: Path, dag_files: Iterable[str], new: Iterable[str]) -> dict[str, Made]:
    """Return the rivals of new files whose DAGs nobody made yet: a copy must not run in place of its original."""
    rivals = Rivals()
    rivals.look_at(root, [DagFile(path=root / name, name=name) for name in dag_files])
    found = {name: rivals.of(root / name)[:MOST_RIVALS] for name in new}
    return {name: Made(rivals=tuple(path.relative_to(root).as_posix() for path in found[name])) for name in found}


class _Projects:
    """Knows which stubs belong to a project; links are followed once per folder, not once per stub."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real_root = os.path.realpath(root)
        self._real: dict[str, str] = {}

    def owns(self, found: StubFile) -> bool:
        """Say whether a stub belongs to the project; what cannot be read belongs to nobody."""
        if found.read.stub is None:
            return False
        project = os.path.join(found.path.parent, found.read.stub.project)  # noqa: PTH118
        if project not in self._real:
            self._real[project] = os.path.realpath(project)
        return self._real[project] == self._real_root


def _wanted(projects: _Projects, path: Path, name: str, *, env: str | None, made: Made) -> Change | None:
    """Return what has to happen so that a DAG file has its stub."""
    root = projects.root
    text = read_file(path)
    read = read_stub(text) if text is not None else None
    known = read.stub if read is not None else None
    stub = Stub(
        dag_file=_written(root / name, path, root),
        project=_written(root, path, root),
        env=env,
        dag_id=made.dag_id or (known.dag_id if known is not None else ""),
        rivals=made.rivals,
    )
    if made.modules is not None:
        stub = replace(stub, modules=made.modules)
    elif known is not None:
        # A file that is broken for a moment is no reason to forget what its DAG needs.
        stub = replace(stub, modules=known.modules, rivals=made.rivals if made.dag_id else known.rivals)
    new = stub_text(stub)
    if text is None and not os.path.lexists(path):
        return Change(action="add", stub=path, dag_file=name, text=new)
    if text == new:
        return None
    if text is None:
        message = "what lies here is no file that can be read"
    elif read is None:
        message = "this file is no stub of Dagwright: move it elsewhere, or choose another folder for the stubs"
    elif read.edited:
        message = "this stub was edited by hand: remove it, and the next sync writes it anew"
    elif (
        known is not None
        and not projects.owns(StubFile(path=path, text=text, read=read))
        and _leads_somewhere(path, known)
    ):
        message = f"this stub belongs to another project, '{known.project}': give each project its own folder"
    else:
        return Change(action="update", stub=path, dag_file=name, text=new)
    return Change(action="blocked", stub=path, dag_file=name, message=message)


def _leads_somewhere(path: Path, stub: Stub) -> bool:
    return Path(path.parent, stub.dag_file).exists()


def _written(target: Path, stub: Path, root: Path) -> str:
    """Return a path as a stub says it: relative where both lie in one tree, which may then be moved as a whole."""
    folder = os.path.abspath(stub.parent)  # noqa: PTH100  links stay as the user wrote them
    if f"{folder}{os.sep}".startswith(f"{root}{os.sep}"):
        return Path(os.path.relpath(target, folder)).as_posix()
    return str(target)


def _with_moves(changes: list[Change], ours: Mapping[Path, StubFile], ids: Mapping[Path, str]) -> list[Change]:
    """Say of a DAG id that another file has now where it comes from."""
    before = {found.read.stub.dag_id: path for path, found in ours.items() if found.read.stub is not None}
    result = []
    for change in changes:
        dag_id = ids.get(change.stub, "")
        old = before.get(dag_id) if dag_id else None
        if change.action in {"add", "update"} and old is not None and old != change.stub and ids.get(old) != dag_id:
            result.append(replace(change, message=f"DAG '{dag_id}' moved here from {old.name.removesuffix('.py')}"))
        else:
            result.append(change)
    return result


def apply_changes(changes: Iterable[Change], output: Path) -> list[Change]:
    """Make the changes, new files first, and return those that failed as `blocked`; call it with the lock held.

    One that fails costs no other. Nothing half-written stays.
    """
    remove_leftovers(output)
    results = []
    # A DAG that moved has its new stub before the old one goes, so that Airflow never misses it.
    for change in sorted(changes, key=lambda change: change.action == "remove"):
        try:
            match change.action:
                case "add" | "update":
                    write_file(change.stub, change.text)
                case "remove":
                    remove_file(change.stub, output)
                case _:
                    pass
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            verb = "removed" if change.action == "remove" else "written"
            results.append(replace(change, action="blocked", message=f"it cannot be {verb}: {reason}"))
        else:
            results.append(change)
    return results
