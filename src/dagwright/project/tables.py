"""Reading tables that people write: checks of keys and types that collect every problem.

The same checks serve dagwright.toml, `[tool.dagwright]` and `defaults.yaml`: all of them are nodes by then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dagwright.diagnostics import Diagnostic, Related, Severity, Span
from dagwright.diagnostics.suggest import did_you_mean_label
from dagwright.source.nodes import ListNode, MappingNode, Node, ScalarNode

__all__ = ["Place", "TableReader", "kind_of"]

Place = tuple[str | int, ...]
"""The keys and indices that lead from the top of a file to a value."""


class TableReader:
    """Takes values out of one file and collects what is wrong with them."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def wrong(
        self,
        place: Place,
        message: str,
        span: Span,
        *,
        code: str = "DW401",
        severity: Severity = Severity.ERROR,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str = "",  # noqa: A002  the diagnostic's own word
        related: tuple[Related, ...] = (),
    ) -> None:
        """Record a problem at a place."""
        self.diagnostics.append(
            Diagnostic(
                code=code,
                message=message,
                severity=severity,
                span=span,
                path=format_path(place),
                pointer=format_pointer(place),
                label=label,
                notes=notes,
                help=help,
                related=related,
            )
        )

    def check_keys(self, table: MappingNode, place: Place, known: Collection[str], where: str) -> None:
        """Record each key that is not among the known ones."""
        for key in table:
            if key not in known:
                self.unknown(table, (*place, key), key, known, f"unknown key '{key}' in {where}", plural="keys")

    def unknown(
        self,
        table: MappingNode,
        place: Place,
        key: str,
        known: Collection[str],
        message: str,
        *,
        plural: str,
        code: str = "DW401",
    ) -> None:
        """Record a key that is not among the known ones, with the nearest of them."""
        self.wrong(
            place,
            message,
            table.key_span(key),
            code=code,
            label=did_you_mean_label(key, known),
            notes=(f"{plural}: {', '.join(sorted(known)) or 'none'}",),
        )

    def table(self, parent: MappingNode, key: str, place: Place) -> MappingNode | None:
        """Return the table under a key, None where there is none or something else stands there."""
        node = parent.get(key)
        if node is None or isinstance(node, MappingNode):
            return node
        self.wrong((*place, key), f"'{key}' must be a mapping, not {kind_of(node)}", node.span)
        return None

    def strings(self, parent: MappingNode, key: str, place: Place) -> list[tuple[int, ScalarNode, str]] | None:
        """Return the items of a list of strings with their indices; None where the key does not stand."""
        node = parent.get(key)
        if node is None:
            return None
        if not isinstance(node, ListNode):
            text = string_of(node)
            help_text = f'write {key} = ["{text}"]' if text is not None else ""
            message = f"'{key}' must be a list of strings, not {kind_of(node)}"
            self.wrong((*place, key), message, node.span, help=help_text)
            return []
        return list(self._string_items(node, key, (*place, key)))

    def _string_items(self, items: ListNode, key: str, place: Place) -> Iterator[tuple[int, ScalarNode, str]]:
        for index, item in enumerate(items.items):
            text = string_of(item)
            if text is None or not isinstance(item, ScalarNode):
                self.wrong((*place, index), f"'{key}' must hold strings, not {kind_of(item)}", item.span)
            elif not text.strip():
                self.wrong((*place, index), f"'{key}' holds an empty string", item.span)
            else:
                yield index, item, text


def string_of(node: Node) -> str | None:
    """Return a node's value where it is a string."""
    return node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else None


def kind_of(node: Node) -> str:
    """Name the type of a value as its author would."""
    match node:
        case MappingNode():
            return "a mapping"
        case ListNode():
            return "a list"
        case ScalarNode(value=None):
            return "null"
        case ScalarNode(value=bool()):
            return "a boolean"
        case ScalarNode(value=int()):
            return "an integer"
        case ScalarNode(value=float()):
            return "a number"
        case _:
            return "a string"


def format_path(place: Place) -> str:
    """Write a place as its author would say it: `bind[0].path`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def format_pointer(place: Place) -> str:
    """Write a place as a JSON pointer: `/bind/0/path`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
