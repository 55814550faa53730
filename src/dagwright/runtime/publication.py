"""Publishing from the first look to the manifest, the same for every server.

A run that fails half-way is repeated by Airflow, and so is one that succeeded without anybody noticing. That is why a
file that is there already with the same content is as good as published, also where files must not be replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
from collections.abc import Sequence
from typing import Any, Literal

from dagwright.runtime.errors import PublishError
from dagwright.runtime.file_patterns import manifest_name
from dagwright.runtime.parcels import Parcel, pack
from dagwright.runtime.publishing import CHUNK, Published, log_published, plan_sources
from dagwright.runtime.targets import Target, TargetTaken
from dagwright.runtime.workspace import RunWorkspace

__all__ = ["IfExists", "publish_files"]

IfExists = Literal["overwrite", "error", "skip"]

log = logging.getLogger("dagwright.runtime.publish")


def publish_files(
    target: Target,
    workspace: RunWorkspace,
    files: Sequence[str],
    *,
    gzip: bool = False,
    manifest: bool | str | None = None,
    if_exists: IfExists = "overwrite",
) -> list[Published]:
    """Publish files of a workspace, the manifest last.

    Args:
        target: where to; it is entered as a context manager when all files were looked at.
        workspace: where from.
        files: paths and patterns.
        gzip: compress each, and add `.gz` to its name.
        manifest: the name of a JSON file that lists what is out; True is `manifest.json`.
        if_exists: what to do with a file whose name is taken. `error` looks before the first one goes out and lets
            pass what has the same content; `skip` leaves it as it is, whatever it holds.

    Raises:
        PublishError: when the target refuses, or a name is taken and `if_exists` is `error`.
        WorkspaceError: when a file is not there; then nothing is published.
    """
    if if_exists not in ("overwrite", "error", "skip"):
        raise PublishError(f"'if_exists' is 'overwrite', 'error' or 'skip', not '{if_exists}'")
    sources = plan_sources(workspace, files, gzip=gzip, manifest=manifest)
    name = manifest_name(manifest)
    with pack(workspace, sources, gzip=gzip) as parcels, target:
        publication = _Publication(target, if_exists)
        known = [publication.known(parcel) for parcel in parcels]
        if name is not None and if_exists == "error" and target.size(name) is not None:
            publication.known(publication.manifest(name, parcels, known))
        published = publication.send(parcels, known)
        if name is not None:
            # It says what this run found, so a run that skips files renews it all the same.
            last = _Publication(target, "overwrite" if if_exists == "skip" else if_exists)
            parcel = publication.manifest(name, parcels, published)
            published += last.send([parcel], [last.known(parcel)])
    return published


class _Publication:
    """One target, and what is done where a name is taken."""

    def __init__(self, target: Target, if_exists: IfExists) -> None:
        self._target = target
        self._if_exists = if_exists

    def known(self, parcel: Parcel) -> Published | None:
        """Return what there is to say of a file that need not be sent, None where it has to be."""
        if self._if_exists == "overwrite":
            return None
        size = self._target.size(parcel.name)
        if size is None:
            return None
        if self._if_exists == "skip":
            return self._published(parcel, size, "", skipped=True)
        if size == parcel.size:
            mine = parcel.sent[1]
            if mine == self._digest(parcel.name):
                log.info("%s is there already, with the same content", self._target.uri(parcel.name))
                return self._published(parcel, size, mine)
        raise PublishError(
            f"cannot publish '{parcel.file}': {self._target.uri(parcel.name)} is there already, with other content, "
            "and 'if_exists' is 'error'"
        )

    def send(self, parcels: Sequence[Parcel], known: Sequence[Published | None]) -> list[Published]:
        """Publish those of which nothing is known."""
        staged: list[Parcel] = []
        published: list[Published] = []
        try:
            for parcel, already in zip(parcels, known, strict=True):
                if already is None:
                    staged.append(parcel)  # before its first byte is sent, so that it is removed whatever happens
                    self._target.stage(parcel)
            for parcel, already in zip(parcels, known, strict=True):
                published.append(already or self._show(parcel, staged))
                log_published(published[-1])
        finally:
            for parcel in staged:
                with contextlib.suppress(PublishError):  # what stopped it is the news
                    self._target.discard(parcel)
        return published

    def _show(self, parcel: Parcel, staged: list[Parcel]) -> Published:
        try:
            self._target.show(parcel, replace=self._if_exists == "overwrite")
        except TargetTaken:
            # Somebody was faster, or an answer to our own try was lost.
            already = self.known(parcel)
            if already is None:
                raise
            return already
        staged.remove(parcel)
        return self._published(parcel, *parcel.sent)

    def manifest(self, name: str, parcels: Sequence[Parcel], published: Sequence[Published | None]) -> Parcel:
        """Return the manifest of files that are out, or will be."""
        entries: list[dict[str, Any]] = []
        for parcel, one in zip(parcels, published, strict=True):
            size, digest = (one.bytes, one.sha256) if one is not None else parcel.sent
            entry = {"file": parcel.file, "target": self._target.uri(parcel.name), "bytes": size}
            entries.append({**entry, "sha256": digest or self._digest(parcel.name)})
        text = json.dumps({"version": 1, "files": entries}, indent=2, ensure_ascii=False)
        data = f"{text}\n".encode()
        return Parcel(
            file=name, name=name, size=len(data), opener=lambda: io.BytesIO(data), content_type="application/json"
        )

    def _digest(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._target.open(name) as content:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def _published(self, parcel: Parcel, size: int, sha256: str, *, skipped: bool = False) -> Published:
        target = self._target.uri(parcel.name)
        return Published(file=parcel.file, target=target, bytes=size, sha256=sha256, skipped=skipped)
