"""Read an update back: one byte range that covers all but the hole, and nothing but objects that are named.

This does not look at how the update was written; it reads what stands there, as a reader of the file will.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from signing.validate.structure import BYTE_RANGE

_NUMBERS: Final = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_END: Final = re.compile(rb"\s*startxref\s+(\d+)\s+%%EOF\s*\Z")
_ROW: Final = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
_SECTION: Final = re.compile(rb"\s*(\d+) (\d+)\s*\r?\n")
_STREAM: Final = re.compile(rb"(\d+) \d+ obj\s*<<(.*?)>>\s*stream\r?\n", re.DOTALL)
_DATA: Final = re.compile(rb">>\s*stream\r?\n")
_LENGTH: Final = re.compile(rb"/Length (\d+)")
_STREAM_END: Final = re.compile(rb"\s*endstream\s*endobj\s*\Z")
_HEAD: Final = re.compile(rb"(\d+)\s+(\d+)\s+obj\b")


def check_structure(update: bytes, base: int, hole: tuple[int, int], byte_range: tuple[int, int, int, int]) -> None:
    """Check the update that stands behind ``base`` bytes; ``hole`` as offsets in it. Raises ValueError."""
    _check_byte_range(update, base, hole, byte_range)
    ending = _END.search(update, max(0, len(update) - 64))
    if ending is None:
        raise ValueError("no end of file")
    place = int(ending.group(1)) - base
    if not hole[1] < place < ending.start():
        raise ValueError("cross-references outside the update")
    section = update[place : ending.start()]
    named = dict(_table(section) if section.startswith(b"xref") else _stream(section))
    _check_objects(update, base, place, named)


def _check_byte_range(update: bytes, base: int, hole: tuple[int, int], byte_range: tuple[int, int, int, int]) -> None:
    """One byte range, in the object of the hole."""
    found = _NUMBERS.search(update)
    if found is None or len(BYTE_RANGE.findall(update)) != 1:
        raise ValueError("not one byte range")
    numbers = tuple(int(number) for number in found.groups())
    between = update[hole[1] : found.start()] + update[found.end() : hole[0]]
    if numbers != byte_range or sum(numbers[2:]) != base + len(update) or b"endobj" in between:
        raise ValueError("the byte range is another")


def _table(section: bytes) -> Iterator[tuple[int, int]]:
    """Yield object numbers and offsets of a classic section."""
    position = len(b"xref")
    while (head := _SECTION.match(section, position)) is not None:
        first, count = int(head.group(1)), int(head.group(2))
        rows = section[head.end() : head.end() + 20 * count]
        found = _ROW.findall(rows)
        if len(found) != count or len(rows) != 20 * count:
            raise ValueError("a broken table")
        yield from ((first + index, int(row[0])) for index, row in enumerate(found) if row[2] == b"n")
        position = head.end() + 20 * count
    if not section[position:].lstrip().startswith(b"trailer"):
        raise ValueError("no trailer")


def _stream(section: bytes) -> Iterator[tuple[int, int]]:
    """Yield object numbers and offsets of a cross-reference stream."""
    head = _STREAM.match(section)
    if head is None:
        raise ValueError("no cross-references")
    entries = head.group(2)
    widths = [int(width) for width in _array(entries, b"/W")]
    index = [int(number) for number in _array(entries, b"/Index")]
    data = section[head.end() : section.rindex(b"endstream")].rstrip(b"\r\n") if b"/Filter" not in entries else b""
    if b"/Filter" in entries:
        if b"/DecodeParms" in entries:
            raise ValueError("predicted cross-references")
        data = zlib.decompress(section[head.end() :])
    rows = (data[at : at + sum(widths)] for at in range(0, len(data), sum(widths)))
    numbers = (first + step for first, count in zip(index[::2], index[1::2], strict=True) for step in range(count))
    for number, row in zip(numbers, rows, strict=False):
        if row[: widths[0]] == b"\x01" and number != int(head.group(1)):
            yield number, int.from_bytes(row[widths[0] : widths[0] + widths[1]], "big")


def _array(entries: bytes, key: bytes) -> list[bytes]:
    found = re.search(re.escape(key) + rb"\s*\[([\d\s]*)\]", entries)
    if found is None:
        raise ValueError("an entry is missing")
    return found.group(1).split()


def _check_objects(update: bytes, base: int, end: int, named: dict[int, int]) -> None:
    """Object follows object without a gap, each where it is said to be; the cross-references follow the last."""
    places = sorted((offset - base, number) for number, offset in named.items())
    if not places or places[0][0] < 0 or update[: places[0][0]].strip():
        raise ValueError("something before the first object")
    limits = [*(start for start, _number in places[1:]), end]
    for (start, number), limit in zip(places, limits, strict=True):
        head = _HEAD.match(update, start)
        if head is None or int(head.group(1)) != number:
            raise ValueError("an object is not where it is said to be")
        _check_object(update[head.end() : limit])


def _check_object(body: bytes) -> None:
    """Check that one object ends where the next begins: nothing hides behind it."""
    stream = _DATA.search(body)
    if stream is None:
        if body.count(b"endobj") != 1 or not body.rstrip().endswith(b"endobj"):
            raise ValueError("something behind an object")
        return
    length = _LENGTH.search(body, 0, stream.start())
    if length is None or not _STREAM_END.match(body, stream.end() + int(length.group(1))):
        raise ValueError("something behind a stream")
