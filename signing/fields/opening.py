"""Open a PDF for changing it: strictly where possible, leniently for the hybrid files of Word and Acrobat."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, Final

from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.errors import DocumentEncrypted, DocumentUnreadable
from signing.fields.growing import GrowingFile

LARGE: Final = 4 * 1024 * 1024
"""From here on as ``GrowingFile``: pyHanko asks ``io.BytesIO`` for its buffer, which copies the file."""


@dataclass(frozen=True, slots=True)
class OpenedPdf:
    """A reader; ``strict`` must be handed on to whatever reads the result; ``hybrid`` tells why it is not."""

    reader: PdfFileReader
    strict: bool
    hybrid: bool


def open_pdf(data: bytes) -> OpenedPdf:
    """Return raises DocumentUnreadable and DocumentEncrypted."""
    return open_stream(GrowingFile(data) if len(data) > LARGE else io.BytesIO(data))


def open_stream(stream: IO[bytes] | GrowingFile) -> OpenedPdf:
    """As ``open_pdf`` for a file that stays open while it is read: only what is asked for comes into memory."""
    stream.seek(0)
    if not looks_like_pdf(stream.read(1024)):
        raise DocumentUnreadable
    try:
        opened = _open(stream)
        encrypted = opened.reader.encrypted
        complete = encrypted or "/Pages" in opened.reader.root
    except Exception as error:  # damaged files raise far more than the library's own classes
        raise DocumentUnreadable from error
    if encrypted:
        raise DocumentEncrypted
    if not complete:
        raise DocumentUnreadable
    return opened


def looks_like_pdf(data: bytes) -> bool:
    """Return a header within the first kilobyte, as readers accept it."""
    return b"%PDF-" in data[:1024]


def _open(stream: IO[bytes] | GrowingFile) -> OpenedPdf:
    try:
        reader = PdfFileReader(stream, strict=True)
        hybrid = bool(reader.xrefs.hybrid_xrefs_present)
    except PdfStrictReadError:
        return OpenedPdf(PdfFileReader(stream, strict=False), strict=False, hybrid=False)
    if hybrid:
        return OpenedPdf(PdfFileReader(stream, strict=False), strict=False, hybrid=True)
    return OpenedPdf(reader, strict=True, hybrid=False)
