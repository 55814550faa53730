"""The slot of where acme's people hear that a dataflow is done, and its two fillers' common contract."""

from dagwright import Component

__all__ = ["Channel"]


class Channel(Component, abstract=True, default_type="log_channel"):
    """Where it is said that a dataflow is done."""

    def command(self, text: str) -> str:
        """Return the shell command that says it."""
        raise NotImplementedError
