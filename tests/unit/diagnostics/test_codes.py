"""The table of codes: complete, well formed, and its examples are what they say they are."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import tomllib

import pytest
import yaml

from dagwright.diagnostics import CODES, Code, close_codes, explain

every_code = pytest.mark.parametrize("code", CODES.values(), ids=list(CODES))
YAML_THAT_DOES_NOT_PARSE = {"DW103", "DW104", "DW107"}


@every_code
def test_a_code_is_told_in_plain_sentences(code: Code):
    assert re.fullmatch(r"DW[1-5]\d\d", code.code)
    assert len(code.title) <= 60
    assert not code.title.endswith(".")
    sentences = re.split(r"(?<=[.;]) (?=[A-Z`])", code.explanation)
    assert 2 <= len(sentences) <= 6
    assert code.explanation.endswith(".")
    assert "  " not in code.explanation
    assert code.example_wrong != code.example_right or not code.example_wrong
    assert bool(code.example_wrong) == bool(code.example_right)


@every_code
def test_the_right_example_can_be_read(code: Code):
    match code.language:
        case "yaml":
            assert not code.example_right or isinstance(yaml.safe_load(code.example_right), dict)
        case "json":
            json.loads(code.example_right)
        case "toml":
            tomllib.loads(code.example_right)
        case "python":
            ast.parse(code.example_right)
        case language:
            assert language == "text"


@pytest.mark.parametrize("name", sorted(YAML_THAT_DOES_NOT_PARSE))
def test_the_wrong_example_of_bad_yaml_is_bad_yaml(name):
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(CODES[name].example_wrong)


def test_the_wrong_examples_of_bad_json_and_toml_are_bad():
    with pytest.raises(json.JSONDecodeError):
        json.loads(CODES["DW109"].example_wrong)
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(CODES["DW115"].example_wrong)


def test_codes_are_in_order_and_under_their_own_name():
    assert list(CODES) == sorted(CODES)
    assert all(name == code.code for name, code in CODES.items())


def test_neither_the_table_nor_its_entries_can_be_changed():
    with pytest.raises(TypeError):
        CODES["DW999"] = CODES["DW101"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        CODES["DW101"].title = "x"  # type: ignore[misc]


@pytest.mark.parametrize("written", ["DW203", "dw203", "203", " Dw203\n"])
def test_explain_takes_a_code_as_people_write_it(written):
    assert explain(written) is CODES["DW203"]


@pytest.mark.parametrize("written", ["", "DW", "DW999", "2", "DW203x", "DWDW203", "error"])
def test_explain_knows_no_other_code(written):
    assert explain(written) is None


def test_close_codes():
    assert close_codes("DW23")[0] in {"DW203", "DW213"}
    assert "DW203" in close_codes("wd203")
    assert len(close_codes("DW999")) <= 3
    assert close_codes("nonsense") == ()
    assert close_codes("x" * 1_000_000) == ()
