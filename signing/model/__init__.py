"""Plain frozen values that go in and out of the package: requests, results, reports.

Times inside are aware UTC datetimes; in JSON they are ISO 8601 with Vietnam's offset, ``2026-11-22T14:05:00+07:00``, so
that a person reads the same clock on the page, in the stamp and in the file.
"""

from __future__ import annotations

from signing.model.certificates import CertificateInfo, key_of, plain, read_certificate
from signing.model.reports import FileReport, SignatureReport
from signing.model.requests import Box, Place, PreparedPdf, SignedFacts, SignedPdf, SignRequest, Stamp, StampLayout
from signing.model.words import (
    SEVERITY,
    VERDICT_OF,
    Code,
    Coverage,
    Json,
    Level,
    Mechanism,
    Reason,
    RevocationStatus,
    SignatureKind,
    Verdict,
    iso,
    reasons_of,
    worst,
)

__all__ = [
    "SEVERITY",
    "VERDICT_OF",
    "Box",
    "CertificateInfo",
    "Code",
    "Coverage",
    "FileReport",
    "Json",
    "Level",
    "Mechanism",
    "Place",
    "PreparedPdf",
    "Reason",
    "RevocationStatus",
    "SignRequest",
    "SignatureKind",
    "SignatureReport",
    "SignedFacts",
    "SignedPdf",
    "Stamp",
    "StampLayout",
    "Verdict",
    "iso",
    "key_of",
    "plain",
    "read_certificate",
    "reasons_of",
    "worst",
]
