"""The outcome of a validation: plain data for a file, a table for the task's log, a sentence for the failure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["ExpectationResult", "FailingRow", "Report", "failure_message", "format_report", "report_data"]

_WIDTH = 100
_SHOWN_ROWS = 10
_SHOWN_FAILURES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class FailingRow:
    """A row that an expectation does not accept.

    Attributes:
        row: counted from 1, without a header.
        line: the file's line, from 1, where the format has lines.
        values: by column, what JSON can hold.
    """

    row: int
    line: int | None
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectationResult:
    """What became of one expectation.

    Attributes:
        counts: the counts and the observed value as Great Expectations reports them.
        rows: the first failing rows.
        failing_rows: how many there are.
        error: why it could not be evaluated, or None.
    """

    type: str
    kwargs: Mapping[str, Any]
    success: bool
    severity: str | None = None
    counts: Mapping[str, Any]
    rows: Sequence[FailingRow] = ()
    failing_rows: int = 0
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What became of a file."""

    file: str
    suite: str
    rows: int
    columns: int
    library: str
    results: Sequence[ExpectationResult]

    @property
    def failed(self) -> Sequence[ExpectationResult]:
        """The expectations that are not met."""
        return [one for one in self.results if not one.success]


def report_data(report: Report) -> dict[str, Any]:
    """Return the report as the JSON document that is kept in the workspace."""
    return {
        "format_version": 1,
        "file": report.file,
        "suite": report.suite,
        "success": not report.failed,
        "rows": report.rows,
        "columns": report.columns,
        "evaluated_expectations": len(report.results),
        "successful_expectations": len(report.results) - len(report.failed),
        "unsuccessful_expectations": len(report.failed),
        "library": report.library,
        "results": [
            {
                "type": one.type,
                "kwargs": dict(one.kwargs),
                "severity": one.severity,
                "success": one.success,
                "error": one.error,
                **one.counts,
                "failing_rows": one.failing_rows,
                "first_failing_rows": [
                    {"row": row.row, "line": row.line, "values": dict(row.values)} for row in one.rows
                ],
            }
            for one in report.results
        ],
    }


def failure_message(report: Report, result_file: str) -> str:
    """Return the sentence with which the task fails."""
    failed = report.failed
    shown = [f"{one.type} ({_cut(_subject(one.kwargs), _WIDTH)})" for one in failed[:_SHOWN_FAILURES]]
    if len(failed) > _SHOWN_FAILURES:
        shown.append(f"and {len(failed) - _SHOWN_FAILURES} more")
    return (
        f"'{report.file}' does not meet the suite '{report.suite}': {len(failed)} of {len(report.results)} "
        f"expectations failed: {', '.join(shown)}; the whole result is '{result_file}' in the workspace"
    )


def format_report(report: Report) -> list[str]:
    """Return the lines of a table for the task's log: what failed with its rows, then what passed."""
    count, failed = len(report.results), len(report.failed)
    verdict = f"all {count} expectations passed" if not failed else f"{failed} of {count} expectations failed"
    lines = [f"'{report.file}' ({report.rows} rows, {report.columns} columns), suite '{report.suite}': {verdict}"]
    for one in report.failed:
        lines += ["", f"FAILED  {one.type}", f"        {_subject(one.kwargs)}", f"        {_why(one)}"]
        lines += [f"        {line}" for line in _row_table(one)]
    passed = [one for one in report.results if one.success]
    if passed:
        lines.append("")
    lines += [f"passed  {one.type}  {_subject(one.kwargs)}" for one in passed]
    return [_cut(line, _WIDTH) for line in lines]


def _subject(kwargs: Mapping[str, Any]) -> str:
    """Return an expectation's arguments, its columns first."""
    columns = [key for key in ("column", "column_A", "column_B", "column_list") if key in kwargs]
    others = [key for key in kwargs if key not in columns]
    return ", ".join(f"{key} {_shown(kwargs[key])}" for key in (*columns, *others)) or "the whole table"


def _why(one: ExpectationResult) -> str:
    if one.error is not None:
        return f"could not be evaluated: {' '.join(one.error.split())}"
    if one.failing_rows:
        checked = one.counts.get("element_count")
        return f"{one.failing_rows} of {checked} rows fail" if checked is not None else f"{one.failing_rows} rows fail"
    observed = one.counts.get("observed_value")
    details = one.counts.get("details")
    if observed is not None:
        return f"observed {_shown(observed)}"
    return f"details {_shown(details)}" if details else "not met"


def _row_table(one: ExpectationResult) -> list[str]:
    if not one.rows:
        return []
    names = list(one.rows[0].values)
    with_lines = any(row.line is not None for row in one.rows)
    head = ["row", *(["line"] if with_lines else []), *names]
    body = [
        [str(row.row), *([str(row.line or "")] if with_lines else []), *(_shown(row.values[name]) for name in names)]
        for row in one.rows[:_SHOWN_ROWS]
    ]
    widths = [min(max(len(line[place]) for line in (head, *body)), 40) for place in range(len(head))]
    numbers = 2 if with_lines else 1
    table = [
        "  ".join(
            _cut(cell, width).rjust(width) if place < numbers else _cut(cell, width).ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, *body)
    ]
    more = one.failing_rows - len(body)
    return [*table, f"and {more} more"] if more > 0 else table


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else repr(value)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
