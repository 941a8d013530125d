"""Files that came back from a signing tool which is not ours: what the ledger keeps of the one signature they add."""

import hashlib
from typing import Final

from signing import Surroundings, TrustStore
from signing.model import FileReport
from signing.validate import Expected, check_received
from webapp.core.ports import SignedFile
from webapp.gateways.signed_files import told

NO_PADES: Final = "pkcs7"
"""What stands for the level of a signature outside PAdES (adbe.pkcs7.detached, as older tools make)."""


def read_received(
    base: bytes, pdf: bytes, certificate: bytes, surroundings: Surroundings, *, seconds: float
) -> tuple[SignedFile, FileReport]:
    """Check what came back; give the signature and the report of the file. Raises SigningError."""
    expected = Expected(
        certificate=certificate,
        trust=surroundings.trust or TrustStore.nobody(),
        crls=tuple(surroundings.crls),
        now=surroundings.moment(),
        seconds=max(1, round(seconds)),
    )
    new, report = check_received(base, pdf, expected)
    if new.certificate is None or new.claimed_time is None:  # `check_received` lets none through
        raise AssertionError
    signed = SignedFile(
        content=pdf,
        signature_sha256=new.signature_sha256,
        field=new.field,
        revision_end=len(pdf),
        revision_sha256=hashlib.sha256(pdf).hexdigest(),
        level=new.level.value if new.level else NO_PADES,
        claimed_at=new.claimed_time,
        timestamp_at=new.timestamp_time,
        certificate=told(new.certificate),
    )
    return signed, report
