"""What can go wrong on a worker, each as one exception whose message is a sentence for the task's log."""

from __future__ import annotations

from dagwright.diagnostics import DagwrightError

__all__ = [
    "CallError",
    "MissingPackageError",
    "ProcessFailed",
    "ProcessRefused",
    "PublishError",
    "RunError",
    "SuiteError",
    "UnreadableFile",
    "ValidationFailed",
    "WarehouseError",
    "WorkspaceError",
]


class RunError(DagwrightError):
    """The root of what fails on a worker."""


class WorkspaceError(RunError):
    """A path leaves the workspace, a file is not there, or the workspace itself cannot be used."""


class MissingPackageError(RunError):
    """An optional package is not installed where the task runs."""


class ProcessRefused(RunError):  # noqa: N818  the name says what happened
    """The project does not allow jobs as subprocesses of the worker."""


class ProcessFailed(RunError):  # noqa: N818  the name says what happened
    """A job's process ended with an exit code other than 0, or could not start.

    Attributes:
        exit_code: as a shell shows it; minus the signal's number where a signal ended the process itself.
    """

    def __init__(self, message: str, *, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        return _remake_process_failed, (str(self), self.exit_code)


def _remake_process_failed(message: str, exit_code: int) -> ProcessFailed:
    return ProcessFailed(message, exit_code=exit_code)


class CallError(RunError):
    """A Python callable does not import, or its arguments or its result do not fit."""


class SuiteError(RunError):
    """A suite file is no Great Expectations suite."""


class UnreadableFile(RunError):  # noqa: N818  the name says what is wrong
    """A data file is empty, does not parse, or has a format that nothing here reads."""


class ValidationFailed(RunError):  # noqa: N818  the name says what happened
    """A file does not meet its suite."""


class PublishError(RunError):
    """A file cannot be published."""


class WarehouseError(RunError):
    """A table cannot be loaded; it is as it was."""
