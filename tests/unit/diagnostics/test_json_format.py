"""Findings as data for programs: the exact shape."""

from __future__ import annotations

import json

from dagwright.diagnostics import Diagnostic, Fix, Related, Severity, TextEdit, to_json


def test_a_finding_with_everything(mark):
    span = mark("😀: 1\n«tarket»: x")
    found = Diagnostic(
        code="DW203",
        message="unknown field 'tarket'",
        span=span,
        path="tasks.load.tarket",
        pointer="/tasks/load/tarket",
        label="did you mean 'target'?",
        notes=("fields: target",),
        help="rename it",
        related=(Related(message="declared here", span=mark("«a»", "b.yaml")),),
        fixes=(Fix(title="rename to 'target'", safe=False, edits=(TextEdit(span=span, replacement="target"),)),),
    )
    place = {"start": {"line": 2, "column": 1, "offset": 5}, "end": {"line": 2, "column": 7, "offset": 11}}
    other = {"start": {"line": 1, "column": 1, "offset": 0}, "end": {"line": 1, "column": 2, "offset": 1}}
    assert to_json([found]) == {
        "format_version": 1,
        "diagnostics": [
            {
                "code": "DW203",
                "severity": "error",
                "message": "unknown field 'tarket'",
                "file": "a.dag.yaml",
                "path": "tasks.load.tarket",
                "pointer": "/tasks/load/tarket",
                "span": place,
                "label": "did you mean 'target'?",
                "notes": ["fields: target"],
                "related": [{"message": "declared here", "file": "b.yaml", "span": other}],
                "help": "rename it",
                "fixes": [
                    {
                        "title": "rename to 'target'",
                        "safe": False,
                        "edits": [{"file": "a.dag.yaml", "span": place, "replacement": "target"}],
                    }
                ],
            }
        ],
    }


def test_a_finding_about_nothing_in_particular():
    (found,) = to_json([Diagnostic(code="DW409", message="m", severity=Severity.WARNING)])["diagnostics"]
    assert found["file"] is None
    assert found["span"] is None
    assert found["severity"] == "warning"
    assert found["related"] == found["notes"] == found["fixes"] == []


def test_any_text_becomes_json_and_comes_back():
    message = "\x1b[31m \ud800 \u202e 日"
    data = to_json([Diagnostic(code="DW114", message=message)])
    assert json.loads(json.dumps(data)) == data
    assert json.dumps(data).isascii()


def test_no_findings():
    assert to_json([]) == {"format_version": 1, "diagnostics": []}
