"""A file that is only added to: its base is never written over and never copied."""

import io
import random

import pytest

from signing.fields import GrowingFile
from signing.fields.growing import VIEWED


def test_it_reads_and_writes_like_a_file_in_memory() -> None:
    dice = random.Random(7)
    base = dice.randbytes(300)
    ours, other = GrowingFile(base, b"tail"), io.BytesIO(base + b"tail")
    for _ in range(500):
        place, many = dice.randrange(420), dice.choice([0, 1, 3, 50, 400, -1])
        assert ours.seek(place) == other.seek(place)
        assert ours.read(many) == other.read(many)
        assert ours.tell() == other.tell()
        written = dice.randbytes(dice.randrange(5))
        later = dice.randrange(300, 310)
        ours.seek(later)
        other.seek(later)
        assert ours.write(written) == other.write(written)
        buffers = bytearray(40), bytearray(40)
        assert [ours.seek(-20, io.SEEK_END), ours.readinto(buffers[0])] == [
            other.seek(-20, io.SEEK_END),
            other.readinto(buffers[1]),
        ]
        assert buffers[0] == buffers[1]
    assert ours.whole() == other.getvalue()
    assert ours.whole()[:300] == base
    assert (ours.size, ours.added) == (len(other.getvalue()), other.getvalue()[300:])


def test_a_large_piece_is_no_copy() -> None:
    base = bytes(3 * VIEWED)
    file = GrowingFile(base, b"x")
    view = file.read(2 * VIEWED)
    assert isinstance(view, memoryview)
    assert (view.obj is base, file.tell()) == (True, 2 * VIEWED)
    assert file.read() == bytes(VIEWED) + b"x"


def test_what_was_there_stays() -> None:
    file = GrowingFile(b"signed")
    file.seek(5)
    with pytest.raises(io.UnsupportedOperation):
        file.write(b"x")
    with pytest.raises(ValueError, match="before"):
        file.seek(-1)
    assert file.whole() == b"signed"
