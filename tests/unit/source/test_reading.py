"""Files: what is read, and what is refused before any parser sees it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dagwright.source import MAX_BYTES, content_of, read_source


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.yaml"


def test_text(path):
    path.write_bytes("a: é😀\r\n".encode())
    source, found = read_source(path, "dags/file.yaml")
    assert found == []
    assert source is not None
    assert (source.name, source.text) == ("dags/file.yaml", "a: é😀\r\n")


def test_byte_order_mark_is_dropped(path):
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    source, _ = read_source(path, "file.yaml")
    assert source is not None
    assert source.text == "a: 1"


def test_hundred_megabytes_cost_nothing(path):
    with path.open("wb") as file:
        file.truncate(100_000_000)
    begin = time.perf_counter()
    source, (found,) = read_source(path, "file.yaml")
    assert time.perf_counter() - begin < 0.1
    assert source is None
    assert (found.code, found.file) == ("DW102", "file.yaml")
    assert "100,000,000" in found.message
    assert f"{MAX_BYTES:,}" in found.message


def test_limit_is_inclusive(path):
    path.write_bytes(b"12345")
    assert read_source(path, "file.yaml", max_bytes=5)[0] is not None
    assert read_source(path, "file.yaml", max_bytes=4)[0] is None


def test_other_encoding(path):
    path.write_bytes(b"\xef\xbb\xbfa: 1\nb: x\xe9\n")
    source, (found,) = read_source(path, "file.yaml")
    assert source is None
    assert (found.code, found.message) == ("DW101", "the file is not UTF-8: byte 0xe9 at offset 9")
    assert str(found.span) == "file.yaml:2:5"


def test_utf_16(path):
    path.write_text("a: 1", "utf-16")
    _, (found,) = read_source(path, "file.yaml")
    assert found.code == "DW101"
    assert "UTF-16" in found.help


def test_missing_file(path):
    source, (found,) = read_source(path, "file.yaml")
    assert source is None
    assert (found.code, found.file) == ("DW116", "file.yaml")
    assert str(path) not in found.message


def test_folder(tmp_path):
    assert [found.code for found in read_source(tmp_path, "x")[1]] == ["DW116"]


def test_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert [found.code for found in read_source(tmp_path / "pipe", "pipe")[1]] == ["DW116"]


def test_what_a_file_holds_now(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    assert content_of(file) is None
    file.write_bytes(b"a: 1\n")
    assert content_of(str(file)) == b"a: 1\n"
    file.write_bytes(b"")
    assert content_of(file) == b""


def test_what_is_no_file_holds_nothing_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    assert [content_of(each) for each in (tmp_path, tmp_path / "pipe", tmp_path / "endless")] == [None] * 3


def test_of_a_large_file_the_beginning_is_read(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"x" * (MAX_BYTES + 10))
    assert len(content_of(file) or b"") == MAX_BYTES + 1
