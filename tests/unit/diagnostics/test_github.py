"""Workflow commands: one line each, and nothing in a text ends or forges one."""

from __future__ import annotations

from dagwright.diagnostics import Diagnostic, Severity, format_github


def test_a_span_in_one_line(mark):
    found = Diagnostic(
        code="DW203", message="unknown field 'b'", span=mark("a: 1\n «bcd»: 2"), label="did you mean 'c'?"
    )
    assert format_github([found]) == (
        "::error file=a.dag.yaml,line=2,col=2,endColumn=4,title=DW203::unknown field 'b'%0Adid you mean 'c'?"
    )


def test_a_span_over_several_lines_and_an_empty_one(mark):
    several = Diagnostic(code="DW103", message="m", span=mark("a: «1\nb»: 2"), severity=Severity.WARNING)
    empty = Diagnostic(code="DW110", message="m", span=mark("«»"))
    assert format_github([several, empty]) == (
        "::warning file=a.dag.yaml,line=1,endLine=2,col=4,title=DW103::m\n"
        "::error file=a.dag.yaml,line=1,col=1,endColumn=1,title=DW110::m"
    )


def test_properties_and_messages_are_escaped():
    found = Diagnostic(code="DW116", message="100% a,b: c\n::error::forged\r\x1b[m", file="d,1:%\n.yaml", help="h")
    assert format_github([found]) == (
        "::error file=d%2C1%3A%25%0A.yaml,title=DW116::100%25 a,b: c%0A::error::forged%0A\\x1b[m%0Ah"
    )


def test_no_findings():
    assert format_github([]) == ""
