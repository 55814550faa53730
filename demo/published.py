"""What the servers hold after a run, read back through their own protocols and compared with the run's files."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tests.integration.servers import S3Endpoint, SftpServer

__all__ = ["Row", "compare", "format_rows", "read_s3", "read_sftp"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published file; a digest is None where that side has no such file."""

    target: str
    name: str
    size: int
    source: str | None
    published: str | None

    @property
    def verdict(self) -> str:
        """`OK`, or what is wrong, in one word."""
        if self.published is None:
            return "MISSING"
        if self.source is None:
            return "STRAY"
        return "OK" if self.source == self.published else "DIFFERS"


def read_sftp(server: SftpServer) -> dict[str, bytes]:
    """Return every file of an SFTP server by its path; the server's host key is checked."""
    import asyncssh

    async def read() -> dict[str, bytes]:
        known = asyncssh.import_known_hosts(f"[{server.host}]:{server.port} {server.host_key}\n")
        async with (
            asyncssh.connect(
                server.host,
                server.port,
                username=server.user,
                password=server.password,
                known_hosts=known,
                client_keys=None,
                config=None,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            return {name: await content(client, name) async for name in names(client, ".")}

    async def names(client: asyncssh.SFTPClient, folder: str) -> Any:
        async for entry in client.scandir(folder):
            name = str(entry.filename)
            if name in {".", ".."}:
                continue
            path = str(PurePosixPath(folder) / name)
            if entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                async for below in names(client, path):
                    yield below
            else:
                yield path

    async def content(client: asyncssh.SFTPClient, path: str) -> bytes:
        async with client.open(path, "rb") as file:
            read: bytes = await file.read()
            return read

    return asyncio.run(read())


def read_s3(endpoint: S3Endpoint, bucket: str) -> dict[str, bytes]:
    """Return every object of a bucket by its key."""
    client = endpoint.client()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
    return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def compare(target: str, files: dict[str, str], published: dict[str, bytes], workspaces: Path) -> Iterator[Row]:
    """Compare what a server holds with what it should hold.

    Args:
        target: what the table calls the server.
        files: by the published name, the path in the run's workspace that belongs there.
        published: what the server holds.
        workspaces: the folder with the workspace of the one run below it.
    """
    for name in sorted(files.keys() | published.keys()):
        source = list(workspaces.rglob(files[name])) if name in files else []
        local = source[0].read_bytes() if len(source) == 1 else None
        remote = published.get(name)
        yield Row(
            target=target,
            name=name,
            size=len(remote if remote is not None else local or b""),
            source=None if local is None else hashlib.sha256(local).hexdigest(),
            published=None if remote is None else hashlib.sha256(remote).hexdigest(),
        )


def format_rows(rows: list[Row]) -> str:
    """Return the rows as a table of at most 80 columns; digests show their first 16 digits."""
    width = max([20, *(len(row.name) for row in rows)])
    head = f"{'where':<5} {'name':<{width}} {'bytes':>6}  {'sha256 at source':<16}  {'sha256 at target':<16}"
    lines = [head, "-" * (len(head) + 4)]
    for row in rows:
        source, published = ((digest or "-")[:16] for digest in (row.source, row.published))
        lines.append(f"{row.target:<5} {row.name:<{width}} {row.size:>6}  {source:<16}  {published:<16}  {row.verdict}")
    return "\n".join(lines)
