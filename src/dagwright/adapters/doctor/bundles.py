"""Whether the stubs that bundles of Dagwright write are as they should be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagwright.adapters.doctor.asking import Settings
from dagwright.adapters.doctor.modes import bundles_of, change_problems
from dagwright.adapters.doctor.report import Problem
from dagwright.adapters.doctor.syncing import Syncing
from dagwright.adapters.stubs.sync import plan_changes
from dagwright.diagnostics import Severity
from dagwright.project import load_config

if TYPE_CHECKING:
    from dagwright.adapters.bundle import DagwrightBundle

__all__ = ["bundle_problems"]

_NO_STUBS = "run this where the DAG processor runs; if it runs here, its log says why it wrote none"
_BEHIND = "the DAG processor mends them when it refreshes the bundle; if it does not, its log says why"


def bundle_problems(root: Path, settings: Settings, syncing: Syncing | None) -> list[Problem]:
    """Return what is wrong with the bundles that write stubs for a project, and with their stubs."""
    return [problem for said in bundles_of(root, settings) for problem in _problems_of(said, syncing)]


def _problems_of(said: dict[str, Any], syncing: Syncing | None) -> list[Problem]:
    from dagwright.adapters.bundle import DagwrightBundle

    name = str(said.get("name"))
    try:
        bundle = DagwrightBundle(**{**(said.get("kwargs") or {}), "name": name})
    except Exception as error:  # noqa: BLE001  its source may be of any make, and its words may hold a secret
        message = f"the bundle '{name}' cannot be made ({type(error).__name__})"
        return [Problem(about="mode", message=message, help="see its 'kwargs' and the DAG processor's log")]
    return _stub_problems(bundle, syncing)


def _stub_problems(bundle: DagwrightBundle, syncing: Syncing | None) -> list[Problem]:
    if not bundle.path.is_dir():
        message = f"the bundle '{bundle.name}' has no stubs on this machine"
        return [Problem(about="stubs", message=message, severity=Severity.WARNING, help=_NO_STUBS)]
    if syncing is not None and syncing.is_about(bundle.project_folder):
        changes = syncing.changes(bundle.path, bundle.env)
        return list(change_problems(changes, help_text=_BEHIND, severity=Severity.WARNING))
    # Another copy has modules of the same names, so none of its code runs here and its DAGs are not made.
    config, _ = load_config(bundle.project_folder, env=bundle.env, inside_airflow=False, environ=os.environ)
    if config is None:
        return []  # The project's own problems are said by whoever reads it.
    names = [dag_file.name for dag_file in config.dag_files()[0]]
    changes = plan_changes(config.root, bundle.path, names, env=bundle.env, made={})
    return list(change_problems(changes, help_text=_BEHIND, severity=Severity.WARNING))
