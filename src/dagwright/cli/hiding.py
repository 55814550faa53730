"""Keeps values of the process environment out of drawn DAGs, whose operators were made with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dagwright.binding.merged import Leaf, Merged, ResolvedNode
from dagwright.cli.resolved import HIDDEN
from dagwright.graph import DagGraph

__all__ = ["hide_secrets", "secrets_in"]

# A shorter text is hidden only where it is the whole value: as a part it is found in every second word.
_SHORTEST_PART = 4


def secrets_in(leaf: Leaf) -> Iterator[str]:
    """Yield every text of the data in which a value of the process environment stands."""
    if isinstance(leaf, ResolvedNode):
        if leaf.secret and leaf.value is not None:
            yield str(leaf.value)
    elif isinstance(leaf, Merged):
        for below in leaf.items or [child for child, _ in (leaf.entries or {}).values()]:
            yield from secrets_in(below)


def hide_secrets(graph: DagGraph, secrets: set[str]) -> DagGraph:
    """Return the graph with every secret replaced; ids stay, since everything refers to them."""
    if not secrets:
        return graph

    def hidden(value: Any) -> Any:
        return _hidden(value, sorted(secrets, key=len, reverse=True))

    return replace(
        graph,
        attributes=hidden(graph.attributes),
        tasks=tuple(
            replace(
                task,
                label=hidden(task.label),
                doc=hidden(task.doc),
                arguments=hidden(task.arguments),
                inlets=hidden(task.inlets),
                outlets=hidden(task.outlets),
            )
            for task in graph.tasks
        ),
        groups=tuple(
            replace(group, label=hidden(group.label), tooltip=hidden(group.tooltip)) for group in graph.groups
        ),
        edge_labels=tuple(replace(edge, label=hidden(edge.label)) for edge in graph.edge_labels),
    )


def _hidden(value: Any, secrets: list[str]) -> Any:
    match value:
        case str():
            if value in secrets and value:
                return HIDDEN
            for secret in secrets:
                if len(secret) >= _SHORTEST_PART:
                    value = value.replace(secret, HIDDEN)
            return value
        case tuple():
            return tuple(_hidden(item, secrets) for item in value)
        case list():
            return [_hidden(item, secrets) for item in value]
        case dict():
            return {key: _hidden(item, secrets) for key, item in value.items()}
        case _:
            return value
