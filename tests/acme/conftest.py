"""Acme's package as pip would install it, in a folder of its own.

Nothing is installed into the environment of the tests: an installed package is there in every project, and so in the
messages that other tests compare. `site` holds what an installation holds, the package and its metadata.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acme.example_project import HERE, Project
from tests.acme.web_server import WebServer, web_server
from tests.acme.worker_programs import Worker


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like site-packages with acme's package in it."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(HERE / "src" / "acme", folder / "acme", ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
    info.joinpath("METADATA").write_text(metadata, encoding="utf-8")
    with info.joinpath("entry_points.txt").open("w", encoding="utf-8") as file:
        for group, points in project["entry-points"].items():
            file.write(f"[{group}]\n")
            file.writelines(f"{name} = {target}\n" for name, target in points.items())
    return folder


@pytest.fixture
def project_copy(tmp_path: Path) -> Project:
    """A copy of the example project."""
    folder = tmp_path / "project"
    shutil.copytree(HERE / "project", folder, ignore=shutil.ignore_patterns("__pycache__", ".dagwright"))
    return Project(folder=folder)


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let this process see acme's package until the test ends."""
    monkeypatch.syspath_prepend(site)
    yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme"]:
        del sys.modules[name]
    importlib.invalidate_caches()


@pytest.fixture
def project(project_copy: Project, installed: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the example project, in it the process, with acme's package installed."""
    monkeypatch.chdir(project_copy.folder)
    monkeypatch.setenv("DAGWRIGHT_ENV", "dev")
    return project_copy


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    """A web server with an empty root."""
    root = tmp_path / "web"
    root.mkdir()
    with web_server(root) as server:
        yield server


@pytest.fixture
def worker(project_copy: Project, site: Path, web: WebServer, tmp_path: Path) -> Worker:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return Worker(
        project=project_copy,
        environment={
            **kept,
            "PYTHONPATH": str(site),
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW_CONN_ACME_FILES": web.connection(),
            "AIRFLOW_CONN_PARTNER_WEB": web.connection(),
            "ACME_TOKEN": "not for jobs",
            "COLUMNS": "100",
        },
    )
