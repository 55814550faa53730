"""SARIF 2.1.0: the exact shape."""

from __future__ import annotations

import json

from dagwright.diagnostics import CODES, Diagnostic, Fix, Related, Severity, TextEdit, to_sarif


def test_a_finding_with_everything(mark):
    span = mark("a: 1\n«bé»: 2", "dags/a b#.yaml")
    found = Diagnostic(
        code="DW203",
        message="unknown field 'bé'",
        span=span,
        path="tasks.bé",
        label="did you mean 'b'?",
        related=(Related(message="here", span=mark("«x»", "x.yaml")),),
        fixes=(Fix(title="rename", safe=True, edits=(TextEdit(span=span, replacement="b"),)),),
    )
    log = to_sarif([found])
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["DW203"]
    assert run["tool"]["driver"]["rules"][0]["shortDescription"] == {"text": CODES["DW203"].title}
    artifact = {"uri": "dags/a%20b%23.yaml"}
    region = {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 3, "charOffset": 5, "charLength": 2}
    other = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2, "charOffset": 0, "charLength": 1}
    assert run["results"] == [
        {
            "ruleId": "DW203",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "unknown field 'bé'\ndid you mean 'b'?"},
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": artifact, "region": region},
                    "logicalLocations": [{"fullyQualifiedName": "tasks.bé"}],
                }
            ],
            "relatedLocations": [
                {
                    "physicalLocation": {"artifactLocation": {"uri": "x.yaml"}, "region": other},
                    "message": {"text": "here"},
                }
            ],
            "fixes": [
                {
                    "description": {"text": "rename"},
                    "artifactChanges": [
                        {
                            "artifactLocation": artifact,
                            "replacements": [{"deletedRegion": region, "insertedContent": {"text": "b"}}],
                        }
                    ],
                }
            ],
        }
    ]


def test_rules_are_listed_once_and_found_by_index():
    codes = ["DW301", "DW203", "DW301", "DW999"]
    (run,) = to_sarif([Diagnostic(code=code, message="m", severity=Severity.WARNING) for code in codes])["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["DW203", "DW301", "DW999"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == codes
    assert {result["level"] for result in run["results"]} == {"warning"}
    assert "locations" not in run["results"][0]


def test_a_file_name_that_is_no_utf8_and_no_findings():
    assert json.dumps(to_sarif([Diagnostic(code="DW101", message="m", file="\udcff.yaml")]))
    assert to_sarif([])["runs"][0]["results"] == []
