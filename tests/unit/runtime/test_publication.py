"""What is the same for every server: the order of things, what a taken name means, the manifest, and compression."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from dagwright.runtime.errors import PublishError, WorkspaceError
from dagwright.runtime.parcels import Parcel
from dagwright.runtime.publication import publish_files
from dagwright.runtime.publishing import rows
from dagwright.runtime.targets import Target, TargetTaken
from dagwright.runtime.workspace import RunWorkspace

A, B = b"day,rate\n" * 1000, b"x"


class Shelf(Target):
    """A server in memory, which tells what it was asked for."""

    def __init__(self, **there: bytes) -> None:
        self.seen = {name.replace("_", "."): data for name, data in there.items()}
        self.staged: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.types: dict[str, str | None] = {}
        self.refuses: str | None = None
        self.faster: dict[str, bytes] = {}

    def uri(self, name: str) -> str:
        return f"shelf://{name}"

    def size(self, name: str) -> int | None:
        return len(self.seen[name]) if name in self.seen else None

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        self.asked.append(f"open {name}")
        yield io.BytesIO(self.seen[name])

    def stage(self, parcel: Parcel) -> None:
        self.asked.append(f"stage {parcel.name}")
        with parcel.open() as content:
            self.staged[parcel.name] = content.read()

    def show(self, parcel: Parcel, *, replace: bool) -> None:
        self.asked.append(f"show {parcel.name}")
        if parcel.name in self.faster:
            self.seen[parcel.name] = self.faster.pop(parcel.name)
        if parcel.name == self.refuses:
            raise PublishError("no")
        if parcel.name in self.seen and not replace:
            raise TargetTaken("taken")
        self.seen[parcel.name] = self.staged.pop(parcel.name)
        self.types[parcel.name] = parcel.content_type

    def discard(self, parcel: Parcel) -> None:
        self.staged.pop(parcel.name, None)


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.csv").write_bytes(A)
    (tmp_path / "out/b.csv").write_bytes(B)
    return RunWorkspace(tmp_path)


def test_everything_is_sent_before_anything_is_seen_and_the_manifest_comes_last(workspace):
    shelf = Shelf()

    publish_files(shelf, workspace, ["out/*.csv"], manifest=True)

    assert shelf.asked == [
        *("stage a.csv", "stage b.csv", "show a.csv", "show b.csv"),
        *("stage manifest.json", "show manifest.json"),
    ]
    assert shelf.staged == {}
    assert shelf.types == {"a.csv": None, "b.csv": None, "manifest.json": "application/json"}


def test_the_manifest_says_what_is_out_and_is_the_same_again(workspace):
    texts = []
    for _ in range(2):
        shelf = Shelf()
        published = publish_files(shelf, workspace, ["out/*.csv"], manifest="list.json")
        texts.append(shelf.seen["list.json"])

    assert texts[0] == texts[1]
    assert json.loads(texts[0]) == {
        "version": 1,
        "files": [
            {"file": f"out/{name}", "target": f"shelf://{name}", "bytes": len(data), "sha256": digest(data)}
            for name, data in (("a.csv", A), ("b.csv", B))
        ],
    }
    assert rows(published)[-1] == {
        "file": "list.json",
        "target": "shelf://list.json",
        "bytes": len(texts[0]),
        "sha256": digest(texts[0]),
    }


def test_no_manifest_where_a_file_fails(workspace):
    shelf = Shelf()
    shelf.refuses = "b.csv"

    with pytest.raises(PublishError, match="no"):
        publish_files(shelf, workspace, ["out/*.csv"], manifest=True)

    assert list(shelf.seen) == ["a.csv"]
    assert shelf.staged == {}


def test_compressed_files_are_the_same_bytes_again(workspace):
    (workspace.local_path / "out/c.gz").write_bytes(b"already")
    first, second = Shelf(), Shelf()

    publish_files(first, workspace, ["out/*"], gzip=True)
    (workspace.local_path / "out/a.csv").touch()
    (published, *_) = publish_files(second, workspace, ["out/*"], gzip=True)

    assert first.seen == second.seen
    assert gzip.decompress(first.seen["a.csv.gz"]) == A
    assert first.seen["c.gz"] == b"already"
    assert first.types == {"a.csv.gz": "application/gzip", "b.csv.gz": "application/gzip", "c.gz": None}
    data = first.seen["a.csv.gz"]
    assert (published.file, published.bytes, published.sha256) == ("out/a.csv", len(data), digest(data))
    assert data[4:8] == b"\0\0\0\0"


def test_overwrite_asks_nothing(workspace):
    shelf = Shelf(a_csv=b"old")

    publish_files(shelf, workspace, ["out/a.csv"])

    assert shelf.seen == {"a.csv": A}


def test_error_sends_nothing_when_one_name_is_taken(workspace):
    shelf = Shelf(b_csv=b"y")

    with pytest.raises(PublishError, match=r"'out/b\.csv': shelf://b\.csv is there already, with other content"):
        publish_files(shelf, workspace, ["out/*.csv"], if_exists="error")

    assert shelf.seen == {"b.csv": b"y"}
    assert not [asked for asked in shelf.asked if not asked.startswith("open")]


def test_error_takes_the_same_content_for_published(workspace, caplog):
    # The first try was half done when its worker died.
    caplog.set_level(logging.INFO)
    shelf = Shelf(a_csv=A)

    published = publish_files(shelf, workspace, ["out/*.csv"], manifest=True, if_exists="error")
    again = publish_files(shelf, workspace, ["out/*.csv"], manifest=True, if_exists="error")

    assert published == again
    assert [one.sha256 for one in published[:2]] == [digest(A), digest(B)]
    assert "stage a.csv" not in shelf.asked
    assert shelf.asked.count("stage manifest.json") == 1
    assert "shelf://a.csv is there already, with the same content" in caplog.text


def test_error_looks_at_the_manifest_before_anything_goes_out(workspace):
    shelf = Shelf(manifest_json=b"{}")

    with pytest.raises(PublishError, match=r"shelf://manifest\.json is there already, with other content"):
        publish_files(shelf, workspace, ["out/*.csv"], manifest=True, if_exists="error")

    assert list(shelf.seen) == ["manifest.json"]


@pytest.mark.parametrize(("theirs", "passes"), [(A, True), (b"z" * len(A), False), (b"short", False)])
def test_error_when_somebody_is_faster(workspace, theirs, passes):
    shelf = Shelf()
    shelf.faster = {"a.csv": theirs}

    if passes:
        (published,) = publish_files(shelf, workspace, ["out/a.csv"], if_exists="error")
        assert published.sha256 == digest(A)
    else:
        with pytest.raises(PublishError, match="with other content"):
            publish_files(shelf, workspace, ["out/a.csv"], if_exists="error")
    assert shelf.seen == {"a.csv": theirs}
    assert shelf.staged == {}


def test_skip_leaves_what_is_there_unread(workspace, caplog):
    caplog.set_level(logging.INFO)
    shelf = Shelf(a_csv=b"old")

    published = publish_files(shelf, workspace, ["out/*.csv"], if_exists="skip")

    assert shelf.seen == {"a.csv": b"old", "b.csv": B}
    assert shelf.asked == ["stage b.csv", "show b.csv"]
    assert rows(published)[0] == {
        "file": "out/a.csv",
        "target": "shelf://a.csv",
        "bytes": 3,
        "sha256": "",
        "skipped": True,
    }
    assert "skipped 'out/a.csv': shelf://a.csv is there already" in caplog.text


def test_skip_when_somebody_is_faster(workspace):
    shelf = Shelf()
    shelf.faster = {"a.csv": b"theirs"}

    (published,) = publish_files(shelf, workspace, ["out/a.csv"], if_exists="skip")

    assert published.skipped
    assert shelf.seen == {"a.csv": b"theirs"}


def test_the_manifest_of_a_run_that_skips_is_true(workspace):
    shelf = Shelf(a_csv=b"old", manifest_json=b"{}")

    publish_files(shelf, workspace, ["out/*.csv"], manifest=True, if_exists="skip")

    entries = json.loads(shelf.seen["manifest.json"])["files"]
    assert [(entry["bytes"], entry["sha256"]) for entry in entries] == [(3, digest(b"old")), (1, digest(B))]


def test_nobody_is_asked_when_a_file_is_missing(workspace):
    class Never(Shelf):
        def __enter__(self):
            raise AssertionError

    with pytest.raises(WorkspaceError, match="is not there"):
        publish_files(Never(), workspace, ["out/a.csv", "out/nope.csv"])


def test_an_unknown_rule(workspace):
    with pytest.raises(PublishError, match="'if_exists' is 'overwrite', 'error' or 'skip', not 'replace'"):
        publish_files(Shelf(), workspace, ["out/a.csv"], if_exists="replace")  # type: ignore[arg-type]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
