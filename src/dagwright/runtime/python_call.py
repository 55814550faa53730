"""A Python function of the project, called inside the worker's task process."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from dagwright.runtime.errors import CallError
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["argument_problem", "call_in", "call_python", "import_callable"]


def call_python(
    callable: str,  # noqa: A002  the name that the UI shows
    args: Mapping[str, Any] | None = None,
    *,
    base: str | None = None,
    search_path: Sequence[str | os.PathLike[str]] = (),
) -> Any:
    """Call a function with the running task's workspace as working directory, and return its result.

    Args:
        callable: `package.module:function`, or `package.module.function`.
        args: its keyword arguments.
        base: the workspaces' base, see `open_workspace`.
        search_path: the project's folders, where modules are looked for first.

    Raises:
        CallError: when it does not import, the arguments do not fit, or the result is not plain data.
    """
    return call_in(run_workspace(base), callable, args or {}, search_path=search_path)


def call_in(
    workspace: RunWorkspace,
    name: str,
    args: Mapping[str, Any],
    *,
    search_path: Sequence[str | os.PathLike[str]] = (),
) -> Any:
    """Call a function in a workspace; see `call_python`."""
    with _first_on_path(search_path):
        function = import_callable(name)
        problem = argument_problem(function, args)
        if problem is not None:
            raise CallError(f"the arguments do not fit '{name}{_signature_text(function)}': {problem}")
        with _inside(workspace):
            result = function(**args)
    if inspect.iscoroutine(result):
        result.close()
        raise CallError(f"'{name}' is a coroutine function; name a plain function that runs it")
    _require_plain(name, result)
    return result


def import_callable(name: str) -> Callable[..., Any]:
    """Import what a text such as `package.module:function` names.

    An exception inside the module itself is the module's own and passes through.

    Raises:
        CallError: when there is no such module or nothing callable of that name in it.
    """
    module_name, colon, attributes = name.partition(":")
    if not colon:
        module_name, _, attributes = name.rpartition(".")
    if not module_name or not attributes or not all(part.isidentifier() for part in module_name.split(".")):
        raise CallError(f"'{name}' names no function; write it as 'package.module:function'")
    try:
        found: Any = import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        if missing == module_name or module_name.startswith(missing + "."):
            raise CallError(f"there is no module '{missing}' for the callable '{name}'") from error
        raise CallError(f"the module '{module_name}' needs the module '{missing}', which is not installed") from error
    for attribute in attributes.split("."):
        if not hasattr(found, attribute):
            raise CallError(f"the module '{module_name}' has no '{attributes}'")
        found = getattr(found, attribute)
    if not callable(found):
        raise CallError(f"'{name}' is a {type(found).__name__}, not a function")
    function: Callable[..., Any] = found
    return function


def argument_problem(function: Callable[..., Any], args: Mapping[str, Any]) -> str | None:
    """Say which keyword arguments a function misses or does not know, or None where they fit."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C tell nobody what they take
        return None
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    known = [name for name, parameter in signature.parameters.items() if parameter.kind in by_name]
    open_ended = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in signature.parameters.values())
    unknown = [] if open_ended else [name for name in args if name not in known]
    missing = [
        name for name in known if name not in args and signature.parameters[name].default is inspect.Parameter.empty
    ]
    said = [f"{what} {_listed(names)}" for what, names in (("it has no", unknown), ("it misses", missing)) if names]
    if said:
        return " and ".join(said)
    try:
        signature.bind(**args)
    except TypeError as error:  # a positional-only parameter, which a mapping cannot give
        return str(error)
    return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _signature_text(function: Callable[..., Any]) -> str:
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:
        return ""
    # Names alone: a default's text may hold an address or more than a line.
    empty = inspect.Parameter.empty
    bare = [parameter.replace(annotation=empty, default=empty) for parameter in parameters.values()]
    return str(inspect.Signature(bare))


@contextlib.contextmanager
def _first_on_path(folders: Sequence[str | os.PathLike[str]]) -> Iterator[None]:
    added = [text for text in (os.fspath(folder) for folder in folders) if text not in sys.path]
    sys.path[:0] = added
    try:
        yield
    finally:
        for text in added:
            with contextlib.suppress(ValueError):  # the function has taken it out itself
                sys.path.remove(text)


@contextlib.contextmanager
def _inside(workspace: RunWorkspace) -> Iterator[None]:
    before = os.environ.get("DAGWRIGHT_WORKSPACE")
    os.environ["DAGWRIGHT_WORKSPACE"] = workspace.variable
    try:
        if workspace.is_local:
            workspace.create()
            with contextlib.chdir(workspace.local_path):
                yield
        else:
            yield
    finally:
        if before is None:
            os.environ.pop("DAGWRIGHT_WORKSPACE", None)
        else:
            os.environ["DAGWRIGHT_WORKSPACE"] = before


def _require_plain(name: str, result: object) -> None:
    if result is None:
        return
    try:
        json.dumps(result)
    except (TypeError, ValueError, RecursionError) as error:
        raise CallError(
            f"the result of '{name}' is a {type(result).__name__} that JSON cannot hold ({error}); "
            "return plain data or None, and write files into the workspace"
        ) from error
