"""The digest of a file while somebody else reads it to send it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import IO, Self

__all__ = ["HashingReader"]

_CHUNK = 256 * 1024


class HashingReader:
    """A binary file for an upload, which hashes what the upload reads.

    An upload reads from the beginning to the end. To sign or to try again it starts at the beginning once more, and
    so does the digest: it is that of the last time, of the bytes that arrived.

    Attributes:
        size: how many bytes were read the last time.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The digest of what was read the last time, in hexadecimal digits."""
        return self._digest.hexdigest()

    def read(self, size: int | None = -1) -> bytes:
        """Read on.

        Raises:
            OSError: when this is neither the beginning nor where the last read ended, so that no digest would be true.
        """
        place = self._file.tell()
        if place != self.size:
            if place != 0:
                raise io.UnsupportedOperation(f"read at byte {place} instead of {self.size}")
            self._digest, self.size = hashlib.sha256(), 0
        data = self._file.read(-1 if size is None else size)
        self._digest.update(data)
        self.size += len(data)
        return data

    def __iter__(self) -> Iterator[bytes]:
        while data := self.read(_CHUNK):
            yield data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file, such as its end to learn its size."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Say that `seek` works, as it does for every file of a workspace."""
        return self._file.seekable()

    def readable(self) -> bool:
        """Say that `read` works."""
        return True

    def close(self) -> None:
        """Close the file; an upload does so when it is done."""
        self._file.close()
