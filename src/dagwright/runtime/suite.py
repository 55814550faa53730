"""Great Expectations suites as files: their 0.x and 1.x spellings, read and checked without Great Expectations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagwright.diagnostics import Diagnostic, SourceText, Span
from dagwright.diagnostics.suggest import did_you_mean_label
from dagwright.runtime.errors import SuiteError
from dagwright.runtime.expectation_names import CORE_EXPECTATIONS, required_arguments
from dagwright.source import ListNode, MappingNode, Node, ScalarNode, read_source
from dagwright.source.json_parser import parse_json

__all__ = ["CORE_EXPECTATIONS", "Expectation", "Suite", "SuiteProblem", "check_suite_file", "parse_suite", "read_suite"]

_SUITE_KEYS = frozenset({
    "$schema", "data_asset_type", "evaluation_parameters", "expectation_suite_name", "expectations",
    "ge_cloud_id", "id", "meta", "name", "notes", "suite_parameters",
})  # fmt: skip
_EXPECTATION_KEYS = frozenset({
    "description", "expectation_context", "expectation_type", "ge_cloud_id", "id", "kwargs", "meta", "notes",
    "rendered_content", "severity", "success_on_last_run", "type",
})  # fmt: skip
_SEVERITIES = ("critical", "warning", "info")
# How a result is reported is decided where the suite runs.
_RUN_KWARGS = frozenset({"batch_id", "catch_exceptions", "include_config", "result_format"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """One expectation of a suite."""

    type: str
    kwargs: Mapping[str, Any]
    meta: Mapping[str, Any] = field(default_factory=dict)
    severity: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """A suite, whichever spelling its file has.

    Attributes:
        parameters: what stands behind `{"$PARAMETER": name}` in an expectation's arguments.
    """

    name: str
    expectations: tuple[Expectation, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SuiteProblem:
    """Something wrong in a suite file: `DW213` no valid suite, `DW214` an unknown expectation."""

    code: str
    message: str
    span: Span
    label: str = ""


def parse_suite(root: Node, *, also: Collection[str] = ()) -> tuple[Suite | None, list[SuiteProblem]]:
    """Read a suite from its parsed file.

    Args:
        root: the whole file.
        also: expectations that other installed packages register.

    Returns:
        The suite, or None where there is a problem, and every problem.
    """
    reader = _Reader(also)
    suite = reader.suite(root)
    return (None if reader.problems else suite), reader.problems


def read_suite(path: Path, name: str, *, also: Collection[str] = ()) -> Suite:
    """Read a suite file on a worker.

    Raises:
        SuiteError: with every problem, each with its line.
    """
    source, diagnostics = read_source(path, name)
    found: list[str] = [_line(one) for one in diagnostics]
    if source is not None:
        parsed = parse_json(source)
        found += [_line(one) for one in parsed.diagnostics]
        if parsed.root is None and not found:
            found.append(f"{name}: the file is empty")
        if parsed.root is not None and not found:
            suite, problems = parse_suite(parsed.root, also=also)
            if suite is not None:
                return suite
            found += [f"{one.span}: {one.message}{f' ({one.label})' if one.label else ''}" for one in problems]
    raise SuiteError("\n".join([f"the suite '{name}' cannot be used:", *(f"    {line}" for line in found)]))


def check_suite_file(path: Path, name: str, *, also: Collection[str] = ()) -> list[SuiteProblem]:
    """Return what is wrong with a suite file, for `dagwright check`: `DW213` where its text is no JSON."""
    source, unreadable = read_source(path, name)
    if source is None:
        return [
            SuiteProblem(code="DW213", message=found.message, span=_whole(SourceText(name, ""))) for found in unreadable
        ]
    parsed = parse_json(source)
    problems = [
        SuiteProblem(code="DW213", message=found.message, span=found.span or _whole(source))
        for found in parsed.diagnostics
    ]
    if parsed.root is None:
        return problems or [SuiteProblem(code="DW213", message="the suite file is empty", span=_whole(source))]
    return problems or parse_suite(parsed.root, also=also)[1]


def _whole(source: SourceText) -> Span:
    """Return the first line, for what is wrong with the file as a whole."""
    return Span(source=source, start_offset=0, end_offset=len(source.line(1)))


def _line(found: Diagnostic) -> str:
    return f"{found.span or found.file}: {found.message}"


class _Reader:
    """One pass over a suite that collects every problem."""

    def __init__(self, also: Collection[str]) -> None:
        self.known = CORE_EXPECTATIONS | set(also)
        self.problems: list[SuiteProblem] = []

    def suite(self, root: Node) -> Suite | None:
        if not isinstance(root, MappingNode):
            self._wrong(root.span, "a suite is a JSON object with the key 'expectations'")
            return None
        self._known_keys(root, _SUITE_KEYS, "a suite")
        listed = root.get("expectations")
        if listed is None:
            start = Span(source=root.source, start_offset=root.start, end_offset=root.start + 1)
            self._wrong(start, "the suite has no key 'expectations'")
            return None
        if not isinstance(listed, ListNode):
            self._wrong(listed.span, "'expectations' is not a list")
            return None
        if not listed.items:
            self._wrong(listed.span, "the suite has no expectation, so that every file would pass")
        expectations = [self._expectation(item) for item in listed.items]
        name = self._text(root, "name") or self._text(root, "expectation_suite_name")
        parameters = {
            **self._mapping(root, "evaluation_parameters"),
            **self._mapping(root, "suite_parameters"),
        }
        return Suite(
            name=name or "suite",
            expectations=tuple(one for one in expectations if one is not None),
            parameters=parameters,
        )

    def _expectation(self, node: Node) -> Expectation | None:
        if not isinstance(node, MappingNode):
            self._wrong(node.span, "an expectation is a JSON object with the keys 'type' and 'kwargs'")
            return None
        self._known_keys(node, _EXPECTATION_KEYS, "an expectation")
        spellings = [key for key in ("type", "expectation_type") if key in node]
        if not spellings:
            self._wrong(node.span, "the expectation has no 'type' ('expectation_type' in older suites)")
            return None
        if len(spellings) == 2:
            self._wrong(node.key_span("expectation_type"), "the expectation has both 'type' and 'expectation_type'")
        name = self._text(node, spellings[0])
        if name is None:
            return None
        if name not in self.known:
            type_node = node.entries[spellings[0]].value
            label = did_you_mean_label(name, self.known)
            self._wrong(type_node.span, f"unknown expectation '{name}'", code="DW214", label=label)
        kwargs = self._mapping(node, "kwargs")
        self._columns(node, name, kwargs)
        severity = self._text(node, "severity")
        if severity is not None and severity not in _SEVERITIES:
            label = did_you_mean_label(severity, _SEVERITIES)
            self._wrong(node.entries["severity"].value.span, f"unknown severity '{severity}'", label=label)
        return Expectation(
            type=name,
            kwargs={key: value for key, value in kwargs.items() if key not in _RUN_KWARGS},
            meta=self._mapping(node, "meta"),
            severity=severity,
        )

    def _columns(self, node: MappingNode, name: str, kwargs: Mapping[str, Any]) -> None:
        missing = [argument for argument in required_arguments(name) if argument not in kwargs]
        if missing:
            given = node.get("kwargs")
            span = node.span if given is None else given.span
            names = " and ".join(f"'{argument}'" for argument in missing)
            label = next((text for key in kwargs if (text := did_you_mean_label(key, missing))), "")
            self._wrong(span, f"the expectation '{name}' misses {names} in its 'kwargs'", label=label)

    def _known_keys(self, node: MappingNode, known: Collection[str], what: str) -> None:
        for key in node:
            if key not in known:
                self._wrong(node.key_span(key), f"{what} has no key '{key}'", label=did_you_mean_label(key, known))

    def _text(self, node: MappingNode, key: str) -> str | None:
        value = node.get(key)
        if value is None or (isinstance(value, ScalarNode) and value.value is None):
            return None
        if isinstance(value, ScalarNode) and isinstance(value.value, str) and value.value:
            return value.value
        self._wrong(value.span, f"'{key}' is not a text")
        return None

    def _mapping(self, node: MappingNode, key: str) -> dict[str, Any]:
        value = node.get(key)
        if value is None or (isinstance(value, ScalarNode) and value.value is None):
            return {}
        if isinstance(value, MappingNode):
            return value.plain()
        self._wrong(value.span, f"'{key}' is not a JSON object")
        return {}

    def _wrong(self, span: Span, message: str, *, code: str = "DW213", label: str = "") -> None:
        self.problems.append(SuiteProblem(code=code, message=message, span=span, label=label))
