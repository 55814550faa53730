"""Names of files that are on their way, so that the next try finds what an earlier one left behind.

A worker that is killed, or a server that cuts the connection, leaves a part of a file. Its name tells whose it is:
the task's, and the run's. The next try of the same task in the same run removes it; what is left of other runs of
the task, which may be at work right now, is removed when it is a day old.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time

from dagwright.runtime.identity import RunIdentity

__all__ = ["PartNames"]

_OLD = 24 * 60 * 60
_PART = re.compile(r"\.(?P<name>.*)\.(?P<task>[0-9a-f]{12})(?P<run>[0-9a-f]{8})-[0-9a-f]{8}\.(?:part|old)", re.DOTALL)


class PartNames:
    """The names that one task of one run gives to unfinished files; nobody's where it is not known."""

    def __init__(self, run: RunIdentity | None) -> None:
        self._known = run is not None
        task = f"{run.dag_id}\0{run.task_id}" if run is not None else secrets.token_hex()
        self._task = hashlib.sha256(task.encode()).hexdigest()[:12]
        self._run = hashlib.sha256((run.run_id if run is not None else task).encode()).hexdigest()[:8]

    def new(self, name: str) -> str:
        """Return a name that no other try uses: two of them may be at work, when a worker was believed dead."""
        return f".{name}.{self._task}{self._run}-{secrets.token_hex(4)}.part"

    @staticmethod
    def target(name: str) -> str:
        """Return the name that an unfinished file was to get."""
        found = _PART.fullmatch(name)
        return name if found is None else found["name"]

    def is_left(self, name: str, changed: float | None) -> bool:
        """Say whether a file in the target's folder was left by an earlier try.

        Args:
            name: its name.
            changed: when it was written, in seconds since 1970; None where the server does not say.
        """
        found = _PART.fullmatch(name)
        if found is None or found["task"] != self._task or not self._known:
            return False
        return found["run"] == self._run or (changed is not None and time.time() - changed > _OLD)
