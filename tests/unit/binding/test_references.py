"""`${{ … }}`: what resolves, what does not, and what is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dagwright.diagnostics import format_text

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

VARS = """
    [vars]
    bucket = "dev"
    count = 3
    columns = ["a", "b"]
    engine = { type = "cloud", cluster = "c" }
    deep = { er = { x = "y" } }
    secret = { from_env = "DAGWRIGHT_TEST_SECRET" }
    odd = { from_env = "DAGWRIGHT_TEST_UNSET" }
    loop = "${{ vars.loop }}"
    [env.prod.vars]
    bucket = "prod"
"""


def _load(bench: Workbench, fields: str, **options: Any) -> Any:
    project = bench.open(f"loads: [{{target: a, {fields}}}]", toml=VARS, **options)
    assert list(project.diagnostics) == [], format_text(project.diagnostics)
    return project.dags[0].loads[0]  # type: ignore[attr-defined]


def test_a_whole_reference_keeps_its_type(bench: Workbench) -> None:
    load = _load(bench, 'count: "${{ vars.count }}", columns: "${{vars.columns}}", engine: "${{ vars.engine }}"')
    assert load.count == 3
    assert [column.name for column in load.columns] == ["a", "b"]
    assert load.engine.cluster == "c"


def test_a_reference_in_a_text_is_put_in(bench: Workbench) -> None:
    load = _load(bench, 'either: "s3://${{ vars.bucket }}/${{ vars.deep.er.x }}/${{ vars.count }}"')
    assert load.either == "s3://dev/y/3"
    assert _load(bench, 'either: "${{ vars.bucket }}-${{ env.name }}"', env="prod").either == "prod-prod"


def test_other_braces_pass_untouched(bench: Workbench) -> None:
    load = _load(
        bench, 'either: "{{ ds }} ${HOME} $${{ vars.bucket }} {% raw %}", free: {a: ["{{ x }}", "${{ vars.count }}"]}'
    )
    assert load.either == "{{ ds }} ${HOME} ${{ vars.bucket }} {% raw %}"
    assert load.free == {"a": ["{{ x }}", 3]}


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("${{ vars.bukket }}", "DW207", "unresolved reference 'vars.bukket'"),
        ("${{ vars.deep.es }}", "DW207", "unresolved reference 'vars.deep.es': 'vars.deep' has no 'es'"),
        ("${{ matrix.x }}", "DW207", "unresolved reference 'matrix.x'"),
        ("${{ env.HOME }}", "DW207", "unresolved reference 'env.HOME': only 'env.name' exists"),
        ("${{ env.name }}", "DW207", "'env.name' has no value: no environment is chosen"),
        ("${{ vars.count + 1 }}", "DW208", "'${{ vars.count + 1 }}' is no reference"),
        ("${{ vars.bucket", "DW208", "a reference is opened by '${{' and not closed"),
        ("x ${{ vars.columns }}", "DW208", "'vars.columns' is a list, which cannot stand inside a longer string"),
        ("${{ vars.loop }}", "DW208", "the value of 'vars.loop' holds a reference itself"),
        (
            "${{ vars.odd }}",
            "DW408",
            "'vars.odd' needs the environment variable 'DAGWRIGHT_TEST_UNSET', which is not set",
        ),
    ],
)
def test_an_unresolved_reference(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, text: str, code: str, message: str
) -> None:
    monkeypatch.delenv("DAGWRIGHT_TEST_UNSET", raising=False)
    (found,) = bench.problems(f"loads: [{{target: a, either: '{text}'}}]", toml=VARS)
    assert (found.code, found.message) == (code, message)


def test_a_value_of_the_environment_is_never_shown(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGWRIGHT_TEST_SECRET", "hunter2 hunter2")
    assert _load(bench, 'either: "${{ vars.secret }}"').either == "hunter2 hunter2"
    found = bench.problems(
        'loads: [{target: "${{ vars.secret }}", mode: "${{ vars.secret }}", count: "${{ vars.secret }}", '
        'paths: ["/${{ vars.secret }}"], flag: "x${{ vars.secret }}"}]',
        toml=VARS,
    )
    assert len(found) == 5
    assert "hunter2" not in format_text(found)


def test_references_of_defaults_resolve_too(bench: Workbench) -> None:
    project = bench.open(
        "loads: [{target: a}]", toml=VARS + '\n[defaults.load]\neither = "${{ vars.bucket }}"', env="prod"
    )
    assert project.dags[0].loads[0].either == "prod"  # type: ignore[attr-defined]
