"""Deleting a built-in breaks its own tests only: acme's project and all other built-ins go on without it."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

import dagwright.builtin
from dagwright import load_project
from tests.acme.example_project import Project

BUILTIN = Path(next(iter(dagwright.builtin.__path__)))

# What acme's DAG files use of it: they, and nothing else, break with it.
USED_BY = {
    "azure_blob_publisher": set[str](),
    "container_job": {"dagwright.toml", "dags/archive.dag.yaml", "dags/rates.dag.yaml", "dags/typical.dag.yaml"},
    "docker_runtime": set[str](),
    "duckdb_warehouse": set[str](),
    "ecs_runtime": set[str](),
    "file_publisher": {"dags/typical.dag.yaml"},
    "file_validation": set[str](),
    "gcs_publisher": set[str](),
    "kubernetes_runtime": set[str](),
    "operator": {"dags/night.dag.yaml"},
    "pipeline": {"dags/night.dag.yaml"},
    "postgres_warehouse": set[str](),
    "process_runtime": set[str](),
    "python_job": set[str](),
    "redshift_warehouse": set[str](),
    "s3_publisher": set[str](),
    "sftp_publisher": set[str](),
    "typical_dag": {"dags/typical.dag.yaml"},
    "warehouse_upload": {"dagwright.toml", "dags/archive.dag.yaml"},
}
FILES = {
    "dags/archive.dag.yaml",
    "dags/rates.dag.yaml",
    "dags/night.dag.yaml",
    "dags/typical.dag.yaml",
    "dags/partners/trades.yml",
}
# Slots, the stages of `typical_dag`, and what several built-ins share.
SHARED = {
    *("callables", "job", "publisher", "runtime", "stages", "validator", "warehouse", "warehouse_table"),
    *("ecs_parts", "fargate", "kubernetes_parts", "pod_template", "references"),
}


def delete(module: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the built-ins be a folder of links without one module, and forget what was imported from the old one."""
    folder.mkdir()
    for path in BUILTIN.glob("*.py"):
        if path.stem != module:
            folder.joinpath(path.name).symlink_to(path)
    monkeypatch.setattr(dagwright.builtin, "__path__", [str(folder)])
    for name in [name for name in sys.modules if name.startswith(("dagwright.builtin.", "acme."))]:
        monkeypatch.delitem(sys.modules, name)
        if name.startswith("dagwright."):
            monkeypatch.delattr(dagwright.builtin, name.rpartition(".")[2], raising=False)
    for name in dagwright.builtin.__all__:  # the slots, which the package took from the old modules
        slot = importlib.import_module(getattr(dagwright.builtin, name).__module__)
        monkeypatch.setattr(dagwright.builtin, name, getattr(slot, name))


def factory_modules(project: Project) -> dict[str, str]:
    """Return the module of each registered type."""
    listed = json.loads(project.dagwright("ls", "factories", "--format", "json").stdout)["factories"]
    return {each["full_name"]: each["class"].rpartition(".")[0] for each in listed}


def test_every_built_in_is_tried():
    assert {path.stem for path in BUILTIN.glob("[!_]*.py")} == {*USED_BY, *SHARED}


@pytest.mark.parametrize(
    "module",
    list(USED_BY),
)
def test_without_a_built_in(module: str, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = factory_modules(project)

    with monkeypatch.context() as patch:
        delete(module, tmp_path / "builtin", patch)
        after = factory_modules(project)
        loaded = load_project(".", env="dev")

    own = {name for name, where in before.items() if where == f"dagwright.builtin.{module}"}
    assert own
    assert set(before) - set(after) == own
    assert {each.file_name for each in loaded.diagnostics} == USED_BY[module]
    assert len(loaded.dags) == len(FILES - USED_BY[module])
