"""What the bytes themselves must show, whatever a PDF library makes of them.

A library's coverage verdict adds up lengths. Here the hole of the byte range is compared with the signature value digit
by digit, and what follows the last signature must be nothing but objects that a cross-reference section names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

BYTE_RANGE: Final = re.compile(rb"/ByteRange\s*\[")
_OBJECT: Final = re.compile(rb"(?<![0-9])(\d{1,10})\s+(\d{1,5})\s+obj\b")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]*\Z")
_END: Final = re.compile(rb"startxref\s+\d+\s+%%EOF(?:\r\n|\n|\r)?")
_WHITESPACE: Final = b"\x00\t\n\f\r "


def count_byte_ranges(data: bytes) -> int:
    """How many signature dictionaries the raw bytes show."""
    return len(BYTE_RANGE.findall(data))


def end_of_last_revision(data: bytes) -> int | None:
    """Return the offset behind the last ``startxref ... %%EOF``, or None."""
    return max((match.end() for match in _END.finditer(data)), default=None)


def byte_range_of(embedded: EmbeddedPdfSignature, size: int) -> tuple[int, int, int, int] | None:
    """Return the four numbers when they are in order and inside the file, else None."""
    numbers = [int(number) for number in embedded.byte_range]
    if len(numbers) != 4:
        return None
    start, length, resume, rest = numbers
    if start != 0 or length <= 0 or rest < 0 or resume <= length or resume + rest > size:
        return None
    return start, length, resume, rest


def hole_is_contents(data: bytes, embedded: EmbeddedPdfSignature) -> bool:
    """Return True when the hole of the byte range is just ``<hex>``, this very /Contents, padded with zeros."""
    numbers = byte_range_of(embedded, len(data))
    if numbers is None:
        return False
    _start, length, resume, _rest = numbers
    hole = data[length:resume]
    if hole[:1] != b"<" or hole[-1:] != b">" or not _HEX.match(hole[1:-1]) or len(hole) % 2:
        return False
    content = bytes.fromhex(hole[1:-1].decode("ascii"))
    if content != embedded.pkcs7_content or content[_der_length(content) :].strip(b"\x00"):
        return False
    before = data[max(0, length - 64) : length].rstrip(_WHITESPACE)
    return before.endswith(b"/Contents") and _inside_its_object(data, embedded, length, resume)


def tail_is_explained(data: bytes, reader: PdfFileReader, *, after: int, revision: int) -> bool:
    """Return True when cross-reference sections after ``revision`` name every object behind offset ``after``.

    ``after`` is the end of the last signature's byte range. White space alone is allowed.
    """
    tail = data[after:]
    if not tail.strip(_WHITESPACE):
        return True
    if not tail.rstrip(_WHITESPACE).endswith(b"%%EOF"):
        return False
    total = reader.xrefs.total_revisions
    if total <= revision + 1:
        return False
    known = _offsets(reader, range(revision + 1, total))
    return all(after + match.start() in known for match in _OBJECT.finditer(tail))


def _offsets(reader: PdfFileReader, revisions: Iterable[int]) -> set[int]:
    offsets: set[int] = set()
    for revision in revisions:
        offsets.add(reader.xrefs.get_startxref_for_revision(revision))
        for reference in reader.xrefs.explicit_refs_in_revision(revision):
            position = reader.xrefs.get_historical_ref(reference, revision)
            if isinstance(position, int):
                offsets.add(position)
    return offsets


def _inside_its_object(data: bytes, embedded: EmbeddedPdfSignature, length: int, resume: int) -> bool:
    """Return the hole lies in the very object that the form field points to."""
    container = embedded.sig_object.container_ref
    if container is None:
        return False
    offset = embedded.reader.xrefs[container]
    if not isinstance(offset, int) or offset > length:
        return False
    end = data.find(b"endobj", resume)
    return b"endobj" not in data[offset:length] and end != -1


def _der_length(content: bytes) -> int:
    """Length in bytes of the first DER value; the whole when it cannot be told."""
    if len(content) < 2:
        return len(content)
    first = content[1]
    if first < 0x80:
        return 2 + first
    octets = first & 0x7F
    if octets == 0 or len(content) < 2 + octets:
        return len(content)
    return 2 + octets + int.from_bytes(content[2 : 2 + octets], "big")
