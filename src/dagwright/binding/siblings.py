"""Names and dependencies among the tasks of one owner, checked on the data.

They are checked before anything is made, so that a wrong dependency is reported beside a wrong type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from dagwright.binding.merged import Merged, Path, first_line, path_text, pointer_text, span_of_anchor
from dagwright.diagnostics import Diagnostic, Related, Span
from dagwright.diagnostics.suggest import did_you_mean
from dagwright.model.naming import is_task_name, slug
from dagwright.source import Node, ScalarNode

__all__ = ["Sibling", "check_siblings"]


# So many tasks of a circle are named.
_SHOWN = 12


class Sibling(NamedTuple):
    """One operator factory of an owner.

    Attributes:
        named: whether Dagwright's rules for names hold.
        wired: whether `depends_on` is Dagwright's to wire; a plain class wires as it likes.
    """

    name: str | None
    merged: Merged
    named: bool
    wired: bool = True


class _Dependency(NamedTuple):
    """A name in `depends_on`, and where it stands; places are worded only for what is wrong."""

    upstream: str
    node: Node
    path: Path


def check_siblings(siblings: list[Sibling], problems: list[Diagnostic]) -> None:
    """Report missing, illegal and double names, and dependencies on nothing, on itself and in a circle."""
    if not siblings:
        return
    by_name: dict[str, Merged] = {}
    for name, merged, named, wired in siblings:
        if not named:
            continue
        if name is None:
            message = "a task in a list needs a name"
            problems.append(_at(merged, "DW307", message, help="give it a 'name'"))
        elif not is_task_name(name):
            message = f"'{name}' cannot be a task id: letters, digits, '_' and '-', at most 200"
            near = slug(name)
            label = f"such as '{near}'" if near and len(name) <= 200 else ""
            problems.append(_at(merged, "DW306", message, field="name", label=label))
            by_name.setdefault(name, merged)
        elif name in by_name and (wired or _are_neighbours(merged, by_name[name])):
            first = Related(message="first used here", span=_name_span(by_name[name]))
            advice = "give one of them another 'name'"
            problems.append(
                _at(merged, "DW304", f"duplicate task name '{name}'", field="name", help=advice, related=(first,))
            )
        else:
            by_name[name] = merged
    edges: dict[str, list[_Dependency]] = {}
    for name, merged, named, wired in siblings:
        if named and wired and name is not None:
            edges[name] = list(_checked_dependencies(name, merged, by_name, problems))
    place = {name: number for number, name in enumerate(edges)}
    if any(place.get(each.upstream, -1) >= place[name] for name, found in edges.items() for each in found):
        # Where every dependency leads back in the order of the data, nothing leads in a circle.
        _report_cycles(edges, problems)


def _are_neighbours(one: Merged, other: Merged) -> bool:
    """Say whether two stand in one list or mapping; elsewhere a plain class may have made TaskGroups around them."""
    return one.path is not None and other.path is not None and one.path[0] == other.path[0]


def _checked_dependencies(
    name: str, merged: Merged, by_name: dict[str, Merged], problems: list[Diagnostic]
) -> Iterator[_Dependency]:
    for index, node in enumerate(_dependencies(merged)):
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            continue
        path: Path = ((merged.path, "depends_on"), index)
        if node.value == name:
            problems.append(_at_dependency(node, path, "DW302", f"task '{name}' depends on itself"))
        elif node.value not in by_name:
            suggestion = did_you_mean(node.value, [other for other in by_name if other != name])
            siblings = ", ".join(sorted(other for other in by_name if other != name)) or "none"
            problems.append(
                _at_dependency(
                    node,
                    path,
                    "DW301",
                    f"task '{name}' depends on '{node.value}', which is no sibling of it",
                    label=f"did you mean '{suggestion}'?" if suggestion else "",
                    notes=(f"siblings: {siblings}",),
                )
            )
        else:
            yield _Dependency(node.value, node, path)


def _at_dependency(node: Node, path: Path, code: str, message: str, **more: Any) -> Diagnostic:
    return Diagnostic(
        code=code, message=message, span=node.span, path=path_text(path), pointer=pointer_text(path), **more
    )


def _dependencies(merged: Merged) -> list[Node]:
    entry = (merged.entries or {}).get("depends_on")
    if entry is None or not isinstance(entry[0], Merged):
        return []
    return [item for item in entry[0].items or [] if not isinstance(item, Merged)]


def _report_cycles(edges: dict[str, list[_Dependency]], problems: list[Diagnostic]) -> None:
    """Report each circle once, at the dependency that closes it in the order of the data."""
    done: set[str] = set()
    for start, first in edges.items():
        stack: list[tuple[str, Iterator[_Dependency]]] = []
        trail: dict[str, None] = {}
        if start not in done:
            stack.append((start, iter(first)))
            trail[start] = None
        while stack:
            name, following = stack[-1]
            step = next(following, None)
            if step is None:
                stack.pop()
                trail.popitem()
                done.add(name)
                continue
            upstream, node, path = step
            if upstream in trail:
                names = list(trail)
                circle = [*names[names.index(upstream) :], upstream]
                message = f"tasks depend on each other in a circle: {_circle_text(circle)}"
                help_text = "an arrow reads 'depends on'; remove one of these dependencies"
                problems.append(_at_dependency(node, path, "DW303", message, help=help_text))
            elif upstream not in done:
                stack.append((upstream, iter(edges.get(upstream, ()))))
                trail[upstream] = None


def _circle_text(circle: list[str]) -> str:
    if len(circle) > _SHOWN:
        circle = [*circle[: _SHOWN - 3], f"{len(circle) - _SHOWN + 1} more", *circle[-2:]]
    return " → ".join(circle)


def _name_span(merged: Merged) -> Span:
    """Return where the name stands: the field, else the key, else the start of the item."""
    entries = merged.entries or {}
    entry = entries.get("name")
    if entry is None and merged.shape is not None and isinstance(merged.anchor, Node):
        entry = entries.get(merged.shape.options.name_from or "")
    if entry is not None and not isinstance(entry[0], Merged):
        return entry[0].span
    return first_line(span_of_anchor(merged.anchor))


def _at(
    merged: Merged,
    code: str,
    message: str,
    *,
    field: str = "",
    label: str = "",
    help: str = "",  # noqa: A002  the word that the diagnostic uses
    related: tuple[Related, ...] = (),
) -> Diagnostic:
    span = _name_span(merged) if field else first_line(span_of_anchor(merged.anchor))
    return Diagnostic(
        code=code,
        message=message,
        span=span,
        path=path_text(merged.path),
        pointer=pointer_text(merged.path),
        label=label,
        help=help,
        related=related,
    )
