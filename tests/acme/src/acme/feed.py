"""The slot of what brings files into a workspace."""

from collections.abc import Iterable

from dagwright import CheckContext, Diagnostic, OperatorFactory

__all__ = ["Feed"]


class Feed(OperatorFactory, abstract=True, default_type="download_feed"):
    """Something that brings one file into the workspace, as `in/<file>`."""

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find feeds whose file only one of several workers would see."""
        if context.settings.several_workers and context.settings.workspace_is_own:
            yield context.error("", "the next task may run on another worker, which has no such file", code="DW219")
