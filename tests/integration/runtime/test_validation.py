from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dagwright.runtime.errors import SuiteError, UnreadableFile, ValidationFailed, WorkspaceError
from dagwright.runtime.expectations import registered_expectations
from dagwright.runtime.suite import CORE_EXPECTATIONS, Expectation, Suite, read_suite
from dagwright.runtime.validation import validate_in
from dagwright.runtime.workspace import RunWorkspace

RATES = 'day,rate,note\n2026-01-01,1.5,"two\nlines"\n\n2026-01-02,-3,x\n2026-01-02,,y\n'


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    (tmp_path / "rates.csv").write_text(RATES)
    return RunWorkspace(tmp_path)


def suite(*expectations: tuple[str, dict[str, Any]], **more: Any) -> Suite:
    return Suite(
        name="rates", expectations=tuple(Expectation(type=name, kwargs=kwargs) for name, kwargs in expectations), **more
    )


NOT_NEGATIVE = ("expect_column_values_to_be_between", {"column": "rate", "min_value": 0})
UNIQUE_DAY = ("expect_column_values_to_be_unique", {"column": "day"})
HAS_DAY = ("expect_column_to_exist", {"column": "day"})


def result(workspace: RunWorkspace, path: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((workspace.local_path / "validation" / f"{path}.json").read_text())
    return data


def test_the_static_names_are_those_of_the_installed_release():
    assert registered_expectations() == CORE_EXPECTATIONS


def test_failing_rows_are_named_in_the_log_the_file_and_the_failure(workspace, caplog):
    caplog.set_level(logging.INFO)
    with pytest.raises(ValidationFailed) as caught:
        validate_in(workspace, "rates.csv", suite(NOT_NEGATIVE, UNIQUE_DAY, HAS_DAY))
    assert str(caught.value) == (
        "'rates.csv' does not meet the suite 'rates': 2 of 3 expectations failed: "
        "expect_column_values_to_be_between (column 'rate', min_value 0), "
        "expect_column_values_to_be_unique (column 'day'); "
        "the whole result is 'validation/rates.csv.json' in the workspace"
    )
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("dagwright")]
    assert ours == [
        "'rates.csv' (3 rows, 3 columns), suite 'rates': 2 of 3 expectations failed",
        "",
        "FAILED  expect_column_values_to_be_between",
        "        column 'rate', min_value 0",
        "        1 of 3 rows fail",
        "        row  line  rate",
        "          2     5  -3.0",
        "",
        "FAILED  expect_column_values_to_be_unique",
        "        column 'day'",
        "        2 of 3 rows fail",
        "        row  line  day",
        "          2     5  '2026-01-02'",
        "          3     6  '2026-01-02'",
        "",
        "passed  expect_column_to_exist  column 'day'",
    ]
    assert [record for record in caplog.records if record.name.startswith("great_expectations")] == []
    kept = result(workspace, "rates.csv")
    assert (kept["success"], kept["rows"], kept["unsuccessful_expectations"]) == (False, 3, 2)
    assert kept["results"][0]["first_failing_rows"] == [{"row": 2, "line": 5, "values": {"rate": -3.0}}]
    assert (kept["results"][0]["unexpected_count"], kept["results"][0]["missing_count"]) == (1, 1)


def test_a_good_file_gives_a_summary_and_a_result(workspace):
    assert validate_in(workspace, "rates.csv", suite(HAS_DAY)) == {
        "file": "rates.csv",
        "suite": "rates",
        "rows": 3,
        "expectations": 1,
        "result": "validation/rates.csv.json",
    }
    assert result(workspace, "rates.csv")["success"] is True


@pytest.mark.parametrize(
    "name", ["rates.jsonl", "rates.ndjson", "rates.json", "array.json", "rates.parquet", "rates.csv.gz"]
)
def test_every_format_fails_the_same_rows(workspace, name, caplog):
    import pandas as pd

    records = [{"day": "2026-01-01", "rate": 1.5}, {"day": "2026-01-02", "rate": -3.0}, {"day": "2026-01-02"}]
    path = workspace.local_path / name
    if name == "array.json":
        path.write_text(json.dumps(records))
    elif name.endswith(".parquet"):
        pd.DataFrame(records, index=[7, 8, 9]).to_parquet(path)
    elif name.endswith(".gz"):
        pd.DataFrame(records).to_csv(path, index=False)
    else:
        path.write_text("\n\n".join(json.dumps(record) for record in records))
    with pytest.raises(ValidationFailed):
        validate_in(workspace, name, suite(NOT_NEGATIVE, UNIQUE_DAY))
    first, second = result(workspace, name)["results"]
    assert [row["row"] for row in first["first_failing_rows"]] == [2]
    assert [row["row"] for row in second["first_failing_rows"]] == [2, 3]
    lines = {"jsonl": [3, 5], "ndjson": [3, 5], "json": [3, 5], "gz": [3, 4]}
    expected = [None, None] if name in ("array.json", "rates.parquet") else lines[name.rsplit(".", 1)[1]]
    assert [row["line"] for row in second["first_failing_rows"]] == expected


def test_json_values_keep_their_types(workspace):
    (workspace.local_path / "codes.jsonl").write_text('{"code": "007", "date": "2026-01-01"}\n')
    both = suite(
        ("expect_column_values_to_be_in_set", {"column": "code", "value_set": ["007"]}),
        ("expect_column_values_to_match_regex", {"column": "date", "regex": r"^\d{4}-\d\d-\d\d$"}),
    )
    assert validate_in(workspace, "codes.jsonl", both)["expectations"] == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", "", "'empty.csv' is empty"),
        ("blank.jsonl", "\n \n", "'blank.jsonl' holds no record"),
        ("ragged.csv", "a,b\n1,2\n1,2,3\n", "'ragged.csv' does not parse as CSV"),
        ("wide.csv", "a,b\n1,2,3\n1,2,3\n", "'wide.csv' has rows with more fields than its header"),
        ("quote.csv", 'a,b\n"1,2\n', "'quote.csv' does not parse as CSV"),
        ("latin.csv", b"a\n\xe9\n", "'latin.csv' is not UTF-8"),
        ("bad.jsonl", '{"a": 1}\n{"a": \n', "'bad.jsonl' does not parse as JSON lines: line 2"),
        ("list.jsonl", '{"a": 1}\n[1]\n', "'list.jsonl' has a line that is no JSON object: line 2"),
        ("bad.json", "[1, {}]", "'bad.json' has an item that is no object: item 1"),
        ("bad.parquet", "PAR1 no", "'bad.parquet' does not parse as Parquet"),
        ("bad.csv.gz", "a,b\n", "'bad.csv.gz' cannot be unpacked"),
        ("book.xlsx", "x", "'book.xlsx' has no known format"),
    ],
)
def test_a_file_that_cannot_be_read(workspace, name, content, said):
    (workspace.local_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnreadableFile) as caught:
        validate_in(workspace, name, suite(HAS_DAY))
    assert str(caught.value).startswith(said)


def test_a_missing_file(workspace):
    with pytest.raises(WorkspaceError, match=r"the file 'nope\.csv' is not there"):
        validate_in(workspace, "nope.csv", suite(HAS_DAY))


def test_a_missing_column_and_a_broken_pattern_fail_with_their_reason(workspace, caplog):
    wrong = suite(
        ("expect_column_values_to_not_be_null", {"column": "nope"}),
        ("expect_column_values_to_match_regex", {"column": "note", "regex": "("}),
        ("expect_table_row_count_to_equal", {"value": 7}),
    )
    with pytest.raises(ValidationFailed, match="3 of 3 expectations failed"):
        validate_in(workspace, "rates.csv", wrong)
    kept = result(workspace, "rates.csv")["results"]
    assert 'column "nope"' in kept[0]["error"]
    assert "regular expression" in kept[1]["error"]
    assert kept[2]["observed_value"] == 3
    assert "observed 3" in caplog.text
    assert "Traceback" not in caplog.text


def test_many_failing_rows_are_counted_and_few_are_shown(workspace, caplog):
    (workspace.local_path / "many.csv").write_text("rate\n" + "-1\n" * 3000)
    with pytest.raises(ValidationFailed):
        validate_in(workspace, "many.csv", suite(NOT_NEGATIVE))
    kept = result(workspace, "many.csv")["results"][0]
    assert (kept["unexpected_count"], kept["failing_rows"], len(kept["first_failing_rows"])) == (3000, 3000, 1000)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("dagwright")]
    assert "and 2990 more" in ours[-1]
    assert len(ours) < 20


def test_wide_values_stay_narrow_in_the_log(workspace, caplog):
    row = ",".join("é" * 300 for _ in range(4))
    (workspace.local_path / "wide.csv").write_text(f"a,b,c,d\n{row}\n{row}\n")
    with pytest.raises(ValidationFailed):
        validate_in(
            workspace,
            "wide.csv",
            suite(("expect_compound_columns_to_be_unique", {"column_list": ["a", "b", "c", "d"]})),
        )
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("dagwright")]
    assert max(map(len, ours)) == 100


@pytest.mark.parametrize(
    ("name", "kwargs", "said"),
    [
        ("expect_foo", {}, "1. unknown expectation 'expect_foo'"),
        ("expect_column_values_to_not_be_null", {"column": "a", "mostlyy": 1}, "'mostlyy': extra fields not permitted"),
        ("expect_column_values_to_not_be_null", {"column": "a", "mostly": 3}, "'mostly': ensure this value is less"),
    ],
)
def test_what_great_expectations_itself_refuses(workspace, name, kwargs, said):
    with pytest.raises(SuiteError) as caught:
        validate_in(workspace, "rates.csv", suite((name, kwargs)))
    assert said in str(caught.value)


def test_both_spellings_run_alike(workspace):
    new = {"name": "n", "expectations": [{"type": HAS_DAY[0], "kwargs": HAS_DAY[1], "severity": "warning"}]}
    old = {
        "expectation_suite_name": "n",
        "data_asset_type": None,
        "ge_cloud_id": None,
        "evaluation_parameters": {"low": -9},
        "meta": {"great_expectations_version": "0.18.0"},
        "expectations": [
            {"expectation_type": HAS_DAY[0], "kwargs": {**HAS_DAY[1], "result_format": "BASIC"}, "meta": {}},
            {
                "expectation_type": "expect_column_values_to_be_between",
                "kwargs": {"column": "rate", "min_value": {"$PARAMETER": "low"}},
            },
        ],
    }
    for number, data in enumerate((new, old), start=1):
        path = workspace.local_path / f"suite{number}.json"
        path.write_text(json.dumps(data))
        assert validate_in(workspace, "rates.csv", read_suite(path, path.name))["expectations"] == number


def test_a_run_leaves_nothing_behind_but_its_result(tmp_path):
    home, temporary, place = (tmp_path / name for name in ("home", "tmp", "work"))
    for folder in (home, temporary, place):
        folder.mkdir()
    (place / "rates.csv").write_text(RATES)
    script = (
        "from pathlib import Path\n"
        "from dagwright.runtime.suite import Expectation, Suite\n"
        "from dagwright.runtime.validation import validate_in\n"
        "from dagwright.runtime.workspace import RunWorkspace\n"
        "one = Expectation(type='expect_column_to_exist', kwargs={'column': 'day'})\n"
        "validate_in(RunWorkspace(Path.cwd()), 'rates.csv', Suite(name='s', expectations=(one,)))\n"
    )
    env = {"HOME": str(home), "TMPDIR": str(temporary), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=place, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["work/rates.csv", "work/validation/rates.csv.json"]
    assert list(temporary.iterdir()) == []
