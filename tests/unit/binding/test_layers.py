"""Defaults from near and far, with and without an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

ENGINES = """
    [defaults.load]
    engine = { type = "duck", file = "base.duckdb" }
    count = 2
    free = { base = 1, both = 1 }
    [env.prod.defaults.load]
    engine = { type = "cloud", cluster = "prod" }
    free = { env = 1, both = 2 }
"""


def _load(bench: Workbench, dag: str, **options: Any) -> Any:
    project = bench.open(dag, **options)
    assert list(project.diagnostics) == []
    return project.dags[0].loads[0]  # type: ignore[attr-defined]


def test_defaults_reach_every_load_wherever_it_stands(bench: Workbench) -> None:
    project = bench.open("loads: [{target: a}]\ngroup: {loads: [{target: b}]}", toml=ENGINES)
    flow: Any = project.dags[0]
    assert [flow.loads[0].engine.file, flow.group.loads[0].engine.file] == ["base.duckdb", "base.duckdb"]
    assert flow.loads[0].count == 2


def test_another_type_drops_what_weaker_layers_said(bench: Workbench) -> None:
    load = _load(bench, "loads: [{target: a}]", toml=ENGINES, env="prod")
    assert (type(load.engine).__name__, load.engine.cluster) == ("CloudEngine", "prod")
    # What the base says about the same type still holds.
    load = _load(bench, "loads: [{target: a, engine: {type: duck}}]", toml=ENGINES, env="prod")
    assert load.engine.file == "base.duckdb"


def test_the_same_type_merges_deeply(bench: Workbench) -> None:
    load = _load(bench, "loads: [{target: a, engine: {size: 3}, free: {file: 1}}]", toml=ENGINES, env="prod")
    assert (load.engine.cluster, load.engine.size) == ("prod", 3)
    assert load.free == {"base": 1, "both": 2, "env": 1, "file": 1}


def test_words_before_the_winning_type_are_about_the_other_type(bench: Workbench) -> None:
    bench.write({"dags/defaults.yaml": "defaults: {load: {engine: {file: near.duckdb}}}"})
    assert _load(bench, "loads: [{target: a}]", toml=ENGINES).engine.file == "near.duckdb"
    load = _load(bench, "loads: [{target: a, engine: {type: cloud, cluster: x}}]", toml=ENGINES)
    assert load.engine.cluster == "x"


def test_null_is_a_value_and_lists_replace(bench: Workbench) -> None:
    toml = '[defaults.load]\ncolumns = ["a", "b"]\nengine = { type = "duck" }'
    load = _load(bench, "loads: [{target: a, columns: [c], engine: null}]", toml=toml)
    assert [column.name for column in load.columns] == ["c"]
    assert load.engine is None


def test_the_nearest_location_beats_the_environment_of_a_farther_one(bench: Workbench) -> None:
    toml = "[defaults.load]\ncount = 1\n[env.prod.defaults.load]\ncount = 2"
    bench.write({"dags/defaults.yaml": "defaults: {load: {count: 3}}\nenv: {prod: {defaults: {load: {count: 4}}}}"})
    assert _load(bench, "loads: [{target: a}]", toml=toml).count == 3
    assert _load(bench, "loads: [{target: a}]", toml=toml, env="prod").count == 4


def test_defaults_of_a_class_lose_to_a_path_of_the_same_location(bench: Workbench) -> None:
    toml = '[defaults.load]\ncount = 1\n[defaults.flow.group]\nname = "group"\n[defaults.dag]\nowner = "team"'
    project = bench.open("group: {loads: [{target: a}]}", toml=toml)
    flow: Any = project.dags[0]
    assert (flow.owner, flow.group.loads[0].count) == ("team", 1)
    toml = '[defaults.net]\nhost = "by-class"\n[defaults.flow.sinks.net]\nhost = "by-path"'
    project = bench.open("sinks: {net: {}}", toml=toml)
    assert project.dags[0].sinks["net"].host == "by-path"  # type: ignore[attr-defined]


def test_a_slot_has_defaults_for_all_its_fillers(bench: Workbench) -> None:
    toml = "[defaults.sink]\ntask_args = { retries = 4 }"
    project = bench.open("sinks: {net: {}, disk: {folder: x, task_args: {pool: p}}}", toml=toml)
    sinks = project.dags[0].sinks  # type: ignore[attr-defined]
    assert [sink.task_args for sink in sinks.values()] == [{"retries": 4}, {"retries": 4, "pool": "p"}]


def test_wrong_defaults_are_reported_at_their_own_place(bench: Workbench) -> None:
    found = bench.problems("loads: [{target: a}]", toml='[defaults.lod]\ncount = 1\n[defaults.load]\ncount = "x"')
    assert sorted((one.code, one.file_name) for one in found) == [
        ("DW205", "dagwright.toml"),
        ("DW407", "dagwright.toml"),
    ]


def test_every_value_remembers_its_place(bench: Workbench) -> None:
    project = bench.open("loads: [{target: a}]", toml=ENGINES, env="prod")
    merged: Any = project.files[0].merged
    engine = merged.entries["loads"][0].items[0].entries["engine"][0]
    assert str(engine.entries["cluster"][0].span) == "dagwright.toml:8:38"
