"""Where Airflow is told of the importer, and whether that meets a project there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dagwright.adapters.doctor.asking import Settings
from dagwright.project import load_config

__all__ = ["holds_files_of", "importer_of", "importers_named"]

_IMPORTER = "dagwright.adapters.importer"


def importer_of(configs: Sequence[Any]) -> dict[str, Any] | None:
    """Return the configuration of the importer: of several the last one, as in Airflow."""
    entries = [{"classpath": entry} if isinstance(entry, str) else entry for entry in configs]
    ours = [entry for entry in entries if isinstance(entry, dict) and str(entry.get("classpath")).startswith(_IMPORTER)]
    return ours[-1] if ours else None


def importers_named(settings: Settings) -> list[str]:
    """Return the settings that name the importer, whatever it finds there."""
    places = ["[dag_processor] dag_importer_configs"] if importer_of(settings.importers) is not None else []
    return places + [
        f"[dag_processor] dag_bundle_config_list, bundle '{bundle.get('name')}'"
        for bundle in settings.bundles
        if importer_of(bundle.get("importers") or []) is not None
    ]


def holds_files_of(root: Path, folder: Path) -> bool:
    """Say whether a bundle's folder, with what links in it lead to, has the project in it or some of its DAG files."""
    real = Path(os.path.realpath(root))
    inside: list[Path] = []
    for place in _with_links(folder):
        if real.is_relative_to(place):
            return True
        if place.is_relative_to(real):
            inside.append(place)
    if not inside:
        return False
    # Which files they are depends on no environment.
    config, _ = load_config(root, env=None, inside_airflow=False, environ={})
    if config is None:
        return True
    names = [real / dag_file.name for dag_file in config.dag_files()[0]]
    return any(name.is_relative_to(place) for name in names for place in inside)


def _with_links(folder: Path) -> Iterator[Path]:
    yield Path(os.path.realpath(folder))
    for above, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(above, name)  # noqa: PTH118
            if os.path.islink(path):  # noqa: PTH114
                yield Path(os.path.realpath(path))
