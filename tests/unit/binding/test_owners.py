"""Of several files with one DAG id one keeps it, and not by what else lies in the folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dagwright.binding.owners import claim
from dagwright.project import DagFile

if TYPE_CHECKING:
    from tests.unit.binding.conftest import Workbench

SOUND = "type: flow\n"
BROKEN = "type: flow\nlods: 1\n"
SAID = "type: flow\ndag_id: x\n"
SAID_BROKEN = "type: flow\ndag_id: x\nlods: 1\n"
TEXT_ONLY = "type: [\n"


@pytest.mark.parametrize(
    ("files", "owner"),
    [
        ({"c.dag.yaml": SAID, "x.dag.yaml": SOUND}, "x.dag.yaml"),
        ({"x.dag.yaml": SOUND, "z.dag.yaml": SAID}, "x.dag.yaml"),
        ({"c.dag.yaml": SAID, "x.dag.yaml": SOUND, "z/x.dag.yaml": SOUND}, "x.dag.yaml"),
        ({"b/x.dag.yaml": SOUND, "c/x.dag.yaml": SOUND}, "b/x.dag.yaml"),
        ({"b/x.dag.yaml": BROKEN, "c/x.dag.yaml": SOUND}, "c/x.dag.yaml"),
        ({"c.dag.yaml": SAID, "x.dag.yaml": BROKEN, "z.dag.yaml": SAID}, "c.dag.yaml"),
        ({"c.dag.yaml": SAID_BROKEN, "d.dag.yaml": SAID}, "d.dag.yaml"),
        ({"c.dag.yaml": SAID, "x.dag.yaml": "type: flow\ndag_id: y\n"}, "c.dag.yaml"),
    ],
)
def test_the_owner_is_sound_then_called_like_the_id_then_first(
    bench: Workbench, files: dict[str, str], owner: str
) -> None:
    bench.write({f"dags/{name}": text for name, text in files.items()})
    project = bench.open()  # with a.dag.yaml, which has nothing to do with it
    (kept,) = [bound for bound in project.files if bound.dag_id == "x" and bound.factory is not None]
    assert kept.dag_file.name == f"dags/{owner}"
    others = {bound.dag_file.name for bound in project.files if bound.dag_id == "x"} - {kept.dag_file.name}
    refused = [found for found in project.diagnostics if found.code == "DW305"]
    assert {found.file_name for found in refused} == others
    for found in refused:
        assert found.span is not None
        assert [related.span.source.name for related in found.related] == [f"dags/{owner}"]


def test_without_a_sound_file_the_one_called_like_the_id_has_it(bench: Workbench) -> None:
    bench.write({"dags/b.dag.yaml": SAID_BROKEN, "dags/x.dag.yaml": BROKEN})
    (found,) = [found for found in bench.open().diagnostics if found.code == "DW305"]
    assert found.file_name == "dags/b.dag.yaml"


def test_a_file_without_an_id_owns_none(bench: Workbench) -> None:
    bench.write({"dags/x.dag.yaml": TEXT_ONLY, "dags/y/x.dag.yaml": TEXT_ONLY, "dags/z.dag.yaml": SAID})
    project = bench.open()
    assert "DW305" not in {found.code for found in project.diagnostics}
    assert [bound.dag_file.name for bound in project.files if bound.factory is not None][-1] == "dags/z.dag.yaml"


def test_claims_are_ordered_by_the_name_up_to_its_first_dot() -> None:
    names = ["a.dag.yaml", "b/x.y.dag.yaml", "c/x.json", "x_1.dag.yaml"]
    files = [DagFile(path=Path("/p", name), name=name) for name in reversed(names)]
    ordered = [dag_file.name for dag_file in sorted(files, key=lambda dag_file: claim("x", dag_file))]
    assert ordered == ["b/x.y.dag.yaml", "c/x.json", "a.dag.yaml", "x_1.dag.yaml"]
