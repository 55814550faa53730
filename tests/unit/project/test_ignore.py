from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.diagnostics import Severity
from dagwright.project.ignore import is_ignored, read_rules


@pytest.fixture
def found(write, config):
    def find(*ignore: tuple[str, str | bytes], files: list[str]) -> list[str]:
        write({"dagwright.toml": "dags = ['**/*.yaml']\n", **dict.fromkeys(files, "a: 1\n"), **dict(ignore)})
        return [file.name for file in config().dag_files()[0]]

    return find


FILES = ["dags/a.yaml", "dags/b.yaml", "dags/x/a.yaml", "dags/x/y/a.yaml"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", FILES),
        ("# a comment\n\n", FILES),
        ("b.yaml\n", ["dags/a.yaml", "dags/x/a.yaml", "dags/x/y/a.yaml"]),
        ("b.yaml   # why\n", ["dags/a.yaml", "dags/x/a.yaml", "dags/x/y/a.yaml"]),
        ("b.yaml\r\nx/\r\n", ["dags/a.yaml"]),
        ("\ufeffb.yaml\n", ["dags/a.yaml", "dags/x/a.yaml", "dags/x/y/a.yaml"]),
        ("x\n", ["dags/a.yaml", "dags/b.yaml"]),
        ("y/\n", ["dags/a.yaml", "dags/b.yaml", "dags/x/a.yaml"]),
        ("/a.yaml\n", FILES),
        ("/dags/a.yaml\n", ["dags/b.yaml", "dags/x/a.yaml", "dags/x/y/a.yaml"]),
        ("dags/*/a.yaml\n", ["dags/a.yaml", "dags/b.yaml", "dags/x/y/a.yaml"]),
        ("**/y/**\n", ["dags/a.yaml", "dags/b.yaml", "dags/x/a.yaml"]),
        ("*.yaml\n!b.yaml\n", ["dags/b.yaml"]),
        ("x/\n!dags/x/a.yaml\n", ["dags/a.yaml", "dags/b.yaml"]),
        ("[ab].yaml\n", []),
        ("a.yaml/\n", FILES),
        ("dags/x/\n!x\n", FILES[:3]),
    ],
)
def test_the_syntax(found, text: str, left: list[str]) -> None:
    assert found((".airflowignore", text), files=FILES) == left


def test_a_nearer_file_has_the_last_word(found) -> None:
    rules = [
        (".airflowignore", "a.yaml\n"),
        ("dags/x/.airflowignore", "!/a.yaml\n"),
        ("dags/.airflowignore", "b.yaml\n"),
    ]
    assert found(*rules, files=FILES) == ["dags/x/a.yaml"]


def test_anchored_rules_hold_from_their_own_folder(found) -> None:
    assert found(("dags/x/.airflowignore", "/a.yaml\n"), files=FILES) == [
        "dags/a.yaml",
        "dags/b.yaml",
        "dags/x/y/a.yaml",
    ]


def test_an_ignored_folder_is_not_opened(found) -> None:
    assert found((".airflowignore", "x/\n"), ("dags/x/.airflowignore", b"\xff"), files=FILES) == [
        "dags/a.yaml",
        "dags/b.yaml",
    ]


def test_a_file_that_cannot_be_read_is_a_finding(write, config) -> None:
    write({"dagwright.toml": "", "dags/a.dag.yaml": "", "dags/.airflowignore": b"\xff\n"})
    files, (problem,) = config().dag_files()
    assert [file.name for file in files] == ["dags/a.dag.yaml"]
    assert (problem.code, problem.file_name) == ("DW101", "dags/.airflowignore")


def test_a_line_that_is_no_pattern_is_a_warning_with_its_place(root: Path, write) -> None:
    write({".airflowignore": "b.yaml\n!\na.yaml\n"})
    rules, (problem,) = read_rules(root / ".airflowignore", ".airflowignore", ())
    assert (problem.code, problem.severity, str(problem.span)) == ("DW401", Severity.WARNING, ".airflowignore:2:1")
    assert is_ignored(rules, "a.yaml")
    assert is_ignored(rules, "b.yaml")
