"""The signatures that a file carries, named by their values: to compare files with a ledger, not to judge them."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature

from signing.errors import DocumentUnreadable
from signing.fields.opening import open_pdf

_TIMESTAMP_FILTER: Final = "/ETSI.RFC3161"
# Its warnings quote names: personal data, and nothing a reader of logs needs.
_QUIET: Final = ("pyhanko", "pyhanko.pdf_utils.reader", "pyhanko.sign.validation")


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """A signature in a file: its field, the SHA-256 of its value (hex), and where the bytes it covers end."""

    field: str
    sha256: str
    covers_end: int


def list_signatures(data: bytes) -> list[FoundSignature]:
    """Give the signatures in the order of the file, document timestamps left out.

    Raises DocumentUnreadable, DocumentEncrypted. Whether a signature is valid is not asked.
    """
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    reader = open_pdf(data).reader
    try:
        found = {one.sha256: one for one in _each(reader)}
    except Exception as error:  # ASN.1 and PDF errors come in many classes
        raise DocumentUnreadable from error
    return sorted(found.values(), key=lambda one: one.covers_end)


def _each(reader: PdfFileReader) -> list[FoundSignature]:
    found = []
    for name, _value, reference in enumerate_sig_fields(reader, filled_status=True):
        embedded = EmbeddedPdfSignature(reader, reference.get_object(), name)
        stamp = str(embedded.sig_object.get("/SubFilter", "")) == _TIMESTAMP_FILTER
        if stamp or str(embedded.sig_object_type) == "/DocTimeStamp":
            continue
        numbers = [int(number) for number in embedded.sig_object["/ByteRange"]]
        value: bytes = embedded.signer_info["signature"].native
        found.append(FoundSignature(str(name), hashlib.sha256(value).hexdigest(), numbers[2] + numbers[3]))
    return found
