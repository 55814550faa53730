from __future__ import annotations

import json
from typing import Any

import pytest

from dagwright.diagnostics import SourceText
from dagwright.runtime.errors import SuiteError
from dagwright.runtime.suite import Expectation, Suite, parse_suite, read_suite
from dagwright.source.json_parser import parse_json

NULL = "expect_column_values_to_not_be_null"


def parsed(text: str, **options: Any):
    root = parse_json(SourceText("s.json", text)).root
    assert root is not None
    return parse_suite(root, **options)


def problems(content: Any, **options: Any) -> list[tuple[str, str, str]]:
    suite, found = parsed(json.dumps(content), **options)
    assert suite is None
    return [(one.code, one.message, one.label) for one in found]


def one(**keys: Any) -> dict[str, Any]:
    return {"name": "s", "expectations": [{"type": NULL, "kwargs": {"column": "a"}, **keys}]}


def test_the_new_spelling():
    suite, found = parsed(
        '{"name": "s", "id": null, "meta": {}, "notes": null, "expectations": '
        f'[{{"type": "{NULL}", "kwargs": {{"column": "a"}}, "meta": {{"why": "x"}}, "severity": "warning"}}]}}'
    )
    assert found == []
    expectation = Expectation(type=NULL, kwargs={"column": "a"}, meta={"why": "x"}, severity="warning")
    assert suite == Suite(name="s", expectations=(expectation,))


def test_the_old_spelling():
    suite, found = parsed(
        '{"expectation_suite_name": "s", "data_asset_type": null, "ge_cloud_id": null, "meta": {}, '
        '"evaluation_parameters": {"low": 1}, "expectations": '
        f'[{{"expectation_type": "{NULL}", "kwargs": {{"column": "a", "result_format": "BASIC"}}, "meta": {{}}}}]}}'
    )
    assert found == []
    assert suite == Suite(
        name="s", expectations=(Expectation(type=NULL, kwargs={"column": "a"}),), parameters={"low": 1}
    )


def test_an_unknown_expectation_is_found_with_its_place():
    text = '{"name": "s",\n "expectations": [{"type": "expect_column_value_to_not_be_null", "kwargs": {}}]}'
    suite, found = parsed(text)
    assert suite is None
    assert [(problem.code, str(problem.span), problem.label) for problem in found] == [
        ("DW214", "s.json:2:28", f"did you mean '{NULL}'?")
    ]


def test_expectations_of_other_packages():
    content = {"name": "s", "expectations": [{"type": "expect_column_values_to_be_ibans", "kwargs": {"column": "a"}}]}
    assert [code for code, _, _ in problems(content)] == ["DW214"]
    suite, found = parsed(json.dumps(content), also={"expect_column_values_to_be_ibans"})
    assert suite is not None
    assert found == []


@pytest.mark.parametrize(
    ("content", "message", "label"),
    [
        ([], "a suite is a JSON object with the key 'expectations'", ""),
        ({"name": "s"}, "the suite has no key 'expectations'", ""),
        ({"expectations": {}}, "'expectations' is not a list", ""),
        ({"expectations": []}, "the suite has no expectation, so that every file would pass", ""),
        ({**one(), "name": 3}, "'name' is not a text", ""),
        ({**one(), "metta": {}}, "a suite has no key 'metta'", "did you mean 'meta'?"),
        (one(kwarg={}), "an expectation has no key 'kwarg'", "did you mean 'kwargs'?"),
        (one(kwargs=[]), "'kwargs' is not a JSON object", ""),
        (one(expectation_type=NULL), "the expectation has both 'type' and 'expectation_type'", ""),
        (one(type=3), "'type' is not a text", ""),
        (one(severity="warnung"), "unknown severity 'warnung'", "did you mean 'warning'?"),
        (
            one(kwargs={"columns": "a"}),
            f"the expectation '{NULL}' misses 'column' in its 'kwargs'",
            "did you mean 'column'?",
        ),
        (
            one(type="expect_column_pair_values_to_be_equal", kwargs={}),
            "the expectation 'expect_column_pair_values_to_be_equal' misses 'column_A' and 'column_B' in its 'kwargs'",
            "",
        ),
        (
            {"expectations": ["x"]},
            "an expectation is a JSON object with the keys 'type' and 'kwargs'",
            "",
        ),
        ({"expectations": [{}]}, "the expectation has no 'type' ('expectation_type' in older suites)", ""),
    ],
)
def test_malformed_suites(content, message, label):
    assert ("DW213", message, label) in problems(content)


def test_every_problem_is_found_in_one_pass():
    content = {"names": "s", "expectations": [{"type": "expect_x"}, 3, {"type": NULL, "kwargs": {}}]}
    assert [code for code, _, _ in problems(content)] == ["DW213", "DW214", "DW213", "DW213"]


def test_reading_a_file(tmp_path):
    path = tmp_path / "s.json"
    path.write_text(json.dumps(one()))
    assert read_suite(path, "suites/s.json").name == "s"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "suites/s.json: the file is empty"),
        (b"{", "suites/s.json:1:"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"name": "s"}', "suites/s.json:1:1: the suite has no key 'expectations'"),
        (None, "not readable"),
    ],
)
def test_reading_what_is_no_suite(tmp_path, content, said):
    path = tmp_path / "s.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SuiteError) as caught:
        read_suite(path, "suites/s.json")
    assert said in str(caught.value)
