"""The runner of tests/cases itself, on a command line of three lines."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from tests.case_runner import assert_case, find_cases, run_case


@pytest.fixture
def fake_cli(monkeypatch):
    @click.group()
    def main() -> None: ...

    @main.command()
    @click.argument("words", nargs=-1)
    def check(words: tuple[str, ...]) -> None:
        import factories_of_a_case  # type: ignore[import-not-found]

        click.echo(f"{words} {factories_of_a_case.NAME} {sorted(path.name for path in Path().iterdir())}")
        click.echo("error[DW203]: told", err=True)
        raise SystemExit(1)

    module = ModuleType("dagwright.cli")
    module.main = main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dagwright.cli", module)
    monkeypatch.syspath_prepend("")


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_DOT_", ".")).write_text(text, encoding="utf-8")


def test_cases_are_found_with_code_command_and_need(tmp_path):
    write(tmp_path / "DW203")
    write(tmp_path / "DW203-in-a-list", command="check --env 'p q'\n")
    write(tmp_path / "DW501", command="# airflow\ncheck --render\n")
    write(tmp_path / "notes")
    found = [(case.folder.name, case.code, case.arguments, case.needs_airflow) for case in find_cases(tmp_path)]
    assert found == [
        ("DW203", "DW203", ("check",), False),
        ("DW203-in-a-list", "DW203", ("check", "--env", "p q"), False),
        ("DW501", "DW501", ("check", "--render"), True),
    ]


@pytest.mark.usefixtures("fake_cli")
def test_the_output_is_complete_and_cases_do_not_see_each_other(tmp_path):
    write(tmp_path / "cases" / "DW203-a", factories_of_a_case_DOT_py="NAME = 'one'", command="check 'x y'")
    write(
        tmp_path / "cases" / "DW203-b",
        factories_of_a_case_DOT_py="NAME = 'two'",
        prepare_DOT_py="open('made', 'w').close()",
        expected_DOT_txt="",
    )
    one, two = (run_case(case, tmp_path / "scratch") for case in find_cases(tmp_path / "cases"))
    assert one == (
        "$ dagwright check 'x y'\n[stdout]\n('x y',) one ['__pycache__', 'factories_of_a_case.py']\n"
        "[stderr]\nerror[DW203]: told\nexit code 1\n"
    ).replace("'__pycache__', ", "" if sys.dont_write_bytecode else "'__pycache__', ")
    assert " two " in two
    assert "'made'" in two
    assert "factories_of_a_case" not in sys.modules


@pytest.mark.usefixtures("fake_cli")
def test_a_difference_fails_and_an_update_mends_it(tmp_path, monkeypatch):
    write(tmp_path / "cases" / "DW203", factories_of_a_case_DOT_py="NAME = 1", expected_DOT_txt="other")
    (case,) = find_cases(tmp_path / "cases")
    with pytest.raises(AssertionError, match="UPDATE_CASES=1 rewrites"):
        assert_case(case, tmp_path / "first")
    monkeypatch.setenv("UPDATE_CASES", "1")
    assert_case(case, tmp_path / "second")
    monkeypatch.delenv("UPDATE_CASES")
    assert_case(case, tmp_path / "third")


@pytest.mark.usefixtures("fake_cli")
def test_a_case_that_does_not_report_its_code_fails(tmp_path):
    write(tmp_path / "cases" / "DW204", factories_of_a_case_DOT_py="NAME = 1")
    (case,) = find_cases(tmp_path / "cases")
    with pytest.raises(AssertionError, match="does not report DW204"):
        assert_case(case, tmp_path / "scratch")
