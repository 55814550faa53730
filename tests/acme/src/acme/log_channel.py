"""The channel where data names none: the task's own log."""

import shlex

from acme.channel import Channel

__all__ = ["LogChannel"]


class LogChannel(Channel, shorthand="prefix"):
    """Say it in the task's log.

    Attributes:
        prefix: put before the text.

    Example:
        ```yaml
        type: acme_daily
        feeds: [rates.csv]
        done: {prefix: "acme:"}
        ```
    """

    prefix: str = "done:"

    def command(self, text: str) -> str:
        """Return an echo."""
        return f"echo {shlex.quote(f'{self.prefix} {text}')}"
