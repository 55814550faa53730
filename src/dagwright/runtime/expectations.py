"""Great Expectations at work: an ephemeral context, one expectation after the other, no word to anybody."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import math
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from dagwright.runtime.errors import SuiteError
from dagwright.runtime.extras import need
from dagwright.runtime.readers import DataTable
from dagwright.runtime.report import ExpectationResult, FailingRow
from dagwright.runtime.suite import Expectation, Suite

__all__ = ["registered_expectations", "run_suite"]

_KEPT_ROWS = 1000
_COUNTS = (
    "element_count",
    "unexpected_count",
    "unexpected_percent",
    "missing_count",
    "missing_percent",
    "observed_value",
    "details",
)


def registered_expectations() -> frozenset[str]:
    """Return every expectation that the installed Great Expectations knows now."""
    with _quiet():
        registry = need("great_expectations.expectations.registry", extra="validation")
        need("great_expectations.expectations.core", extra="validation")
        return frozenset(registry.list_registered_expectation_implementations())


def run_suite(suite: Suite, table: DataTable) -> tuple[list[ExpectationResult], str]:
    """Run a suite on a table.

    Returns:
        The outcomes in the suite's order, and the name and version of the library.

    Raises:
        SuiteError: when Great Expectations does not accept an expectation's arguments.
    """
    with _quiet():
        library = need("great_expectations", extra="validation")
        expectations = _build(suite)
        batch = _batch(library, table.frame)
        results = [
            _result(
                expectation,
                batch.validate(
                    built,
                    result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False},
                    expectation_parameters=dict(suite.parameters),
                ).to_json_dict(),
                table,
            )
            for expectation, built in zip(suite.expectations, expectations, strict=True)
        ]
    return results, f"great_expectations {library.__version__}"


def _build(suite: Suite) -> list[Any]:
    configuration = need(
        "great_expectations.expectations.expectation_configuration", extra="validation"
    ).ExpectationConfiguration
    not_found = need("great_expectations.exceptions", extra="validation").ExpectationNotFoundError
    built, problems = [], []
    for number, one in enumerate(suite.expectations, start=1):
        more = {} if one.severity is None else {"severity": one.severity}
        try:
            # Built one by one: a whole suite drops what it does not know and goes on.
            built.append(
                configuration(type=one.type, kwargs=dict(one.kwargs), meta=dict(one.meta), **more).to_domain_obj()
            )
        except not_found:
            problems.append(f"{number}. unknown expectation '{one.type}'")
        except (ValueError, TypeError) as error:
            problems.append(f"{number}. {one.type}: {_said(error)}")
    if problems:
        raise SuiteError("\n".join([f"the suite '{suite.name}' cannot be used:", *(f"    {one}" for one in problems)]))
    return built


def _said(error: Exception) -> str:
    listed = getattr(error, "errors", None)
    if not callable(listed):
        return " ".join(str(error).split())
    return "; ".join(f"'{'.'.join(map(str, one['loc']))}': {one['msg']}" for one in listed())


def _batch(library: Any, frame: Any) -> Any:
    context = library.get_context(mode="ephemeral")
    types = need("great_expectations.data_context.types.base", extra="validation")
    context.variables.progress_bars = types.ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("workspace").add_dataframe_asset("file")
    return asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})


def _result(expectation: Expectation, outcome: Mapping[str, Any], table: DataTable) -> ExpectationResult:
    found = outcome.get("result") or {}
    rows = [] if outcome["success"] else [int(row) for row in found.get("unexpected_index_list") or ()]
    kept = rows[:_KEPT_ROWS]
    lines = table.lines_of(kept)
    columns = [name for name in _columns(expectation.kwargs) if name in table.frame.columns]
    return ExpectationResult(
        type=expectation.type,
        kwargs=expectation.kwargs,
        success=bool(outcome["success"]),
        severity=expectation.severity,
        counts={key: _plain(found[key]) for key in _COUNTS if key in found},
        rows=[
            FailingRow(
                row=row + 1,
                line=lines.get(row),
                values={str(name): _plain(table.frame[name].iloc[row]) for name in columns},
            )
            for row in kept
        ],
        failing_rows=len(rows),
        error=_error(outcome.get("exception_info") or {}),
    )


def _columns(kwargs: Mapping[str, Any]) -> list[Any]:
    listed = kwargs.get("column_list")
    names = [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B")]
    return [name for name in (*names, *(listed if isinstance(listed, list) else ())) if name is not None]


def _error(info: Mapping[str, Any]) -> str | None:
    """Return the first message: the library has one record, or one for each metric that failed."""
    records = [info] if "raised_exception" in info else list(info.values())
    for record in records:
        if record.get("raised_exception"):
            return str(record.get("exception_message") or "an exception without a message")
    return None


def _plain(value: Any) -> Any:
    """Return what JSON can hold; a missing value of any kind is None."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "item") and not hasattr(value, "__len__"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dt.date | dt.time):
        text = value.isoformat()
        return None if text == "NaT" else text
    return None if type(value).__name__ in ("NAType", "NaTType") else str(value)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library from reporting its use, from our log, and from leaving files behind."""
    library_log, nowhere = logging.getLogger("great_expectations"), logging.NullHandler()
    before = os.environ.get("GX_ANALYTICS_ENABLED"), library_log.propagate, tempfile.tempdir
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    library_log.addHandler(nowhere)  # what it has to say is in its results
    library_log.propagate = False
    try:
        with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="dagwright-validation-") as folder:
            warnings.simplefilter("ignore")
            tempfile.tempdir = folder
            yield
    finally:
        analytics, library_log.propagate, tempfile.tempdir = before
        library_log.removeHandler(nowhere)
        if analytics is None:
            os.environ.pop("GX_ANALYTICS_ENABLED", None)
        else:
            os.environ["GX_ANALYTICS_ENABLED"] = analytics
