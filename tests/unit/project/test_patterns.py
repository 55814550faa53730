from __future__ import annotations

import pytest

from dagwright.project.patterns import PatternSet, pattern_problem


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("dags/**/*.dag.yaml", "dags/a.dag.yaml", True),
        ("dags/**/*.dag.yaml", "dags/x/y/a.dag.yaml", True),
        ("dags/**/*.dag.yaml", "other/a.dag.yaml", False),
        ("dags/**/*.dag.yaml", "dags/a.yaml", False),
        ("dags/**/*.dag.yaml", "more/dags/a.dag.yaml", False),
        ("./dags/*.yaml", "dags/a.yaml", True),
        ("dags/*.yaml", "dags/x/a.yaml", False),
        ("**/finance/**/*.yml", "finance/a.yml", True),
        ("**/finance/**/*.yml", "a/b/finance/c/d/e.yml", True),
        ("**/**/*.yml", "e.yml", True),
        ("**/finance/**/*.yml", "a/b/finances/c/d/e.yml", False),
        ("dags/**", "dags/x/anything", True),
        ("dags/**", "dags", False),
        ("**", "x", True),
        ("dags/?.yaml", "dags/é.yaml", True),
        ("dags/?.yaml", "dags/ab.yaml", False),
        ("dags/[a-c].yaml", "dags/b.yaml", True),
        ("dags/[!a-c].yaml", "dags/b.yaml", False),
        ("dags/[a-c.yaml", "dags/[a-c.yaml", True),
        ("dags/*.yaml", "dags/a.YAML", False),
        ("Dags/a.yaml", "dags/a.yaml", False),
        ("dags/a b.yaml", "dags/a b.yaml", True),
        ("dags/a+b(1).yaml", "dags/a+b(1).yaml", True),
        ("dags/*.yaml", "dags/new\nline.yaml", True),
        ("dags/*.yaml", "dags/.hidden.yaml", False),
        ("dags/?idden.yaml", "dags/.idden.yaml", False),
        ("dags/.*.yaml", "dags/.hidden.yaml", True),
        ("dags/**/*.yaml", "dags/.git/a.yaml", False),
        ("dags/*/a.yaml", "dags/.git/a.yaml", False),
        ("dags/.late/*.yaml", "dags/.late/a.yaml", True),
    ],
)
def test_a_pattern_matches_as_its_author_expects(pattern: str, name: str, expected: bool) -> None:
    assert PatternSet([pattern]).match(name) == ([0] if expected else [])


def test_patterns_are_told_apart() -> None:
    patterns = PatternSet(["dags/**/*.yaml", "other/*", "dags/x/*.*"])
    assert patterns.match("dags/x/a.yaml") == [0, 2]
    assert patterns.match("dags/x/a.json") == [2]


def test_a_folder_that_cannot_hold_a_match_leaves_no_state() -> None:
    patterns = PatternSet(["dags/*/a.yaml"])
    inside = patterns.enter(patterns.enter(patterns.start(), "dags"), "x")
    assert inside
    assert patterns.enter(inside, "y") == ()
    assert patterns.enter(patterns.start(), "venv") == ()


def test_many_deep_wildcards_do_not_blow_up() -> None:
    patterns = PatternSet(["**/" * 30 + "x.yaml"])
    assert patterns.match("/".join("a" * 200) + "/x.yaml") == [0]
    assert patterns.match("/".join("a" * 200) + "/y.yaml") == []


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("/etc/*.yaml", "is absolute"),
        ("C:/dags/*.yaml", "is absolute"),
        ("../x/*.yaml", "leads out of its folder"),
        ("dags/../../x.yaml", "leads out of its folder"),
        ("dags\\*.yaml", "contains a backslash"),
        ("dags/*.{yaml,yml}", "contains braces, which are not expanded"),
        ("dags/**.yaml", "joins '**' with other characters"),
        ("dags/", "names a folder"),
        (".", "names a folder"),
    ],
)
def test_a_pattern_that_cannot_mean_what_it_says_is_refused(pattern: str, problem: str) -> None:
    found = pattern_problem(pattern)
    assert found is not None
    assert found[0] == problem


@pytest.mark.parametrize("pattern", ["dags/**/*.dag.yaml", "**", "a b/ü?.json", "dags/..a/x"])
def test_a_good_pattern_is_accepted(pattern: str) -> None:
    assert pattern_problem(pattern) is None
