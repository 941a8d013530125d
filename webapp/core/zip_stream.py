"""A ZIP file that is written piece by piece, so that fifty documents never lie in memory together."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator


class _Pieces(io.RawIOBase):
    """Takes what is written and gives it on; it cannot go back, so `zipfile` writes sizes behind each file."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        self._held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Give what was written since the last call."""
        held = b"".join(self._held)
        self._held.clear()
        return held


def stream_zip(files: Iterable[tuple[str, Callable[[], bytes]]], *, at: dt.datetime) -> Iterator[bytes]:
    """Give the pieces of a ZIP of (name, how to read it); PDFs are compressed already and are stored as they are.

    `at` is the local time that every entry carries.
    """
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as archive:
        for name, read in files:
            entry = zipfile.ZipInfo(name, date_time=(at.year, at.month, at.day, at.hour, at.minute, at.second))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, read())
            yield pieces.take()
    yield pieces.take()
