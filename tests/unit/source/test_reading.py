"""Files: what is read, and what is refused before any parser sees it."""

from __future__ import annotations

import os
import time

import pytest

from dagwright.source import MAX_BYTES, read_source


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
