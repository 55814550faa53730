"""A channel for machines: a line in a file."""

import shlex

from acme.channel import Channel

__all__ = ["FileChannel"]


class FileChannel(Channel, shorthand="path", aliases=["journal"]):
    """Append a line to a file of the worker.

    Attributes:
        path: the file, absolute.

    Example:
        ```yaml
        type: acme_daily
        feeds: [rates.csv]
        done: {type: file, path: /var/log/acme/dataflows.log}
        ```
    """

    path: str

    def command(self, text: str) -> str:
        """Return an echo into the file."""
        return f"echo {shlex.quote(text)} >> {shlex.quote(self.path)}"
