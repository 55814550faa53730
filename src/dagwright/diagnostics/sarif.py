"""Findings as SARIF 2.1.0, the format that code scanning services take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from dagwright.diagnostics.codes import explain
from dagwright.diagnostics.diagnostic import Diagnostic, Fix
from dagwright.diagnostics.places import Span

__all__ = ["to_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """Return the findings as a SARIF log with one run, as a mapping that `json.dumps` takes."""
    found = list(diagnostics)
    rules = sorted({one.code for one in found})
    index = {code: number for number, code in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "Dagwright", "rules": [_rule(code) for code in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, index[one.code]) for one in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    known = explain(code)
    if known is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.explanation},
        "help": {"text": f"dagwright explain {code}"},
    }


def _result(found: Diagnostic, rule: int) -> dict[str, Any]:
    text = "\n".join([found.message, *filter(None, (found.label, *found.notes, found.help))])
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": found.severity.value,
        "message": {"text": text},
    }
    if found.file_name is not None:
        location = _location(found.file_name, found.span)
        if found.path:
            location["logicalLocations"] = [{"fullyQualifiedName": found.path}]
        result["locations"] = [location]
    if found.related:
        result["relatedLocations"] = [
            {**_location(other.span.source.name, other.span), "message": {"text": other.message}}
            for other in found.related
        ]
    if found.fixes:
        result["fixes"] = [_fix(fix) for fix in found.fixes]
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
        changes.setdefault(edit.span.source.name, []).append(replacement)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": _artifact(name), "replacements": replacements}
            for name, replacements in changes.items()
        ],
    }


def _location(name: str, span: Span | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(name)}
    if span is not None:
        physical["region"] = _region(span)
    return {"physicalLocation": physical}


def _artifact(name: str) -> dict[str, str]:
    return {"uri": quote(name, errors="surrogatepass")}


def _region(span: Span) -> dict[str, int]:
    start, end = span.start, span.end
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": start.offset,
        "charLength": end.offset - start.offset,
    }
