"""What a project says, as plain data: bindings, layers, variables, DAG files.

Values stay nodes, with their places, and layers stay unmerged: only the binder knows at which place a
`type` decides what a weaker layer may contribute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dagwright.diagnostics import Diagnostic, Related, Span
from dagwright.source.nodes import MappingNode, Node

__all__ = ["Bind", "DagFile", "Layer", "Variable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bind:
    """One `[[bind]]`: the files that match the pattern need no `type`.

    Attributes:
        span: where the pattern stands.
        type_span: where the type stands.
    """

    pattern: str
    type: str
    span: Span
    type_span: Span


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Layer:
    """The defaults that one location gives, unmerged.

    Attributes:
        name: the location as messages and `show --origins` say it: `dagwright.toml`,
            `dagwright.toml [env.prod]`, `dags/finance/defaults.yaml`.
        defaults: by factory type name (or `dag`) what `[defaults.*]` says; None where nothing is said.
    """

    name: str
    defaults: MappingNode | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Variable:
    """One `vars.x` as seen from one folder.

    Attributes:
        name: the name behind `vars.`.
        node: the value with its place. For a value from the process environment, a string at the place of
            its declaration; None where that environment variable is not set and no default is declared.
        from_env: the name of the process environment variable where one is declared; the value is then
            a possible secret and is never shown.
        span: the place of the name that declares it.
    """

    name: str
    node: Node | None = field(repr=False)  # possibly a secret
    from_env: str | None
    span: Span

    def problem(self, used_at: Span) -> Diagnostic | None:
        """Return the finding for a use of a variable that has no value, None where it has one."""
        if self.node is not None:
            return None
        return Diagnostic(
            code="DW408",
            message=f"'vars.{self.name}' needs the environment variable '{self.from_env}', which is not set",
            span=used_at,
            help=f"set {self.from_env}, or give the variable a default",
            related=(Related(message="the variable is declared here", span=self.span),),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DagFile:
    """One DAG file of a project.

    Attributes:
        path: where the file is.
        name: its path relative to the project's root, with forward slashes.
        type: the DAG factory that a `[[bind]]` gives it, None where none does.
        type_span: the place of that `[[bind]]`.
    """

    path: Path
    name: str
    type: str | None = None
    type_span: Span | None = None
