"""The digest that comes of reading is that of the bytes that an upload sent."""

from __future__ import annotations

import hashlib
import io

import pytest

from dagwright.runtime.hashing import HashingReader

DATA = b"day,rate\n2026-01-01,1.25\n"


def result(reader: HashingReader) -> tuple[int, str]:
    return reader.size, reader.sha256


def expected(data: bytes) -> tuple[int, str]:
    return len(data), hashlib.sha256(data).hexdigest()


def test_pieces_make_the_digest_of_the_whole():
    reader = HashingReader(io.BytesIO(DATA))
    assert b"".join(iter(lambda: reader.read(4), b"")) == DATA
    assert result(reader) == expected(DATA)


def test_looking_for_the_size_changes_nothing():
    reader = HashingReader(io.BytesIO(DATA))
    reader.read(4)
    assert reader.seek(0, io.SEEK_END) == reader.tell() == len(DATA)
    reader.seek(4)
    assert reader.read(None) == DATA[4:]
    assert result(reader) == expected(DATA)


@pytest.mark.parametrize("first", [0, 4, -1])
def test_who_starts_again_gets_a_new_digest(first: int):
    file = io.BytesIO(DATA)
    reader = HashingReader(file)
    reader.read(first)
    file.seek(0)
    file.write(b"DAY")
    reader.seek(0)
    reader.read()
    assert result(reader) == expected(b"DAY" + DATA[3:])


def test_reading_out_of_order_is_refused():
    reader = HashingReader(io.BytesIO(DATA))
    reader.read(4)
    reader.seek(2)
    with pytest.raises(OSError, match="read at byte 2 instead of 4"):
        reader.read(2)


def test_nothing_read_is_the_digest_of_nothing():
    assert result(HashingReader(io.BytesIO(DATA))) == expected(b"")


def test_what_is_iterated_is_read_and_a_block_closes_it():
    file = io.BytesIO(DATA)
    with HashingReader(file) as reader:
        assert b"".join(reader) == DATA
    assert result(reader) == expected(DATA)
    assert file.closed
