"""A factory that knows nothing of Dagwright: acme had it before.

Example:
    ```yaml
    tasks:
      begun: {type: touch_marker, marker: {folder: /var/run/acme, file: begun}}
    ```
"""

from dataclasses import dataclass, field
from shlex import quote
from typing import Any

__all__ = ["Marker", "TouchMarker"]


@dataclass
class Marker:
    """Where a marker lies."""

    folder: str
    file: str = "done"


@dataclass
class TouchMarker:
    """Touch a file, so that others see that something has happened."""

    task_id: str
    marker: Marker
    also: list[str] = field(default_factory=list)

    def make_operator(self) -> Any:
        """Return an operator that touches the file."""
        from airflow.providers.standard.operators.bash import BashOperator

        files = [f"{self.marker.folder}/{self.marker.file}", *self.also]
        return BashOperator(task_id=self.task_id, bash_command=f"touch {' '.join(map(quote, files))}")
