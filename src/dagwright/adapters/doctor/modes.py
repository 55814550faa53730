"""By which ways Airflow finds the DAGs of a project, and whether its stubs are as they should be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dagwright.adapters.doctor.asking import Settings, folder_of
from dagwright.adapters.doctor.importers import holds_files_of, importer_of
from dagwright.adapters.doctor.loaders import loaders_of
from dagwright.adapters.doctor.report import Problem, Way
from dagwright.adapters.doctor.syncing import Syncing
from dagwright.adapters.stubs.folder import StubFile, find_stubs
from dagwright.adapters.stubs.sync import Change
from dagwright.adapters.versions import has_importers
from dagwright.diagnostics import Severity

__all__ = ["bundles_of", "change_problems", "modes_of", "stub_problems"]

_BUNDLE = "dagwright.adapters.bundle.DagwrightBundle"
_LOCAL = "LocalDagBundle"
_WHAT = {
    "add": "DAG files without a stub",
    "update": "stubs that are out of date",
    "remove": "stubs of DAG files that are gone",
}


def modes_of(root: Path, settings: Settings) -> list[Way]:
    """Return every way, with what makes it so."""
    ways: list[Way] = []
    for bundle in settings.bundles if has_importers() else ():
        importer = importer_of([*settings.importers, *(bundle.get("importers") or [])])
        folder = _folder(bundle, settings) if importer is not None else None
        if importer is not None and folder is not None and holds_files_of(root, folder):
            ways.append(Way("importer", str(bundle.get("name")), _env(importer)))
    ways += [Way("bundle", str(bundle.get("name")), _env(bundle)) for bundle in bundles_of(root, settings)]
    folders = _folders(settings)
    ways += [Way("stubs", str(output), _env_of(stubs)) for output, stubs in _outputs(_stubs_of(root, folders)).items()]
    ways += [Way("loader", str(found.path), found.env) for folder in folders for found in loaders_of(root, folder)]
    return ways


def stub_problems(root: Path, settings: Settings, syncing: Syncing) -> list[Problem]:
    """Return what is wrong with the stubs of a project."""
    ours = _stubs_of(root, _folders(settings))
    problems: list[Problem] = []
    for output, stubs in _outputs(ours).items():
        env = _env_of(stubs)
        help_text = f"dagwright sync --output {output}" + (f" --env {env}" if env else "")
        problems += change_problems(syncing.changes(output, env), help_text=help_text)
    for found in _all_stubs(_folders(settings)):
        stub = found.read.stub
        if stub is None or not os.path.exists(os.path.join(found.path.parent, stub.project)):  # noqa: PTH110, PTH118
            message = "this stub leads to no project" if stub is not None else "this stub cannot be read"
            problems.append(
                Problem(
                    about="stubs",
                    message=message,
                    severity=Severity.WARNING,
                    help="remove it, if no other project needs it",
                    places=(str(found.path),),
                )
            )
    return problems


def bundles_of(root: Path, settings: Settings) -> list[dict[str, Any]]:
    """Return the configurations of bundles that write stubs for a project."""
    return [
        bundle
        for bundle in settings.bundles
        if bundle.get("classpath") == _BUNDLE and _is_bundle_of(bundle.get("kwargs") or {}, root)
    ]


def change_problems(
    changes: Sequence[Change], *, help_text: str, severity: Severity = Severity.ERROR
) -> Iterator[Problem]:
    """Yield what is wrong with stubs that would change; `severity` is that of changes that can be made."""
    for action, words in _WHAT.items():
        places = tuple(change.dag_file for change in changes if change.action == action)
        if places:
            message = f"there are {words}: {len(places)}"
            yield Problem(about="stubs", message=message, severity=severity, help=help_text, places=places)
    for change in changes:
        if change.action == "blocked":
            yield Problem(about="stubs", message=change.message, places=(str(change.stub),))


def _is_bundle_of(kwargs: dict[str, object], root: Path) -> bool:
    """Say whether a bundle serves a project; one that fetches it from elsewhere may do so."""
    if "source" in kwargs:
        return True
    return os.path.realpath(str(kwargs.get("project"))) == os.path.realpath(root)


def _env(configured: dict[str, Any]) -> str | None:
    env = (configured.get("kwargs") or {}).get("env")
    return str(env) if env else None


def _env_of(stubs: Sequence[StubFile]) -> str | None:
    return next((found.read.stub.env for found in stubs if found.read.stub is not None), None)


def _folder(bundle: dict[str, Any], settings: Settings) -> Path | None:
    """Return the folder of files that Airflow reads for a bundle; None where it is not on this machine."""
    classpath = str(bundle.get("classpath", ""))
    if classpath == _BUNDLE:
        return None  # That of its stubs, which it looks after itself.
    if classpath.endswith(_LOCAL):
        return Path((bundle.get("kwargs") or {}).get("path") or settings.dags_folder)
    return folder_of(bundle)


def _folders(settings: Settings) -> list[Path]:
    """Return the folders of Python files that Airflow reads, as far as they are on this machine."""
    # Several bundles may read one folder.
    found = dict.fromkeys(_folder(bundle, settings) for bundle in settings.bundles)
    return [path for path in found if path is not None and path.is_dir()]


def _all_stubs(folders: Sequence[Path]) -> Iterator[StubFile]:
    for folder in folders:
        yield from find_stubs(folder)


def _stubs_of(root: Path, folders: Sequence[Path]) -> list[StubFile]:
    return [found for found in _all_stubs(folders) if _project_of(found) == os.path.realpath(root)]


def _project_of(found: StubFile) -> str | None:
    stub = found.read.stub
    return os.path.realpath(os.path.join(found.path.parent, stub.project)) if stub is not None else None  # noqa: PTH118


def _outputs(stubs: Sequence[StubFile]) -> dict[Path, list[StubFile]]:
    """Sort stubs by the folder that they were written to: their own, less the folders of their DAG files."""
    outputs: dict[Path, list[StubFile]] = {}
    for found in stubs:
        assert found.read.stub is not None  # noqa: S101  those of a project could be read
        file = os.path.normpath(os.path.join(found.path.parent, found.read.stub.dag_file))  # noqa: PTH118
        project = os.path.normpath(os.path.join(found.path.parent, found.read.stub.project))  # noqa: PTH118
        depth = len(Path(os.path.relpath(file, project)).parts)
        outputs.setdefault(found.path.parents[depth - 1], []).append(found)
    return outputs
