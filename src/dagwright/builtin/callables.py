"""Finds a function and its signature by reading source, so that checking runs none of the project's code."""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from dagwright.diagnostics.suggest import did_you_mean

__all__ = ["FoundFunction", "find_function", "problem_with_arguments"]


@dataclass(frozen=True, kw_only=True)
class FoundFunction:
    """What reading the source tells: a signature, or why there is none, or nothing (then only a run can tell)."""

    signature: ast.arguments | None = None
    signature_text: str = ""
    problem: str = ""
    help: str = ""


def find_function(name: str, folders: Sequence[Path]) -> FoundFunction:
    """Find `package.module:function` below some folders or on `sys.path`."""
    module, _, function = name.replace(":", ".").rpartition(".")
    if not module:
        return FoundFunction(problem=f"'{name}' names no module", help="write package.module:function")
    search: Sequence[str] | None = [*(str(folder) for folder in folders), *sys.path]
    parts = module.split(".")
    for index, _ in enumerate(parts):
        spec = PathFinder.find_spec(".".join(parts[: index + 1]), search)
        if spec is None and index == 0:
            spec = _found_by_others(parts[0])
        if spec is None:
            if parts[0] in sys.stdlib_module_names:
                # Python itself has modules that are no files (`math`) or stand elsewhere (`os.path`).
                return FoundFunction()
            missing = ".".join(parts[: index + 1])
            return FoundFunction(
                problem=f"module '{missing}' not found", help="is it below the project's folder, or installed?"
            )
        search = list(spec.submodule_search_locations or ())
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return FoundFunction()
    try:
        tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, OSError) as error:
        return FoundFunction(problem=f"module '{module}' cannot be read: {type(error).__name__}: {error}")
    return _in_module(tree, module, function)


def _found_by_others(package: str) -> ModuleSpec | None:
    """Ask the finders that editable installations bring; they are told of no folder."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(package, None) if find is not None and finder is not PathFinder else None
        if spec is not None:
            return spec
    return None


def _in_module(tree: ast.Module, module: str, function: str) -> FoundFunction:
    names: dict[str, ast.stmt] = {}
    for each in _statements(tree.body):
        for defined in _defined_names(each):
            names[defined] = each
    statement = names.get(function)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if statement.decorator_list:
            # A decorator may change the signature.
            return FoundFunction()
        text = f"{function}({ast.unparse(statement.args)})"
        return FoundFunction(signature=statement.args, signature_text=text)
    if statement is not None or "*" in names or "__getattr__" in names:
        return FoundFunction()
    suggestion = did_you_mean(function, [name for name in names if not name.startswith("_")])
    return FoundFunction(
        problem=f"module '{module}' has no '{function}'", help=f"did you mean '{suggestion}'?" if suggestion else ""
    )


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those inside `if`, `try`, `with` and loops too."""
    for statement in body:
        yield statement
        for inner in ("body", "orelse", "finalbody"):
            if isinstance(statement, (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While)):
                yield from _statements(getattr(statement, inner, []))
        if isinstance(statement, (ast.Try, ast.TryStar)):
            for handler in statement.handlers:
                yield from _statements(handler.body)


def _defined_names(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [statement.name]
        case ast.Import() | ast.ImportFrom():
            return [(alias.asname or alias.name).partition(".")[0] for alias in statement.names]
        case ast.Assign():
            return [node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []


def problem_with_arguments(signature: ast.arguments, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (argument, message, label) for each argument that does not fit the signature."""
    positional = [argument.arg for argument in (*signature.posonlyargs, *signature.args)]
    keyword = [argument.arg for argument in signature.kwonlyargs]
    by_name = [*(argument.arg for argument in signature.args), *keyword]
    meant: set[str | None] = set()
    if signature.kwarg is None:
        for name in given:
            if name not in by_name:
                suggestion = did_you_mean(name, [other for other in by_name if other not in given])
                meant.add(suggestion)
                yield (
                    name,
                    f"the function has no parameter '{name}'",
                    f"did you mean '{suggestion}'?" if suggestion else "",
                )
    required = [
        *positional[: len(positional) - len(signature.defaults)],
        *(name for name, default in zip(keyword, signature.kw_defaults, strict=True) if default is None),
    ]
    for name in required:
        if name not in given and name not in meant:
            yield name, f"argument '{name}' is missing", ""
