"""A file on its way out: what is sent under which name, as it is or compressed, and the digest of what was sent."""

from __future__ import annotations

import gzip as gzip_format
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from dagwright.runtime.hashing import HashingReader
from dagwright.runtime.publishing import CHUNK, Source
from dagwright.runtime.workspace import RunWorkspace

__all__ = ["Parcel", "pack"]

_LEVEL = 6  # gzip's own


class Parcel:
    """One file as its readers will find it.

    Attributes:
        file: the path in the workspace that it was made of.
        name: what it is called where it goes.
        size: its bytes.
        content_type: for servers that keep one; None leaves it to them.
    """

    def __init__(
        self, *, file: str, name: str, size: int, opener: Callable[[], IO[bytes]], content_type: str | None = None
    ) -> None:
        self.file = file
        self.name = name
        self.size = size
        self.content_type = content_type
        self._opener = opener
        self._last: HashingReader | None = None

    def open(self) -> HashingReader:
        """Open the content from its beginning; what is read is hashed meanwhile."""
        self._last = HashingReader(self._opener())
        return self._last

    @property
    def sent(self) -> tuple[int, str]:
        """How many bytes were read the last time, and their SHA-256; read now where nobody did."""
        if self._last is None:
            with self.open() as content:
                for _ in content:
                    pass
        assert self._last is not None  # noqa: S101  `open` sees to it
        return self._last.size, self._last.sha256


@contextmanager
def pack(workspace: RunWorkspace, sources: Sequence[Source], *, gzip: bool) -> Iterator[list[Parcel]]:
    """Give every file as a parcel.

    What is compressed is so on this machine's disk first: its size is known before it is sent, and it can be sent
    again or compared. The same content gives the same bytes (no time stamp and no name in the header).
    """
    with tempfile.TemporaryDirectory(prefix="dagwright-publish-") as folder:
        yield [_packed(workspace, source, Path(folder) if gzip else None) for source in sources]


def _packed(workspace: RunWorkspace, source: Source, folder: Path | None) -> Parcel:
    if folder is None or source.name == source.file.rpartition("/")[2]:
        return Parcel(file=source.file, name=source.name, size=source.size, opener=lambda: workspace.open(source.file))
    copy = folder / source.name
    with workspace.open(source.file) as reader, copy.open("wb") as raw:
        writer: Any = gzip_format.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=raw, mtime=0)
        with writer:
            while chunk := reader.read(CHUNK):
                writer.write(chunk)
    return Parcel(
        file=source.file,
        name=source.name,
        size=copy.stat().st_size,
        opener=lambda: copy.open("rb"),
        content_type="application/gzip",
    )
