"""The bundle by itself: its stubs, its source, its versions."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("airflow")

from airflow.dag_processing.bundles.base import BaseDagBundle

from dagwright.adapters.bundle import DagwrightBundle

DAG = """\
tasks:
  hello:
    type: operator
    class: airflow.providers.standard.operators.bash.BashOperator
    args: {bash_command: echo hello}
"""
LOCAL = "airflow.dag_processing.bundles.local.LocalDagBundle"


class Versioned(BaseDagBundle):
    """A source with versions, each in a folder of its own, as a Git bundle has them."""

    supports_versioning = True

    def __init__(self, *, origin: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._origin = Path(origin)

    @property
    def path(self) -> Path:
        return self.versions_dir / self.version if self.version else self.base_dir / "tracking"

    def initialize(self) -> None:
        with self.lock():
            self._copy()
        super().initialize()

    def refresh(self) -> None:
        with self.lock():
            self._copy()

    def get_current_version(self) -> Any:
        return "1"

    def view_url_template(self) -> str | None:
        return "https://example.com/{version}"

    def _copy(self) -> None:
        (self.path / "dags").mkdir(parents=True, exist_ok=True)
        for file in self._origin.rglob("*.dag.yaml"):
            (self.path / "dags" / file.name).write_bytes(file.read_bytes())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)
    folder = tmp_path / "project"
    (folder / "dags").mkdir(parents=True)
    (folder / "dagwright.toml").write_text("[env.prod]\n", encoding="utf-8")
    (folder / "dags/rates.dag.yaml").write_text(DAG, encoding="utf-8")
    return folder


def stubs(bundle: BaseDagBundle) -> dict[str, str]:
    return {
        path.relative_to(bundle.path).as_posix(): path.read_text(encoding="utf-8") for path in bundle.path.rglob("*.py")
    }


def test_the_stubs_follow_the_files(project: Path):
    bundle = DagwrightBundle(name="acme", project=str(project), env="prod")
    assert bundle.get_current_version() is None
    bundle.initialize()
    assert list(stubs(bundle)) == ["dags/rates.dag.yaml.py"]
    assert 'env="prod"' in stubs(bundle)["dags/rates.dag.yaml.py"]
    (project / "dags/rates.dag.yaml").rename(project / "dags/fees.dag.yaml")
    DagwrightBundle(name="acme", project=str(project), env="prod").initialize()
    assert list(stubs(bundle)) == ["dags/fees.dag.yaml.py"]


def test_the_processor_learns_what_the_dags_need_and_workers_keep_it(project: Path):
    bundle = DagwrightBundle(name="acme", project=str(project), env="prod")
    bundle.initialize()
    bundle.refresh()
    assert bundle._sync is not None
    assert bundle._sync.wait(100) == 0
    complete = stubs(bundle)
    assert "import airflow.providers.standard.operators.bash  # noqa" in complete["dags/rates.dag.yaml.py"]
    first = bundle._sync
    bundle.refresh()
    assert bundle._sync is first
    DagwrightBundle(name="acme", project=str(project), env="prod").initialize()
    assert stubs(bundle) == complete


def test_a_worker_looks_at_folders_only(project: Path, monkeypatch: pytest.MonkeyPatch):
    """What is older than a moment is relied on, until a file comes or goes."""

    def initialize() -> dict[str, str]:
        bundle = DagwrightBundle(name="acme", project=str(project), env="prod")
        bundle.initialize()
        return stubs(bundle)

    def unused(*_: object, **__: object) -> None:
        raise AssertionError

    initialize()
    for path in (project, project / "dags", project / "dagwright.toml"):
        os.utime(path, (1e9, 1e9))
    initialize()
    with monkeypatch.context() as patched:
        patched.setattr("dagwright.adapters.bundle.plan_changes", unused)
        assert list(initialize()) == ["dags/rates.dag.yaml.py"]
    (project / "dags/fees.dag.yaml").write_text(DAG, encoding="utf-8")
    assert sorted(initialize()) == ["dags/fees.dag.yaml.py", "dags/rates.dag.yaml.py"]
    # Too young to be relied on.
    (project / "dags/fees.dag.yaml").unlink()
    assert list(initialize()) == ["dags/rates.dag.yaml.py"]


def test_a_project_that_cannot_be_read_costs_no_stub(project: Path, caplog: pytest.LogCaptureFixture):
    bundle = DagwrightBundle(name="acme", project=str(project))
    bundle.initialize()
    (project / "dagwright.toml").write_text("dags = [", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        bundle.refresh()
    assert "bundle 'acme': the project cannot be read, its stubs stay as they are" in caplog.text
    assert "error[DW115]" in caplog.text
    assert list(stubs(bundle)) == ["dags/rates.dag.yaml.py"]


@pytest.mark.parametrize("env", ["prod", None])
@pytest.mark.parametrize("is_there", [True, False], ids=["empty", "missing"])
def test_a_project_that_is_not_mounted_costs_no_stub(
    project: Path, caplog: pytest.LogCaptureFixture, env: str | None, *, is_there: bool
):
    bundle = DagwrightBundle(name="acme", project=str(project), env=env)
    bundle.initialize()
    shutil.move(project, project.with_name("unmounted"))
    if is_there:
        project.mkdir()
    with caplog.at_level(logging.ERROR):
        bundle.refresh()
        bundle.initialize()
    assert f"bundle 'acme': there is no dagwright.toml and no DAG file in '{project}'" in caplog.text
    assert "mount or deploy the project there" in caplog.text
    assert bundle._sync is None
    assert list(stubs(bundle)) == ["dags/rates.dag.yaml.py"]


def test_a_full_disk_costs_one_stub_until_the_next_look(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    (project / "dags/fees.dag.yaml").write_text(DAG, encoding="utf-8")
    fsync, written = os.fsync, []

    def full(descriptor: int) -> None:
        fsync(descriptor)
        written.append(descriptor)
        if len(written) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    bundle = DagwrightBundle(name="acme", project=str(project))
    with caplog.at_level(logging.ERROR):
        bundle.initialize()
    assert "fees.dag.yaml.py: it cannot be written: no space left on device" in caplog.text
    assert [path.name for path in (bundle.path / "dags").iterdir()] == ["rates.dag.yaml.py"]
    DagwrightBundle(name="acme", project=str(project)).initialize()
    assert len(stubs(bundle)) == 2


def test_another_bundle_brings_the_project(project: Path):
    source = {"classpath": LOCAL, "kwargs": {"path": str(project.parent)}}
    bundle = DagwrightBundle(name="acme", project="project", source=source)
    bundle.initialize()
    assert list(stubs(bundle)) == ["dags/rates.dag.yaml.py"]
    assert not bundle.supports_versioning


def test_the_stubs_of_a_version_lie_with_the_version(project: Path):
    source = {"classpath": f"{__name__}.Versioned", "kwargs": {"origin": str(project)}}
    newest = DagwrightBundle(name="acme", source=source)
    assert newest.supports_versioning
    newest.initialize()
    assert newest.get_current_version() == "1"
    assert newest.view_url_template() == "https://example.com/{version}"
    bundle = DagwrightBundle(name="acme", version="1", source=source)
    bundle.initialize()
    assert bundle.path.is_relative_to(bundle.versions_dir / "1")
    assert list(stubs(bundle)) == list(stubs(newest)) == ["dags/rates.dag.yaml.py"]
    assert '"../../../dags/rates.dag.yaml"' in stubs(bundle)["dags/rates.dag.yaml.py"]


def test_a_bundle_that_is_configured_wrongly(project: Path):
    with pytest.raises(ValueError, match="bundle 'acme': 'project' must be the absolute path of a folder, not 'x'"):
        DagwrightBundle(name="acme", project="x")
    with pytest.raises(TypeError, match=r"NoBundle' is no DAG bundle"):
        DagwrightBundle(name="acme", source={"classpath": f"{__name__}.NoBundle"})


class NoBundle:
    def __init__(self, **_: Any) -> None:
        pass
