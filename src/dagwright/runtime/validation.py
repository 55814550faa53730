"""Validate a file of the workspace: read it, let Great Expectations run the suite, keep and show the outcome."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagwright.diagnostics import SourceText
from dagwright.runtime.errors import SuiteError, ValidationFailed
from dagwright.runtime.expectations import registered_expectations, run_suite
from dagwright.runtime.readers import read_table
from dagwright.runtime.report import Report, failure_message, format_report, report_data
from dagwright.runtime.suite import Suite, parse_suite, read_suite
from dagwright.runtime.workspace import RunWorkspace, run_workspace
from dagwright.source.json_parser import parse_json

__all__ = ["validate_file", "validate_in"]

log = logging.getLogger(__name__)


def validate_file(
    path: str,
    suite: str | Mapping[str, Any] = "",
    *,
    base: str | None = None,
    suite_file: str | None = None,
) -> dict[str, Any]:
    """Validate a file of the running task's workspace.

    Args:
        path: the file in the workspace.
        suite: the suite's name in messages where `suite_file` says where it is; else the suite itself.
        base: the workspaces' base, see `open_workspace`.
        suite_file: the suite's file on the worker.

    Returns:
        A summary: `file`, `suite`, `rows`, `expectations`, and `result`, the path of the whole result.

    Raises:
        ValidationFailed: when an expectation is not met.
        SuiteError: when the suite is none.
        UnreadableFile: when the file is empty or does not parse.
        WorkspaceError: when the file is not there.
    """
    workspace = run_workspace(base)
    workspace.require_file(path)  # said before the seconds that Great Expectations takes to start
    also = registered_expectations()
    if suite_file is not None:
        shown = suite if isinstance(suite, str) and suite else Path(suite_file).name
        read = read_suite(Path(suite_file), shown, also=also)
    else:
        read = _inline_suite(suite, also)
    return validate_in(workspace, path, read)


def validate_in(workspace: RunWorkspace, path: str, suite: Suite) -> dict[str, Any]:
    """Validate a file of a workspace; see `validate_file`."""
    with workspace.local_copy(path) as local:
        table = read_table(local, path)
        if table.frame.empty:
            log.warning("'%s' has no rows: expectations about single rows are met by it", path)
        results, library = run_suite(suite, table)
    report = Report(
        file=path,
        suite=suite.name,
        rows=len(table.frame),
        columns=len(table.frame.columns),
        library=library,
        results=results,
    )
    result_file = f"validation/{path}.json"
    with workspace.open(result_file, "w") as file:
        json.dump(report_data(report), file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")
    level = logging.ERROR if report.failed else logging.INFO
    for line in format_report(report):
        log.log(level, "%s", line)
    if report.failed:
        raise ValidationFailed(failure_message(report, result_file))
    return {
        "file": path,
        "suite": suite.name,
        "rows": report.rows,
        "expectations": len(report.results),
        "result": result_file,
    }


def _inline_suite(suite: str | Mapping[str, Any], also: frozenset[str]) -> Suite:
    if isinstance(suite, str):
        raise SuiteError("there is no suite: neither its file nor its content is given")
    root = parse_json(SourceText("suite.json", json.dumps(suite))).root
    if root is None:
        raise SuiteError("the suite is empty")
    read, problems = parse_suite(root, also=also)
    if read is None:
        raise SuiteError("the suite cannot be used: " + "; ".join(one.message for one in problems))
    return read
