"""A folder's own defaults: the file `defaults.yaml` and what it says for the DAG files below the folder."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from dagwright.diagnostics import Diagnostic
from dagwright.project.locations import Location, read_location
from dagwright.project.tables import TableReader
from dagwright.source import content_of, parse_mapping, read_source

__all__ = ["DEFAULTS_FILES", "FolderDefaults", "read_folder"]

DEFAULTS_FILES = ("defaults.yaml", "defaults.yml", "defaults.json")

_KEYS = ("defaults", "vars", "env")
_ENVIRONMENT_KEYS = ("defaults", "vars")


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderDefaults:
    """What a folder's file says, base first, and what is wrong with it.

    Attributes:
        files: where files with defaults may stand, and what each held before it was read.
    """

    locations: tuple[Location, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    files: tuple[tuple[str, bytes | None], ...] = ()

    def holds(self) -> bool:
        """Say whether reading the folder again would find the same; what cannot be read is read each time."""
        return all(
            os.path.lexists(path) == (content is not None) and (content is None or content_of(path) == content)
            for path, content in self.files
        )


def read_folder(folder: Path, prefix: str, *, environments: Collection[str], environment: str | None) -> FolderDefaults:
    """Read a folder's defaults.

    Args:
        folder: where to look.
        prefix: the folder's name relative to the root, with a slash at its end; empty for the root.
        environments: the names that the project file declares.
        environment: the chosen one.
    """
    files = tuple((path, content_of(path)) for path in (f"{folder}{os.sep}{name}" for name in DEFAULTS_FILES))
    present = [name for name in DEFAULTS_FILES if os.path.lexists(folder / name)]
    if not present:
        return FolderDefaults(files=files)
    name = prefix + present[0]
    diagnostics: list[Diagnostic] = []
    if len(present) > 1:
        message = f"the folder has {len(present)} files with defaults: {', '.join(present)}"
        help_text = f"keep one of them; meanwhile only {present[0]} counts"
        diagnostics.append(Diagnostic(code="DW401", message=message, file=name, help=help_text))
    source, problems = read_source(folder / present[0], name)
    diagnostics += problems
    if source is None:
        return FolderDefaults(diagnostics=tuple(diagnostics), files=files)
    parsed = parse_mapping(source)
    diagnostics += parsed.diagnostics
    if parsed.root is None:
        return FolderDefaults(diagnostics=tuple(diagnostics), files=files)

    reader = TableReader()
    reader.check_keys(parsed.root, (), _KEYS, "a folder's defaults")
    locations = [read_location(reader, parsed.root, (), name)]
    by_environment = reader.table(parsed.root, "env", ())
    for key in by_environment or ():
        place = ("env", key)
        if by_environment is None or (table := reader.table(by_environment, key, ("env",))) is None:
            continue
        if key not in environments:
            message = f"the project file declares no environment '{key}'"
            reader.unknown(by_environment, place, key, environments, message, plural="environments", code="DW405")
        reader.check_keys(table, place, _ENVIRONMENT_KEYS, f"a folder's [env.{key}]")
        location = read_location(reader, table, place, f"{name} [env.{key}]")
        if key == environment:
            locations.append(location)
    return FolderDefaults(locations=tuple(locations), diagnostics=(*diagnostics, *reader.diagnostics), files=files)
