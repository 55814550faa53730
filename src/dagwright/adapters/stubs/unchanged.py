"""Says in no time that a project has the same files as before, however many: by the times of its folders.

A worker asks this for every task that it starts. A file that comes or goes changes the time of its folder, so that
only folders are looked at, and what else decides which files are DAG files.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from dagwright.adapters.stubs.folder import write_file

__all__ = ["Looks", "forget", "is_unchanged", "look_at", "remember"]

Looks = dict[str, list[int]]
"""Time and size of what counts, by path."""

_FORMAT = 1
# A change within a tick of the file system's clock leaves a time as it is, so what is that young is not relied on.
_TOO_YOUNG_SECONDS = 2.0
_DECIDES = frozenset({".airflowignore", "dagwright.toml", "pyproject.toml"})


def look_at(root: Path) -> Looks | None:
    """Return what a project looks like; None where that cannot be relied on.

    Call it before the files are looked for, so that one that comes meanwhile makes the next look different.
    """
    looks = _looks(root)
    newest = max((modified for modified, _ in looks.values()), default=0) if looks is not None else 0
    return looks if newest / 1e9 <= time.time() - _TOO_YOUNG_SECONDS else None


def remember(mark: Path, root: Path, said: str, looks: Looks) -> None:
    """Write down what a project looked like, once all has been done that this is to spare.

    Args:
        mark: the file to write it to.
        root: the project's folder.
        said: whatever else must be the same, such as the environment.
        looks: what `look_at` returned.
    """
    with suppress(OSError):
        write_file(mark, json.dumps({"format": _FORMAT, "root": str(root), "said": said, "looks": looks}))


def forget(mark: Path) -> None:
    """Let nothing be known of a project."""
    with suppress(OSError):
        mark.unlink(missing_ok=True)


def is_unchanged(mark: Path, root: Path, said: str) -> bool:
    """Say whether a project has the same files as when it was remembered."""
    try:
        known = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(known, dict) or (known.get("format"), known.get("root"), known.get("said")) != (
        _FORMAT,
        str(root),
        said,
    ):
        return False
    return all(_look(path) == look for path, look in known["looks"].items())


def _looks(root: Path) -> Looks | None:
    """Return what counts, by path; None where a link leads to folders whose times are not seen here."""
    looks: Looks = {}
    for place, folders, files in os.walk(root):
        if any(os.path.islink(os.path.join(place, name)) for name in (*folders, *files)):  # noqa: PTH114, PTH118
            return None
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        decisive = (os.path.join(place, name) for name in files if name in _DECIDES)  # noqa: PTH118
        for path in (place, *decisive):
            look = _look(path)
            if look is None:
                return None
            looks[path] = look
    return looks


def _look(path: str) -> list[int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  asked for every folder
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size]
