"""Values of the process environment stay out of every message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagwright.binding.secrets import masked
from dagwright.diagnostics import format_text

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

VARS = '[vars]\ntoken = { from_env = "CASE_TOKEN" }'


@pytest.mark.parametrize(
    "dag",
    [
        "loads: [{target: a, count: '${{ vars.token }}'}]",
        "loads: [{target: 'a b ${{ vars.token }}'}]",
        "loads: [{target: a, suite: '${{ vars.token }}.json'}]",
        "loads: [{target: a, paths: ['../${{ vars.token }}']}]",
        "loads: [{target: a, depends_on: ['${{ vars.token }}']}]",
        "loads: [{target: a, name: '${{ vars.token }} b'}]",
        "loads: [{target: a, name: '${{ vars.token }}'}, {target: b, name: '${{ vars.token }}'}]",
        "dag_id: '${{ vars.token }} b'",
        "loads: [{target: a, mode: '${{ vars.token }}'}]",
        "sinks: {disk: {type: '${{ vars.token }}'}}",
    ],
)
def test_no_message_shows_a_secret(bench: Workbench, monkeypatch: pytest.MonkeyPatch, dag: str):
    monkeypatch.setenv("CASE_TOKEN", "s3cret value")
    shown = format_text(bench.problems(dag, toml=VARS))
    assert "error[DW" in shown
    assert "s3cret" not in shown


def test_short_secrets_hide_whole_words_only():
    assert masked("expected 12 items, found 1", {"1"}) == "expected 12 items, found ***"
    assert masked("tokens", {"token"}) == "***s"
    assert masked("nothing", {""}) == "nothing"
