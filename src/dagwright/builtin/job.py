"""The slot of jobs."""

from dagwright import OperatorFactory

__all__ = ["Job"]


class Job(OperatorFactory, abstract=True, default_type="container_job"):
    """Something that computes: it reads and writes files of the workspace."""
