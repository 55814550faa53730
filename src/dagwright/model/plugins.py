"""Which modules installed distributions bring as plugins.

A process that loads many DAG files asks again and again, and reading every distribution takes longer than loading a
DAG, so that what a folder of `sys.path` has is remembered as long as the folder is the same.
"""

from __future__ import annotations

import functools
import os
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import NamedTuple

__all__ = ["ENTRY_POINT_GROUP", "changed_at", "installed_plugins"]

ENTRY_POINT_GROUP = "dagwright.factories"
_METADATA = (".dist-info", "egg-info")


def installed_plugins() -> tuple[tuple[str, str], ...]:
    """Return the modules that installed distributions name in the entry point group, and where they come from."""
    folders = ((folder, changed_at(folder)) for folder in sys.path)
    return _plugins_of(tuple(each for each in folders if _has_distributions(*each)))


@functools.lru_cache(maxsize=64)
def _has_distributions(folder: str, changed: int) -> bool:  # noqa: ARG001  the result depends on it
    """Say whether a folder of `sys.path` may hold distributions: that of a project, which comes and goes, does not."""
    try:
        return any(name.lower().endswith(_METADATA) for name in os.listdir(folder or "."))  # noqa: PTH208
    except NotADirectoryError:  # an archive
        return True
    except OSError:
        return False


@functools.lru_cache(maxsize=8)
def _plugins_of(folders: tuple[tuple[str, int], ...]) -> tuple[tuple[str, str], ...]:
    found = {plugin for folder, changed in folders for plugin in _plugins_in(folder, changed)}
    # Of two distributions with one name Python knows the first.
    seen = sorted(plugin for plugin in found if plugin[:2] in _known_group(plugin))
    return tuple((plugin.module, f"'{plugin.distribution}' (entry point '{plugin.name}')") for plugin in seen)


class _Plugin(NamedTuple):
    name: str
    module: str
    distribution: str


def _known_group(plugin: _Plugin) -> list[tuple[str, str]]:
    """Return the entry points of the distribution that Python knows by a plugin's name."""
    try:
        return _group_of(distribution(plugin.distribution))
    except PackageNotFoundError:  # its folder has another name than its metadata
        return [plugin[:2]]


@functools.lru_cache(maxsize=64)
def _plugins_in(folder: str, changed: int) -> frozenset[_Plugin]:  # noqa: ARG001  the result depends on it
    """Return the plugins of a folder of `sys.path`; reading those of all takes longer than loading a DAG."""
    return frozenset(_Plugin(*said, each.name) for each in distributions(path=[folder]) for said in _group_of(each))


def changed_at(folder: str) -> int:
    """Return when something last came to a folder or left it, as its time shows."""
    try:
        return os.stat(folder or ".").st_mtime_ns  # noqa: PTH116  asked for every file that is loaded
    except OSError:
        return 0


def _group_of(each: Distribution) -> list[tuple[str, str]]:
    """Return the names and modules of a distribution's entry points in the group."""
    # Reading is quick, understanding what was read is not.
    if ENTRY_POINT_GROUP not in (each.read_text("entry_points.txt") or ""):
        return []
    return [(entry.name, entry.module) for entry in each.entry_points.select(group=ENTRY_POINT_GROUP)]
