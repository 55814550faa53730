"""The slot of what brings files into a workspace."""

from dagwright import OperatorFactory

__all__ = ["Feed"]


class Feed(OperatorFactory, abstract=True, default_type="download_feed"):
    """Something that brings one file into the workspace, as `in/<file>`."""
