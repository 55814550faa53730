"""What the walk finds wrong with keys and kinds, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from dagwright.binding.merged import Anchor, Merged, Path, first_line, path_text, place, pointer_text, span_of_anchor
from dagwright.binding.verdicts import describe, hint, related_places
from dagwright.diagnostics import Diagnostic, Fix, Related, Span, TextEdit
from dagwright.diagnostics.suggest import did_you_mean
from dagwright.model.code_places import place_of_error
from dagwright.model.dag_factory import DagFactory
from dagwright.model.loaded import PlaceInData
from dagwright.model.shapes import ClassShape
from dagwright.source import MappingNode, Node

__all__ = ["Findings", "raised"]


class Findings:
    """Collects what is wrong with one DAG file.

    Attributes:
        problems: everything found, in the order of the walk.
    """

    def __init__(self, problems: list[Diagnostic], root: FilePath) -> None:
        self.problems = problems
        self._root = root

    def error(self, code: str, message: str, span: Span, path: Path, **more: Any) -> None:
        """Report an error at a place."""
        found = Diagnostic(
            code=code, message=message, span=span, path=path_text(path), pointer=pointer_text(path), **more
        )
        self.problems.append(found)

    def expected(self, what: str, node: Node, path: Path, *, label: str = "") -> None:
        """Report a value of the wrong kind."""
        message = f"expected {what}, found {describe(node)}"
        self.error("DW205", message, node.span, path, label=label or hint([what], node), related=related_places(node))

    def unknown_field(self, shape: ClassShape, mapping: MappingNode, name: str, path: Path) -> str | None:
        """Report an unknown field; returns the field that was probably meant."""
        span = mapping.key_span(name)
        known = sorted(shape.fields)
        suggestion = did_you_mean(name, known)
        fixes: tuple[Fix, ...] = ()
        if suggestion is not None and suggestion not in mapping:
            edit = TextEdit(span=span, replacement=suggestion)
            fixes = (Fix(title=f"rename to '{suggestion}'", safe=False, edits=(edit,)),)
        self.error(
            "DW203",
            f"unknown field '{name}' in {shape.options.type_name}",
            span,
            (path, name),
            label=f"did you mean '{suggestion}'?" if suggestion else "",
            notes=(f"fields: {', '.join(_shown_fields(shape))}",),
            fixes=fixes,
        )
        return suggestion

    def missing_field(self, shape: ClassShape, name: str, anchor: Anchor, path: Path) -> None:
        """Report a field that nobody gives."""
        message = f"missing field '{name}' in {shape.options.type_name}"
        description = shape.fields[name].description
        notes = (f"{name}: {description.rstrip('.')}",) if description else ()
        self.error("DW204", message, first_line(span_of_anchor(anchor)), path, notes=notes)

    def endless(self, shape: ClassShape, merged: Merged) -> None:
        """Report a class that defaults put into itself again and again."""
        message = f"{shape.options.type_name} holds itself without end, through defaults or a default filler"
        self.error("DW410", message, first_line(merged.node.span), merged.path)

    def unusable_class(self, shape: ClassShape, said: str, merged: Merged) -> None:
        """Report a class whose fields pydantic cannot read."""
        name = f"{shape.cls.__module__}.{shape.cls.__qualname__}"
        message = f"factory class '{name}' cannot be read: {said.splitlines()[0].rstrip('.')}"
        self.error("DW410", message, first_line(span_of_anchor(merged.anchor)), merged.path)

    def broken_validator(self, shape: ClassShape, error: BaseException, merged: Merged) -> None:
        """Report a class whose own validator raises what is no verdict about a value."""
        found = raised(f"reading {shape.options.type_name}", error, place(merged), (str(self._root),))
        self.problems.append(replace(found, help="a validator raises ValueError for a value that it refuses"))


def _shown_fields(shape: ClassShape) -> list[str]:
    """Return a class's own fields first; those of Airflow's arguments would drown them."""
    inherited = set(DagFactory.__annotations__) if shape.kind == "dag" else set()
    own = sorted(name for name in shape.fields if name not in inherited)
    return [*own, "and the arguments of a DAG"] if inherited else own


def raised(what: str, error: BaseException, here: PlaceInData, folders: Iterable[str]) -> Diagnostic:
    """Return the finding for an exception in a stranger's code: where in the data, and on which line of the code.

    Args:
        what: what was being done.
        error: the exception.
        here: the place in the data that led to it.
        folders: where the project's own code lies.
    """
    span, elsewhere = place_of_error(error, folders)
    said = f": {error}" if str(error) else ""
    return Diagnostic(
        code="DW501",
        message=f"{what} raises {type(error).__name__}{said}",
        span=first_line(here.span),
        path=here.path,
        pointer=here.pointer,
        notes=(f"raised at {elsewhere}",) if elsewhere else (),
        related=(Related(message="raised here", span=span),) if span is not None else (),
    )
