"""A file that is only added to, as every update of a signed PDF does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

VIEWED: Final = 64 * 1024
"""Pieces from this size on are not copied."""


class GrowingFile(io.RawIOBase):
    """Bytes that stay as they are, never copied, and what is written behind them.

    ``io.BytesIO`` copies the whole file at the first byte written and holds two of them while it grows; a scan of
    hundreds of megabytes cannot be had three times in memory.
    """

    def __init__(self, base: bytes | memoryview, added: bytes = b"") -> None:
        super().__init__()
        self._base = memoryview(base)
        self._tail = io.BytesIO()
        self._tail.write(added)
        self._at = 0

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self._base) + self._tail.getbuffer().nbytes

    @property
    def added(self) -> bytes:
        """What stands behind the base."""
        return self._tail.getvalue()

    def whole(self) -> bytes:
        """Return the file."""
        return b"".join((self._base, self._tail.getbuffer()))

    def readable(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        """Return as many bytes as there are, up to ``size``.

        A large piece of the base is a view of it: comparing revisions, pyHanko reads and keeps every picture of a scan.
        """
        end = self.size if size is None or size < 0 else min(self._at + size, self.size)
        if end <= self._at:
            return b""
        kept = len(self._base)
        view = self._base[self._at : min(end, kept)]
        self._at, start = end, self._at
        if end <= kept and end - start >= VIEWED:
            return cast("bytes", view)
        found = bytes(view)
        if end > kept:
            found += self._tail.getbuffer()[max(start - kept, 0) : end - kept]
        return found

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a buffer as far as there are bytes."""
        view = memoryview(buffer).cast("B")
        found = self.read(len(view))
        view[: len(found)] = found
        return len(found)

    def write(self, data: ReadableBuffer, /) -> int:
        """Write behind the base. Raises UnsupportedOperation for anything before it."""
        place = self._at - len(self._base)
        if place < 0:
            raise io.UnsupportedOperation("what was there stays as it is")
        self._tail.seek(place)
        written = self._tail.write(data)
        self._at += written
        return written
