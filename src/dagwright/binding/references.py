"""`${{ vars.x }}` and `${{ env.name }}`: the only references that are resolved at load time.

They name what the project declares. `$${{` stands for itself; all other braces belong to Airflow's Jinja or to
the shell and pass untouched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagwright.binding.merged import Path, ResolvedNode, path_text, pointer_text
from dagwright.diagnostics import Diagnostic, Span
from dagwright.diagnostics.suggest import did_you_mean
from dagwright.project import Variable
from dagwright.source import ListNode, MappingNode, Node, ScalarNode

__all__ = ["MARK", "References"]

MARK = "${{"
_REFERENCE = re.compile(r"(\$?)\$\{\{((?:(?!\}\}).)*)\}\}", re.DOTALL)
_NAME = re.compile(r"\s*([A-Za-z_][\w-]*)\.([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)\s*")


class References:
    """Resolves references as they are seen from one DAG file.

    Attributes:
        secrets: the values of the process environment that were used so far.
    """

    def __init__(self, variables: Mapping[str, Variable], environment: str | None, problems: list[Diagnostic]) -> None:
        self._variables = variables
        self._environment = environment
        self._problems = problems
        self.secrets: set[str] = set()
        # Texts that are one reference to a variable that is a scalar: many tasks of a file say the same.
        self._whole: dict[str, tuple[Any, bool, tuple[Node, ...]]] = {}

    def resolve(self, node: ScalarNode, path: Path) -> Node | None:
        """Return the node that stands for a string with references, None after an error.

        A string that is one reference takes the value's own type, a mapping or list included; references
        inside a longer string are put in as text.
        """
        text = str(node.value)
        known = self._whole.get(text)
        if known is not None:
            return ResolvedNode(node, known[0], secret=known[1], variables=known[2])
        whole = _REFERENCE.fullmatch(text)
        if whole is not None and not whole[1]:
            found = self._look_up(whole[2], _at_text(node, text), path)
            if found is None:
                return None
            value, variable = found
            if isinstance(value, ScalarNode):
                secret = variable is not None and variable.from_env is not None
                text_of_value = value.value.replace("$" + MARK, MARK) if isinstance(value.value, str) else value.value
                if variable is not None:
                    # The name of the environment has its place where it is used.
                    self._whole[text] = text_of_value, secret, (value,)
                return ResolvedNode(node, text_of_value, secret=secret, variables=(value,))
            return value
        if text.count(MARK) != len(_REFERENCE.findall(text)):
            message = "a reference is opened by '${{' and not closed"
            self._error("DW208", message, node, path, help="close it with '}}'")
            return None
        return self._interpolate(text, node, path)

    def _interpolate(self, text: str, node: ScalarNode, path: Path) -> Node | None:
        secret = failed = False
        used: list[Node] = []

        def replaced(match: re.Match[str]) -> str:
            nonlocal secret, failed
            if match[1]:
                return match[0][1:]
            here = _at_text(node, match[0])
            found = self._look_up(match[2], here, path)
            if found is None:
                failed = True
                return ""
            value, variable = found
            if not isinstance(value, ScalarNode):
                kind = "mapping" if isinstance(value, MappingNode) else "list"
                message = f"'{match[2].strip()}' is a {kind}, which cannot stand inside a longer string"
                self._error("DW208", message, here, path, help="let the reference be the whole value")
                failed = True
                return ""
            used.append(value)
            secret = secret or (variable is not None and variable.from_env is not None)
            return _as_text(value.value)

        resolved = _REFERENCE.sub(replaced, text)
        return None if failed else ResolvedNode(node, resolved, secret=secret, variables=tuple(used))

    def _look_up(self, expression: str, node: ScalarNode, path: Path) -> tuple[Node, Variable | None] | None:
        match = _NAME.fullmatch(expression)
        if match is None:
            message = f"'${{{{{expression}}}}}' is no reference"
            self._error("DW208", message, node, path, help="write ${{ vars.NAME }} or ${{ env.name }}; no expressions")
            return None
        scope, name = match.groups()
        if scope == "env":
            return self._environment_name(name, node, path)
        if scope != "vars":
            message = f"unresolved reference '{scope}.{name}'"
            self._error("DW207", message, node, path, label="only 'vars' and 'env' are known")
            return None
        first, *rest = name.split(".")
        variable = self._variables.get(first)
        if variable is None:
            suggestion = did_you_mean(first, self._variables)
            label = f"did you mean 'vars.{suggestion}'?" if suggestion else ""
            declared = ", ".join(sorted(self._variables)) or "none"
            notes = (f"declared variables: {declared}",)
            self._error("DW207", f"unresolved reference 'vars.{first}'", node, path, label=label, notes=notes)
            return None
        problem = variable.problem(node.span)
        if problem is not None or variable.node is None:
            if problem is not None:
                self._problems.append(replace(problem, path=path_text(path), pointer=pointer_text(path)))
            return None
        if variable.from_env is not None:
            self.secrets.add(str(variable.node.plain()))
        found = self._descend(variable, rest, node, path)
        if found is not None and _mentions_reference(found[0]):
            self._error("DW208", f"the value of 'vars.{name}' holds a reference itself", node, path)
            return None
        return found

    def _descend(
        self, variable: Variable, rest: list[str], node: ScalarNode, path: Path
    ) -> tuple[Node, Variable] | None:
        value: Node | None = variable.node
        done = f"vars.{variable.name}"
        for part in rest:
            below = value.get(part) if isinstance(value, MappingNode) else None
            if below is None:
                self._error("DW207", f"unresolved reference '{done}.{part}': '{done}' has no '{part}'", node, path)
                return None
            value, done = below, f"{done}.{part}"
        return (value, variable) if value is not None else None

    def _environment_name(self, name: str, node: ScalarNode, path: Path) -> tuple[Node, None] | None:
        if name != "name":
            help_text = "declare the variable in [vars] with from_env and write ${{ vars.NAME }}"
            self._error(
                "DW207", f"unresolved reference 'env.{name}': only 'env.name' exists", node, path, help=help_text
            )
            return None
        if self._environment is None:
            help_text = "choose one with --env or DAGWRIGHT_ENV"
            self._error("DW207", "'env.name' has no value: no environment is chosen", node, path, help=help_text)
            return None
        return ScalarNode(node.source, node.start, node.end, self._environment), None

    def _error(self, code: str, message: str, node: Node, path: Path, **more: Any) -> None:
        span: Span = node.span
        found = Diagnostic(
            code=code, message=message, span=span, path=path_text(path), pointer=pointer_text(path), **more
        )
        self._problems.append(found)


def _at_text(node: ScalarNode, reference: str) -> ScalarNode:
    """Return the node as it were at the reference alone, where its text stands in the file as it is."""
    start = node.source.text.find(reference, node.start, node.end)
    return node if start < 0 else ScalarNode(node.source, start, start + len(reference), node.value)


def _mentions_reference(node: Node) -> bool:
    if isinstance(node, ScalarNode):
        return isinstance(node.value, str) and any(not match[1] for match in _REFERENCE.finditer(node.value))
    if isinstance(node, ListNode):
        return any(_mentions_reference(item) for item in node.items)
    return isinstance(node, MappingNode) and any(_mentions_reference(entry.value) for entry in node.entries.values())


def _as_text(value: object) -> str:
    """Return a scalar as YAML would write it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
