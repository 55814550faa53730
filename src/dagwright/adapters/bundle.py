"""A DAG bundle that makes its stubs by itself, for Airflow 3.1 to 3.3.

    [dag_processor]
    dag_bundle_config_list = [{
        "name": "acme",
        "classpath": "dagwright.adapters.bundle.DagwrightBundle",
        "kwargs": {"project": "/opt/acme", "env": "prod"}}]

Another bundle may bring the project, such as `airflow.providers.git.bundles.git.GitDagBundle`:

    "kwargs": {"source": {"classpath": "airflow.providers.git.bundles.git.GitDagBundle",
                          "kwargs": {"git_conn_id": "acme", "tracking_ref": "main"}}}

Nothing here runs code of the project. Workers make a bundle anew for each task, and the DAG processor lives long
and would keep what it imports. What the DAGs need of Airflow is therefore found out by `dagwright sync` in a
process of its own, beside the DAG processor.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.base import BaseDagBundle

from dagwright.adapters.stubs.sync import apply_changes, plan_changes
from dagwright.adapters.stubs.unchanged import forget, is_unchanged, look_at, remember
from dagwright.diagnostics import format_text
from dagwright.project import DagFile, ProjectConfig, find_project, load_config

__all__ = ["DagwrightBundle"]

_LOG = logging.getLogger(__name__)
_STUBS = "dagwright-stubs"
_SYNC_LOG = "dagwright-sync.log"


class DagwrightBundle(BaseDagBundle):
    """The DAG files of one project.

    Args:
        project: the project's folder: absolute, or with `source` relative to what the source brings.
        env: the environment; `DAGWRIGHT_ENV` where None.
        source: another bundle that brings the project, as `{"classpath": ..., "kwargs": {...}}`. Where it has
            versions, so has this one.
        **kwargs: as for every bundle.
    """

    def __init__(
        self,
        *,
        project: str | None = None,
        env: str | None = None,
        source: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._env = env
        self._source = _made_source(self, source, kwargs) if source is not None else None
        self._project = Path(project or ".")
        if self._source is None and not self._project.is_absolute():
            raise ValueError(f"bundle '{self.name}': 'project' must be the absolute path of a folder, not '{project}'")
        self.supports_versioning = self._source is not None and self._source.supports_versioning
        self._sync: subprocess.Popen[bytes] | None = None
        self._synced: frozenset[tuple[str, int, int]] | None = None

    @property
    def path(self) -> Path:
        """The folder of the stubs. That of a version lies with the version, so that Airflow removes both together."""
        if self.version:
            return self.versions_dir / self.version / ".dagwright" / _STUBS
        return self.base_dir / _STUBS

    def get_current_version(self) -> Any:
        """Return the version of the source."""
        return self._source.get_current_version() if self._source is not None else None

    def initialize(self) -> None:
        """Fetch the project where it is not here yet, and write the stubs that are missing."""
        # The source takes the same lock for itself.
        if self._source is not None:
            self._source.initialize()
        # A worker comes here for every task.
        if not self.path.is_dir() or not is_unchanged(self._mark, self.project_folder, self._said):
            with self.lock():
                self._write_stubs()
        super().initialize()

    def refresh(self) -> None:
        """Fetch the newest project, and bring the stubs in line with it."""
        if self._source is not None:
            self._source.refresh()
        with self.lock():
            files = self._write_stubs()
        if files is not None:
            self._complete_stubs(*files)

    def view_url(self, version: str | None = None) -> str | None:
        """Return where the source shows a version."""
        return self._source.view_url(version) if self._source is not None else None

    def view_url_template(self) -> str | None:
        """Return where the source shows its versions."""
        own = super().view_url_template()
        return own if own is not None or self._source is None else self._source.view_url_template()

    @property
    def env(self) -> str | None:
        """The environment that the stubs are bound to; None where the process that reads them chooses."""
        return self._env

    @property
    def project_folder(self) -> Path:
        """The folder of the project, which is there once the source has brought it."""
        return self._project if self._source is None else self._source.path / self._project

    @property
    def _mark(self) -> Path:
        return self.path.parent / f"{_STUBS}.json"

    @property
    def _said(self) -> str:
        """What stubs depend on beside the project's files."""
        return f"{version('dagwright')} {self._env}"

    def _is_missing(self) -> bool:
        """Say whether there is no project at all, whatever its environments would be."""
        if find_project(self.project_folder) is not None:
            return False
        config, _ = load_config(self.project_folder, env=None, inside_airflow=False, environ={})
        return config is not None and not config.dag_files()[0]

    def _write_stubs(self) -> tuple[ProjectConfig, list[DagFile]] | None:
        """Bring the stubs in line with the files of the project, as far as that is known without making DAGs."""
        if self._is_missing():
            # A volume that is not mounted looks like this, and without stubs Airflow would forget every DAG.
            _LOG.error(
                "bundle '%s': there is no dagwright.toml and no DAG file in '%s', its stubs stay as they are: "
                "mount or deploy the project there, or correct 'project' in the bundle's 'kwargs'",
                self.name,
                self.project_folder,
            )
            return None
        config, problems = load_config(self.project_folder, env=self._env, inside_airflow=False, environ=os.environ)
        if config is None:
            # The stubs that are there say the same, each as its own import error.
            _LOG.error(
                "bundle '%s': the project cannot be read, its stubs stay as they are\n%s",
                self.name,
                format_text(problems),
            )
            return None
        looks = look_at(config.root)
        files, found = config.dag_files()
        forget(self._mark)
        names = [file.name for file in files]
        self.path.mkdir(parents=True, exist_ok=True)
        if self.version:
            # A Git bundle that keeps `.git` removes what Git does not ignore, for each task anew.
            (self.path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        changes = plan_changes(config.root, self.path, names, env=self._env, made={})
        if any(problem.code == "DW116" for problem in found):
            # A stub may belong to a file in the folder that cannot be read.
            changes = [change for change in changes if change.action != "remove"]
        results = apply_changes(changes, self.path) if changes else []
        for change in results:
            if change.action == "blocked":
                _LOG.error("bundle '%s': %s: %s", self.name, change.stub, change.message)
        if looks is not None and all(change.action != "blocked" for change in results):
            remember(self._mark, config.root, self._said, looks)
        return config, files

    def _complete_stubs(self, config: ProjectConfig, files: list[DagFile]) -> None:
        """Let a process of its own add to the stubs what needs their DAGs, and do not wait for it."""
        if self._sync is not None and self._sync.poll() is None:
            return
        if self._sync is not None and self._sync.returncode not in {0, 1}:
            _LOG.warning("bundle '%s': 'dagwright sync' failed, see %s", self.name, self.base_dir / _SYNC_LOG)
        state = _state(config, files)
        if state == self._synced:
            return
        self._synced = state
        command = [sys.executable, "-m", "dagwright", "sync", "--project", str(config.root), "--output", str(self.path)]
        command += ["--env", self._env] if self._env is not None else []
        with (self.base_dir / _SYNC_LOG).open("wb") as log:
            self._sync = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603


def _made_source(bundle: BaseDagBundle, source: Mapping[str, Any], kwargs: Mapping[str, Any]) -> BaseDagBundle:
    """Return the bundle that brings the project, under the same name, so that Airflow finds and cleans its folders."""
    module, _, name = str(source["classpath"]).rpartition(".")
    cls = getattr(import_module(module), name)
    made = cls(**{**kwargs, **source.get("kwargs", {}), "name": bundle.name, "version": bundle.version})
    if not isinstance(made, BaseDagBundle):
        raise TypeError(f"bundle '{bundle.name}': '{source['classpath']}' is no DAG bundle")
    return made


def _state(config: ProjectConfig, files: list[DagFile]) -> frozenset[tuple[str, int, int]]:
    """Return what changes when a DAG may need other modules: the DAG files and the project file."""
    state = set()
    for path in (config.file, *(file.path for file in files)):
        try:
            found = path.stat() if path is not None else None
        except OSError:
            continue
        if found is not None:
            state.add((str(path), found.st_size, found.st_mtime_ns))
    return frozenset(state)
