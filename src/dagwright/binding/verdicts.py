"""From pydantic's verdict to a diagnostic in the user's words, at the place in the user's text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from dagwright.binding.merged import (
    Anchor,
    Leaf,
    Merged,
    Path,
    ResolvedNode,
    first_line,
    path_text,
    pointer_text,
    span_of_anchor,
)
from dagwright.diagnostics import Diagnostic, Related
from dagwright.diagnostics.suggest import did_you_mean_label
from dagwright.model.shapes import FieldShape
from dagwright.source import ListNode, MappingNode, Node, ScalarNode

__all__ = ["describe", "diagnostics_of", "related_places"]

# What a field wants, by pydantic's error type.
_EXPECTED: Mapping[str, str] = {
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a string",
    "bytes_type": "a string",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "dataclass_type": "a mapping",
    "none_required": "null",
    "date_type": "a date such as 2025-01-31",
    "date_parsing": "a date such as 2025-01-31",
    "date_from_datetime_parsing": "a date such as 2025-01-31",
    "datetime_type": "a date or time such as 2025-01-31T06:30:00Z",
    "datetime_parsing": "a date or time such as 2025-01-31T06:30:00Z",
    "datetime_from_date_parsing": "a date or time such as 2025-01-31T06:30:00Z",
    "time_type": "a time of day such as 06:30",
    "time_parsing": "a time of day such as 06:30",
    "time_delta_type": "a duration such as 5m or PT5M",
    "time_delta_parsing": "a duration such as 5m or PT5M",
    "path_type": "a path",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
}
# These the walk reports itself, with suggestions.
_OWN = {
    "missing",
    "missing_keyword_only_argument",
    "missing_argument",
    "unexpected_keyword_argument",
    "extra_forbidden",
}
# What a value breaks, by pydantic's error type, filled in from pydantic's context of the error.
_RULES: Mapping[str, str] = {
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected at most {le}",
    "multiple_of": "expected a multiple of {multiple_of}",
    "too_short": "expected at least {min_length} item(s)",
    "too_long": "expected at most {max_length} item(s)",
    "string_too_short": "expected at least {min_length} character(s)",
    "string_too_long": "expected at most {max_length} character(s)",
    "string_pattern_mismatch": "expected a string that matches '{pattern}'",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
}
# More choices than these stand below the message.
_CHOICES_IN_MESSAGE = 6
_UNQUOTED = re.compile(r"[\w./-]+")
_SPELLED_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def describe(node: Node) -> str:
    """Return what a node is, in words, with the value where it is short and no secret."""
    match node:
        case ResolvedNode(secret=True):
            return "a value of the environment"
        case ScalarNode(value=None):
            return "null"
        case ScalarNode(value=bool(value)):
            return str(value).lower()
        case ScalarNode(value=int(value)):
            return f"the integer {value}" if abs(value) < 10**12 else "an integer"
        case ScalarNode(value=float(value)):
            return f"the number {value}"
        case ScalarNode(value=str(value)):
            return f"the string '{value}'" if len(value) <= 40 and value.isprintable() else "a string"
        case ListNode():
            return "a list"
        case _:
            return "a mapping"


def diagnostics_of(error: ValidationError, merged: Merged) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each place that pydantic refuses, with the choices of a union put together."""
    by_place: dict[int, tuple[Leaf, Anchor, Path, FieldShape | None, list[Mapping[str, Any]]]] = {}
    for found in error.errors(include_url=False, include_input=False):
        if found["type"] in _OWN:
            continue
        leaf, anchor, path, field = _locate(merged, found["loc"])
        by_place.setdefault(id(leaf), (leaf, anchor, path, field, []))[4].append(dict(found))
    paths = {_key(path) for _, _, path, _, _ in by_place.values()}
    for leaf, anchor, path, field, errors in by_place.values():
        below_is_wrong = any(other[: len(_key(path))] == _key(path) and other != _key(path) for other in paths)
        if below_is_wrong and all(each["type"] in _EXPECTED for each in errors):
            # The other choices of a union: the value has the right kind and something in it is wrong.
            continue
        yield _diagnostic(leaf, anchor, path, field, errors)


def _key(path: Path) -> str:
    return pointer_text(path) + "/"


def _locate(merged: Merged, location: tuple[str | int, ...]) -> tuple[Leaf, Anchor, Path, FieldShape | None]:
    """Descend as far as the parts of a location stand in the text; the others are pydantic's own.

    Returns:
        What stands there, where the whole is shown, its path, and the field where it is a field's value.
    """
    leaf: Leaf = merged
    anchor, path = merged.anchor, merged.path
    field: FieldShape | None = None
    for part in location:
        if isinstance(leaf, Merged):
            field = leaf.shape.fields.get(str(part)) if leaf.shape is not None else None
        if not isinstance(leaf, Merged):
            leaf, anchor, path = _below_node(leaf, part, anchor, path)
        elif leaf.entries is not None and isinstance(part, str) and part in leaf.entries:
            child, mapping = leaf.entries[part]
            leaf, anchor, path = child, (mapping, part), (path, part)
        elif leaf.items is not None and isinstance(part, int) and part < len(leaf.items):
            leaf = leaf.items[part]
            path = (path, part)
            anchor = leaf.anchor if isinstance(leaf, Merged) else leaf
    return leaf, anchor, path, field


def _below_node(node: Node, part: str | int, anchor: Anchor, path: Path) -> tuple[Node, Anchor, Path]:
    if isinstance(node, MappingNode) and isinstance(part, str):
        below = node.get(part)
        if below is not None:
            return below, (node, part), (path, part)
    if isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
        return node.items[part], node.items[part], (path, part)
    return node, anchor, path


def _diagnostic(
    leaf: Leaf, anchor: Anchor, path: Path, field: FieldShape | None, errors: list[Mapping[str, Any]]
) -> Diagnostic:
    node = leaf.node if isinstance(leaf, Merged) else leaf
    expected = list(dict.fromkeys(_EXPECTED[each["type"]] for each in errors if each["type"] in _EXPECTED))
    others = [each for each in errors if each["type"] not in _EXPECTED]
    # Where a union refuses, its members of the right kind have the better message.
    chosen = others[0] if others and not (expected and others[0]["type"] == "component_type") else None
    notes: tuple[str, ...] = ()
    if chosen is None:
        code = "DW205"
        if others and "a mapping" not in expected:
            expected.append("a mapping")
        message = f"expected {' or '.join(expected)}, found {describe(node)}"
        label = hint(expected, node)
    else:
        code, message = _verdict(chosen, node)
        label = _nearest_choice(field, node)
        if chosen["type"] == "string_pattern_mismatch" and field is not None and field.description:
            notes = (f"{field.name}: {field.description.rstrip('.')}",)
        elif _has_many_choices(chosen):
            notes = (f"choices: {chosen['ctx']['expected']}",)
    # A rule about a whole mapping or list is shown at its key; a value of the wrong kind itself.
    whole = isinstance(leaf, Merged) and chosen is not None
    return Diagnostic(
        code=code,
        message=message,
        span=span_of_anchor(anchor) if whole else first_line(node.span),
        path=path_text(path),
        pointer=pointer_text(path),
        label=label,
        notes=notes,
        related=related_places(node),
    )


def hint(expected: list[str], node: Node) -> str:
    """Return how the value that was probably meant is written, for a label."""
    if not isinstance(node, ScalarNode) or isinstance(node, ResolvedNode) or node.value is None:
        return ""
    value = node.value
    if isinstance(value, str):
        if "true or false" in expected and (spelled := _SPELLED_BOOLEANS.get(value.lower())):
            return f"write {spelled}"
        if "an integer" in expected and value.isascii() and value.isdecimal():
            return "remove the quotes"
        if expected == ["a list"] and _UNQUOTED.fullmatch(value):
            return f"write [{value}]"
    elif "a string" in expected:
        return "put quotes around it"
    return ""


def _nearest_choice(field: FieldShape | None, node: Node) -> str:
    annotation = field.annotation if field is not None else None
    if get_origin(annotation) is not Literal or not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        return ""
    return did_you_mean_label(node.value, [choice for choice in get_args(annotation) if isinstance(choice, str)])


def _verdict(found: Mapping[str, Any], node: Node) -> tuple[str, str]:
    kind: str = found["type"]
    if kind == "needs_python_object":
        return "DW410", "the field's class can be made by Python code only, not from data"
    if kind in {"value_error", "assertion_error"}:
        return "DW210", str(found["ctx"]["error"]) or "this value is refused by its class"
    message = str(found["msg"])
    if _has_many_choices(found):
        return "DW206", f"expected one of the choices, found {describe(node)}"
    if kind in _RULES:
        return "DW206", f"{_counted(_RULES[kind], found.get('ctx') or {})}, found {_size(kind, node)}"
    if kind.startswith("DW"):
        return kind, message
    message = message.replace("Input should be", "expected", 1).replace("Input should", "must", 1)
    first = message[:1].lower() + message[1:]
    code = "DW205" if kind.endswith("_type") else "DW206"
    return code, f"{first}, found {describe(node)}"


def _has_many_choices(found: Mapping[str, Any]) -> bool:
    # The text is `'a', 'b' or 'c'`; a choice that holds a comma only makes the list longer.
    return found["type"] in {"literal_error", "enum"} and found["ctx"]["expected"].count(", ") + 2 > _CHOICES_IN_MESSAGE


def _counted(rule: str, context: Mapping[str, Any]) -> str:
    text = rule.format_map(context)
    one = 1 in (context.get("min_length"), context.get("max_length"))
    return text.replace("(s)", "" if one else "s")


def _size(kind: str, node: Node) -> str:
    """Say what is there instead, in the unit of the rule."""
    if kind in {"too_short", "too_long"} and isinstance(node, (ListNode, MappingNode)):
        return str(len(node.items if isinstance(node, ListNode) else node.entries) or "none")
    if kind == "string_too_long" and isinstance(node, ScalarNode):
        return str(len(str(node.value)))
    return describe(node)


def related_places(node: Node) -> tuple[Related, ...]:
    """Return the declarations behind a value that a reference brought."""
    if not isinstance(node, ResolvedNode):
        return ()
    return tuple(Related(message="the value comes from here", span=variable.span) for variable in node.variables)
