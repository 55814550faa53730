"""Which classes are found, and under which names."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from dagwright import DagFactory, OperatorFactory
from dagwright.model.registry import Registry, build_registry
from dagwright.model.shapes import ClassShape, ShapeError, Shapes, UnionShape

PACKAGE = """
    from dataclasses import dataclass
    from dagwright import Component, DagFactory, OperatorFactory, operator_factory
    from regpack.slots import Sink

    class NetSink(Sink, aliases=("wire",)): ...
    class Disk(Sink, type_name="disk_drive_sink"): ...
    class _Hidden(Sink): ...
    class NightlyDagFactory(DagFactory): ...
    class Column(Component):
        name: str

    @operator_factory
    def run_it(x: int): ...

    @dataclass
    class Wait:
        name: str
        def make_operator(self): ...

    @dataclass
    class NotAFactory:
        name: str
"""


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "regpack"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "slots.py").write_text(
        "from dagwright import OperatorFactory\nclass Sink(OperatorFactory, abstract=True): ...\n"
    )
    (folder / "all.py").write_text(dedent(PACKAGE))
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    for name in [name for name in sys.modules if name.partition(".")[0] == "regpack"]:
        del sys.modules[name]


def _registry(folder: Path, *packages: str) -> Registry:
    registry, problems = build_registry(packages, search_path=[str(folder)], plugins=False)
    assert problems == []
    return registry


def test_a_package_is_scanned_with_everything_below(package: Path) -> None:
    registry = _registry(package, "regpack")
    written = sorted(filler.written.__name__ for filler in registry.fillers.values())
    assert written == ["Column", "Disk", "NetSink", "NightlyDagFactory", "Wait", "_Hidden", "run_it"]


def test_names_drop_the_words_of_the_slot(package: Path) -> None:
    registry = _registry(package, "regpack")
    (sink,) = [slot for slot in registry.slots() if slot.__name__ == "Sink"]
    assert {"net", "net_sink", "wire", "disk_drive", "disk_drive_sink"} <= set(registry.slot_names(sink))
    assert registry.type_names(DagFactory) == ["nightly"]
    assert {"net_sink", "wire", "run_it", "wait"} <= set(registry.slot_names(OperatorFactory))
    assert "net" not in registry.slot_names(OperatorFactory)


def test_a_package_settles_a_clash(package: Path) -> None:
    registry = _registry(package, "regpack")
    assert len(registry.find(OperatorFactory, "regpack:wait")) == 1
    assert registry.find(OperatorFactory, "other:wait") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nothing_at_all", "ModuleNotFoundError"),
        ("raise RuntimeError('no')", "RuntimeError: no"),
        ("def (", "SyntaxError"),
        ("import sys; sys.exit(3)", "SystemExit"),
    ],
)
def test_a_broken_module_is_one_diagnostic(package: Path, text: str, message: str) -> None:
    (package / "regpack" / "bad.py").write_text(text)
    _, problems = build_registry(["regpack"], search_path=[str(package)], plugins=False)
    (found,) = problems
    assert found.code == "DW402"
    assert message in found.message
    assert found.span is not None
    assert str(found.span).startswith("regpack/bad.py:1:")


def test_an_unreadable_class_costs_only_itself(package: Path) -> None:
    (package / "regpack" / "odd.py").write_text(
        "from dagwright import OperatorFactory\n"
        "class Odd(OperatorFactory):\n    x: 'NoSuchType'\n    def make_operator(self): ...\n"
        "class Fine(OperatorFactory):\n    x: int\n    def make_operator(self): ...\n"
        "class Short(OperatorFactory, shorthand='gone'):\n    x: int\n    def make_operator(self): ...\n"
    )
    registry, problems = build_registry(["regpack"], search_path=[str(package)], plugins=False)
    assert sorted(found.code for found in problems) == ["DW410", "DW410"]
    assert "fine" in registry.slot_names(OperatorFactory)


def test_the_built_ins_come_by_their_entry_point() -> None:
    registry, problems = build_registry([])
    assert problems == []
    assert {"container_job", "python_job", "operator", "file_validation", "sftp_publisher"} <= set(
        registry.slot_names(OperatorFactory)
    )
    assert registry.type_names(DagFactory)[:2] == ["pipeline", "typical_dag"]


def test_a_package_of_another_project_is_not_taken_for_ones_own(package: Path, tmp_path: Path) -> None:
    _registry(package, "regpack")
    other = tmp_path / "other"
    (other / "regpack").mkdir(parents=True)
    (other / "regpack" / "__init__.py").write_text("")
    _, problems = build_registry(["regpack"], search_path=[str(other)], plugins=False)
    (found,) = problems
    assert (found.code, found.message) == (
        "DW402",
        "'regpack' of this project is hidden by another package of the name",
    )


def test_a_plugin_that_is_installed_while_the_process_runs_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    before, _ = build_registry(())
    (tmp_path / "regplug.py").write_text("from dagwright import OperatorFactory\nclass Plugged(OperatorFactory): ...\n")
    described = tmp_path / "regplug-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: regplug\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[dagwright.factories]\nregplug = regplug\n")
    # The clock of a file system has ticks.
    os.utime(tmp_path, ns=(time.time_ns(), time.time_ns() + 1_000_000))
    try:
        after, problems = build_registry(())
    finally:
        sys.modules.pop("regplug", None)
    assert problems == []
    names = {filler.cls.__name__: filler.origin for filler in after.fillers.values()}
    assert names["Plugged"] == "'regplug' (entry point 'regplug')"
    assert "Plugged" not in {cls.__name__ for cls in before.fillers}


def test_what_was_scanned_is_not_scanned_again(package: Path) -> None:
    assert _registry(package, "regpack") is _registry(package, "regpack")


def test_a_module_that_came_meanwhile_is_found(package: Path) -> None:
    before = _registry(package, "regpack")
    (package / "regpack" / "later.py").write_text(
        "from dagwright import OperatorFactory\nclass Late(OperatorFactory): ...\n"
    )
    # The clock of a file system has ticks.
    os.utime(package / "regpack", ns=(time.time_ns(), time.time_ns() + 1_000_000))
    names = {filler.written.__name__ for filler in _registry(package, "regpack").fillers.values()}
    assert "Late" in names
    assert "Late" not in {filler.written.__name__ for filler in before.fillers.values()}


def test_a_module_that_was_imported_anew_is_scanned_anew(package: Path) -> None:
    before = _registry(package, "regpack")
    del sys.modules["regpack.all"]
    after = _registry(package, "regpack")
    assert after.fillers.keys().isdisjoint({cls for cls in before.fillers if cls.__module__ == "regpack.all"})


def test_a_finding_is_found_each_time(package: Path) -> None:
    (package / "regpack" / "broken.py").write_text("1 / 0\n")
    for _ in range(2):
        _, problems = build_registry(["regpack"], search_path=[str(package)], plugins=False)
        assert [problem.code for problem in problems] == ["DW402"]


def test_a_plugin_whose_folder_has_another_name_than_its_metadata_is_found(tmp_path: Path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "oddplug.py").write_text("from dagwright import OperatorFactory\nclass Odd(OperatorFactory): ...\n")
    described = tmp_path / "another-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: oddplug\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[dagwright.factories]\noddplug = oddplug\n")
    try:
        registry, problems = build_registry(())
    finally:
        sys.modules.pop("oddplug", None)
    assert problems == []
    assert "Odd" in {filler.cls.__name__ for filler in registry.fillers.values()}


def test_a_class_that_knows_one_half_read_is_read_anew():
    class Outer(OperatorFactory):
        inner: Inner
        late: Late  # type: ignore[name-defined]  # noqa: F821  is not there yet

    class Inner(OperatorFactory):
        outer: Outer | None = None

    vars(sys.modules[__name__]).update(Outer=Outer, Inner=Inner)
    try:
        shapes = Shapes()
        with pytest.raises(ShapeError, match="Late"):
            shapes.of_class(Outer)
        vars(sys.modules[__name__])["Late"] = int
        fields = Shapes().of_class(Inner).fields
        outer = fields["outer"].shape
        assert isinstance(outer, UnionShape)
        (member,) = outer.members
        assert isinstance(member, ClassShape)
        assert "late" in member.fields
    finally:
        for name in ("Outer", "Inner", "Late"):
            vars(sys.modules[__name__]).pop(name, None)
