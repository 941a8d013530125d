"""Cross-references of an update: a table, or a stream where the file has streams (ISO 32000-2, 7.5.4 and 7.5.8)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias

from pyhanko.pdf_utils.reader import PdfFileReader

from signing.appearance import dumped

Numbers: TypeAlias = tuple[int, int]
"""Object number and generation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """What the trailer of an update says; ``entries`` are /Root, /Info and /ID as bytes."""

    size: int
    entries: bytes
    previous: int
    as_stream: bool

    @classmethod
    def of(cls, reader: PdfFileReader, *, size: int) -> Self:
        """Continue the trailer of a file; the second half of /ID is new with every revision."""
        old = reader.trailer
        entries = b"/Root " + dumped(old.raw_get("/Root"))
        if "/Info" in old:
            entries += b"/Info " + dumped(old.raw_get("/Info"))
        first = dumped(old["/ID"][0]) if "/ID" in old else b"<%b>" % os.urandom(16).hex().encode("ascii")
        entries += b"/ID[%b<%b>]" % (first, os.urandom(16).hex().encode("ascii"))
        previous = int(reader.last_startxref or 0)
        return cls(size=size, entries=entries, previous=previous, as_stream=reader.has_xref_stream)


def cross_references(trailer: Trailer, offsets: Mapping[Numbers, int], *, at: int) -> bytes:
    """Return what ends an update that stands at offset ``at``."""
    body = _stream(trailer, offsets, at=at) if trailer.as_stream else _table(trailer, offsets)
    return b"%b\nstartxref\n%d\n%%%%EOF\n" % (body, at)


def _table(trailer: Trailer, offsets: Mapping[Numbers, int]) -> bytes:
    lines = [b"xref\n0 1\n0000000000 65535 f \n"]
    for run in _runs(sorted(offsets)):
        lines.append(b"%d %d\n" % (run[0][0], len(run)))
        lines += [b"%010d %05d n \n" % (offsets[numbers], numbers[1]) for numbers in run]
    lines.append(b"trailer\n<</Size %d%b/Prev %d>>" % (trailer.size, trailer.entries, trailer.previous))
    return b"".join(lines)


def _stream(trailer: Trailer, offsets: Mapping[Numbers, int], *, at: int) -> bytes:
    """Return the stream; it is an object itself, the last one, and names itself."""
    own = trailer.size
    rows = {**offsets, (own, 0): at}
    runs = list(_runs(sorted(rows)))
    index = b" ".join(b"%d %d" % (run[0][0], len(run)) for run in runs)
    data = b"".join(
        b"\x01" + rows[numbers].to_bytes(5, "big") + numbers[1].to_bytes(2, "big") for run in runs for numbers in run
    )
    return b"%d 0 obj\n<</Type/XRef/W[1 5 2]/Index[%b]/Size %d%b/Prev %d/Length %d>>\nstream\n%b\nendstream\nendobj" % (
        own,
        index,
        own + 1,
        trailer.entries,
        trailer.previous,
        len(data),
        data,
    )


def _runs(numbers: list[Numbers]) -> Iterator[list[Numbers]]:
    """Group consecutive object numbers."""
    run: list[Numbers] = []
    for one in numbers:
        if run and one[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(one)
    if run:
        yield run
