"""One mistake, one message: what cannot be read is not called wrong or missing as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench


@pytest.mark.parametrize(
    ("dag", "codes"),
    [
        ("loads: [{target: a, flag: !env FLAG}]", ["DW107"]),
        ("loads: [{target: {{ name }}}]", ["DW113"]),
        ("loads: [{<<: {target: a}}]", ["DW106"]),
        ("loads: [{<<: {target: a}, traget: b}]", ["DW106", "DW203"]),
        ("loads: [{target: a, flag: !env FLAG}, {flag: 3}]", ["DW107", "DW204", "DW205"]),
        # An entry that is there twice loses nothing: what else is wrong with its mapping is said.
        ("loads: [{count: 2, count: 3}]", ["DW105", "DW204"]),
    ],
)
def test_what_cannot_be_read_is_reported_once(bench: Workbench, dag: str, codes: list[str]):
    assert bench.codes(dag) == codes


def test_half_a_character_costs_one_message(bench: Workbench):
    files = {"dags/b.dag.json": '{"type": "flow", "loads": [{"target": "a\\ud83d"}, {"target": "b", "count": 0}]}'}
    assert bench.codes("loads: []", **files) == ["DW114", "DW206"]
