"""A file in memory or on disk, as the phases of a signature read it: in pieces, never whole where that is large."""

from __future__ import annotations

from typing import IO, Final, Protocol

from signing.fields import GrowingFile

CHUNK: Final = 1024 * 1024
"""Bytes read at a time."""


class Digest(Protocol):
    """What ``hashlib`` makes."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take more bytes."""


class Content(Protocol):
    """Bytes at offsets."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def part(self, start: int, end: int) -> bytes:
        """Return some bytes."""

    def whole(self) -> bytes | memoryview:
        """Return all bytes, not copied where they are in memory."""

    def feed(self, *digests: Digest, start: int, end: int) -> None:
        """Feed some bytes to digests, in one reading."""

    def holds(self, needle: bytes) -> bool:
        """Return True when the bytes stand somewhere in it."""


class MemoryContent:
    """Bytes at hand, or the first ``size`` of them."""

    def __init__(self, data: bytes, size: int | None = None) -> None:
        self._data = data
        self._view = memoryview(data)[:size]
        self.size = len(self._view)

    def part(self, start: int, end: int) -> bytes:
        """Return some bytes."""
        return bytes(self._view[start:end])

    def whole(self) -> memoryview:
        """Return all bytes, not copied."""
        return self._view

    def feed(self, *digests: Digest, start: int, end: int) -> None:
        """Feed some bytes to digests."""
        piece = self._view[start:end]
        for digest in digests:
            digest.update(piece)

    def holds(self, needle: bytes) -> bool:
        """Return True when the bytes stand somewhere in it."""
        return self._data.find(needle, 0, self.size) >= 0


class FileContent:
    """An open file, of which at most a megabyte is in memory."""

    def __init__(self, file: IO[bytes] | GrowingFile) -> None:
        self._file = file
        self.size = file.seek(0, 2)

    def part(self, start: int, end: int) -> bytes:
        """Return some bytes."""
        self._file.seek(start)
        return self._file.read(end - start)

    def whole(self) -> bytes:
        """Return all bytes."""
        return self.part(0, self.size)

    def feed(self, *digests: Digest, start: int, end: int) -> None:
        """Feed some bytes to digests. Raises OSError when the file became shorter."""
        self._file.seek(start)
        while start < end:
            piece = self._file.read(min(CHUNK, end - start))
            if not piece:
                raise OSError("the file ended early")
            for digest in digests:
                digest.update(piece)
            start += len(piece)

    def holds(self, needle: bytes) -> bool:
        """Return True when the bytes stand somewhere in it."""
        self._file.seek(0)
        before = b""
        while piece := self._file.read(CHUNK):
            if needle in before + piece:
                return True
            before = piece[1 - len(needle) :]
        return False
