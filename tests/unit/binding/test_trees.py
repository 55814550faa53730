"""The merged data of sound files, by far the most of what a project holds, is put away until somebody asks."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from dagwright import load_project
from dagwright.binding import BoundDag
from dagwright.binding.merged import Merged
from dagwright.model.loaded import loaded_of

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

DAG = """
    loads:
      - target: one
        columns: [day, {name: rate, type: NUMERIC}]
    sinks: {disk: {folder: x}}
    waits: []
"""
SOUND = DAG.replace("    waits: []\n", "")


def _objects(factory: Any) -> list[object]:
    return [factory, factory.loads[0], *factory.loads[0].columns, factory.sinks["disk"]]


def _trees() -> int:
    gc.collect()
    return sum(type(each) is Merged for each in gc.get_objects())


def test_a_loaded_project_holds_no_tree(bench: Workbench) -> None:
    kept = bench.open(SOUND)
    before = _trees()
    project = load_project(bench.root)
    assert _trees() == before > 0
    assert len(project.dags) == len(kept.dags) == 1


def test_what_was_put_away_says_the_same(bench: Workbench) -> None:
    kept: BoundDag = bench.open(SOUND).files[0]
    loaded = load_project(bench.root).files[0]
    places = [loaded.place_of(made) for made in _objects(loaded.factory)]
    assert places == [kept.place_of(made) for made in _objects(kept.factory)]
    assert str(places[-1].span) == "dags/a.dag.yaml:5:9"  # type: ignore[union-attr]  # it has a place
    assert loaded.digest() == kept.digest()
    assert loaded_of(loaded.factory) is loaded


def test_an_object_that_the_file_did_not_make_has_no_place(bench: Workbench) -> None:
    bench.open(SOUND)
    loaded = load_project(bench.root).files[0]
    assert loaded.merged is not None
    assert loaded.place_of(loaded.merged.made) is None


def test_the_tree_of_a_file_with_errors_stays(bench: Workbench) -> None:
    bench.open(DAG)
    (bound,) = load_project(bench.root).files
    assert [found.code for found in bound.diagnostics] == ["DW203"]
    assert bound.merged is not None
