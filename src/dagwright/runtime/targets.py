"""Where files are published: what a server has to know, so that everything else is the same for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Protocol, Self

from dagwright.runtime.errors import PublishError
from dagwright.runtime.parcels import Parcel

__all__ = ["Readable", "Target", "TargetTaken"]


class Readable(Protocol):
    """What can be read in pieces."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


class TargetTaken(PublishError):  # noqa: N818  the name says what happened
    """There is a file of this name already, and it was not to be replaced."""


class Target(ABC):
    """A folder of a server, connected as a context manager.

    Files are published in two steps: `stage` sends one so that no reader sees it, `show` gives it its name at once.
    A server that shows a file when it has arrived whole needs no first step. Every method raises `PublishError`, with
    a sentence for the task's log and no credential in it, when the server cannot be reached or refuses.
    """

    def __enter__(self) -> Self:
        """Connect; there is nothing to do unless a subclass has a session."""
        return self

    def __exit__(self, *error: object) -> None:  # noqa: B027  not every server needs it
        """Disconnect."""

    @abstractmethod
    def uri(self, name: str) -> str:
        """Return the address of a file, without any credential."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """Return the bytes of a file that readers see, None where there is none."""

    @abstractmethod
    def open(self, name: str) -> AbstractContextManager[Readable]:
        """Open a file that readers see, to compare it."""

    def stage(self, parcel: Parcel) -> None:  # noqa: B027  not every server needs it
        """Send a file beside its name; `parcel.open()` is what to send."""

    @abstractmethod
    def show(self, parcel: Parcel, *, replace: bool) -> None:
        """Let readers see the whole file under its name.

        Args:
            parcel: the file.
            replace: whether it takes the place of an old one; where not, the server itself has to refuse.

        Raises:
            TargetTaken: there is one, and `replace` is false.
        """

    def discard(self, parcel: Parcel) -> None:  # noqa: B027  not every server needs it
        """Remove what `stage` sent, as far as it came; called where `show` did not succeed."""
