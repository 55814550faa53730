"""Whether the process that supervises the running task is still there.

Airflow runs a task in a process of its own, in a process group of its own, and another process supervises it: sends
the heartbeat, writes the log, stops it. Where that one alone is killed, Airflow starts the task's next try, and the
process of the first try goes on as if nothing had happened. The end of the socket between the two tells.
"""

from __future__ import annotations

import socket
import sys

__all__ = ["supervisor_is_gone"]


def supervisor_is_gone() -> bool:
    """Say whether the running task has lost its supervisor; False where it has none, or none that is known."""
    # Not imported: where nobody has loaded it, nobody supervises.
    runner = sys.modules.get("airflow.sdk.execution_time.task_runner")
    line = getattr(getattr(runner, "SUPERVISOR_COMMS", None), "socket", None)
    if not isinstance(line, socket.socket):
        return False
    try:
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
