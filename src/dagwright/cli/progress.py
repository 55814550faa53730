"""How far a run is: a line for each change, and on a terminal what is running right now below them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from dagwright.cli.screen import is_terminal, wants_color
from dagwright.diagnostics.cells import show

if TYPE_CHECKING:
    from rich.live import Live

    from dagwright.adapters.local import TaskEvent

__all__ = ["STATE_STYLES", "Progress", "format_event", "progress", "task_name"]

STATE_STYLES = {
    "success": "32",
    "failed": "1;31",
    "upstream_failed": "33",
    "skipped": "35",
    "up_for_retry": "33",
    "up_for_reschedule": "36",
    "running": "36",
}
_STATE_CELLS = max(map(len, STATE_STYLES))


class Progress:
    """Prints events as they come; `live` is None where nobody watches."""

    def __init__(self, live: Live | None, *, color: bool) -> None:
        self._live = live
        self._color = color
        self._running: dict[tuple[str, int], float] = {}
        self._idle = "starting Airflow"

    def __call__(self, event: TaskEvent) -> None:
        """Print one event."""
        key = (event.task_id, event.map_index)
        if event.state == "running":
            self._running[key] = time.monotonic()
        else:
            self._running.pop(key, None)
        self._idle = "waiting"
        line = format_event(event, color=self._color)
        if self._live is None:
            click.echo(line, color=self._color)
        elif event.state != "running":
            from rich.text import Text

            self._live.console.print(Text.from_ansi(line), soft_wrap=True)

    def __rich__(self) -> Any:
        """Say what is running now; rich asks several times a second."""
        from rich.spinner import Spinner
        from rich.text import Text

        now = time.monotonic()
        running = [f"{show(task_name(*key))} {now - since:.0f} s" for key, since in self._running.items()]
        # A spinner that is made anew starts anew, so the clock turns it.
        frames = Spinner("dots").frames
        frame = frames[int(now * 10) % len(frames)]
        return Text(f"{frame} {', '.join(running) or self._idle}", overflow="ellipsis", no_wrap=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress on standard output while the context is open."""
    color = wants_color()
    if not is_terminal(sys.stdout):
        yield Progress(None, color=color)
        return
    from rich.console import Console
    from rich.live import Live

    # A run takes standard output for its tasks; this duplicate stays the terminal's.
    sys.stdout.flush()
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="replace") as terminal:
        console = Console(file=terminal, force_terminal=True, no_color=not color, highlight=False, markup=False)
        live = Live(console=console, refresh_per_second=8, transient=True, redirect_stdout=False, redirect_stderr=False)
        shown = Progress(live, color=color)
        live.update(shown)
        with live:
            yield shown


def format_event(event: TaskEvent, *, color: bool) -> str:
    """Write one event as a line: time, state, task, and what else is known."""
    state = f"{event.state:<{_STATE_CELLS}}"
    if color:
        state = f"\x1b[{STATE_STYLES.get(event.state, '0')}m{state}\x1b[0m"
    more = "" if event.seconds is None else f"  {event.seconds:.1f} s"
    if event.try_number > 1:
        more += f"  try {event.try_number}"
    if event.wait is not None:
        more += f"  again in {event.wait:.0f} s"
    return f"{time.strftime('%H:%M:%S')}  {state}  {show(task_name(event.task_id, event.map_index))}{more}"


def task_name(task_id: str, map_index: int) -> str:
    """Return a task instance's name: that of a mapped task ends in its index."""
    return task_id if map_index < 0 else f"{task_id}[{map_index}]"
