"""Which Python files load DAG files themselves, and of which project: they are read, never run."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dagwright.adapters.stubs.folder import find_stubs
from dagwright.project import find_project

__all__ = ["Loader", "loaders_of"]

# Where each of them takes the project's folder, or a place in it, from.
_FUNCTIONS = {"load": (0, "path"), "load_dags": (1, "folder"), "load_project": (0, "folder")}
_PATHS = frozenset({"Path", "pathlib.Path", "str", "os.fspath", "os.path.abspath", "os.path.join", "os.path.realpath"})
_SAME_PATH_METHODS = frozenset({"absolute", "as_posix", "resolve"})


class Loader(NamedTuple):
    """A Python file that loads DAG files; `env` is the environment that it names."""

    path: Path
    env: str | None


def loaders_of(root: Path, folder: Path) -> Iterator[Loader]:
    """Yield the files in a folder that load DAG files of a project, and those that may: of what they do not say."""
    stubs = {found.path for found in find_stubs(folder)}
    for path in sorted(folder.rglob("*.py")):
        tree = _tree(path) if path not in stubs else None
        for call, function in _calls(tree) if tree is not None else ():
            start = _Paths(path, tree).start(call, function)
            if start is None or os.path.realpath(find_project(start) or start) == os.path.realpath(root):
                yield Loader(path, _env(call))
                break


def _tree(path: Path) -> ast.Module | None:
    """Return what a file says; None where it says nothing of Dagwright, or where Airflow cannot read it either."""
    try:
        content = path.read_bytes()
        if b"dagwright" not in content:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the file's own, such as that of an unknown escape
            return ast.parse(content)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield every call of a function that loads, with the function's own name."""
    names: dict[str, str] = {}
    modules: set[str] = set()
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "dagwright":
            names |= {each.asname or each.name: each.name for each in node.names if each.name in _FUNCTIONS}
        elif isinstance(node, ast.Import):
            modules |= {each.asname or "dagwright" for each in node.names if each.name.split(".")[0] == "dagwright"}
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in names:
                yield node, names[name]
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _FUNCTIONS:
                if ast.unparse(value).split(".")[0] in modules:
                    yield node, name
            case _:
                pass


def _env(call: ast.Call) -> str | None:
    said = _argument(call, None, "env")
    return said.value if isinstance(said, ast.Constant) and isinstance(said.value, str) else None


def _argument(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """Return what a call gives for a parameter; None where that is nothing, or None."""
    given = next((each.value for each in call.keywords if each.arg == name), None)
    if given is None and position is not None and position < len(call.args):
        given = call.args[position]
    return None if isinstance(given, ast.Constant) and given.value is None else given


class _Paths:
    """The paths that a file says in the usual spellings."""

    def __init__(self, file: Path, tree: ast.Module | None) -> None:
        self._file = file
        self._known = {
            node.targets[0].id: node.value
            for node in (tree.body if tree is not None else ())
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }

    def start(self, call: ast.Call, function: str) -> Path | None:
        """Return where a call looks for its project; None where that is not known."""
        given = _argument(call, None, "project") if function == "load" else None
        given = given or _argument(call, *_FUNCTIONS[function])
        if given is None:
            return self._file.parent if function == "load_dags" else None
        path = self._path(given)
        if path is not None and function == "load_dags":
            path = os.path.join(self._file.parent, path)  # noqa: PTH118
        # Others are relative to the folder in which Airflow's process was started.
        return Path(os.path.normpath(path)) if path is not None and os.path.isabs(path) else None  # noqa: PTH117

    def _path(self, node: ast.expr) -> str | None:
        path: str | None = None
        match node:
            case ast.Constant(value=str() as text):
                path = text
            case ast.Name(id="__file__"):
                path = os.fspath(self._file)
            case ast.Name(id=name) if name in self._known:
                # A name may be made of itself.
                path = self._path(self._known.pop(name))
            case ast.Attribute(value=value, attr="parent"):
                path = self._above(value, 1)
            case ast.Subscript(value=ast.Attribute(value=value, attr="parents"), slice=ast.Constant(value=int() as up)):
                path = self._above(value, up + 1)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                path = self._joined([left, right])
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=[]) if name in _SAME_PATH_METHODS:
                path = self._path(value)
            case ast.Call(func=function, args=[first, *rest]):
                path = self._called(ast.unparse(function), first, rest)
            case _:
                pass
        return path

    def _called(self, function: str, first: ast.expr, rest: list[ast.expr]) -> str | None:
        if function == "os.path.dirname":
            return self._above(first, 1)
        return self._joined([first, *rest]) if function in _PATHS else None

    def _above(self, node: ast.expr, levels: int) -> str | None:
        path = self._path(node)
        return str(Path(path, *[".."] * min(levels, 100))) if path is not None else None

    def _joined(self, nodes: list[ast.expr]) -> str | None:
        parts = [self._path(node) for node in nodes]
        known = [part for part in parts if part is not None]
        return os.path.join(*known) if known and len(known) == len(parts) else None  # noqa: PTH118
