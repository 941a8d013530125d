"""Plain frozen values that go in and out of the package: requests, results, reports.

Times inside are aware UTC datetimes; in JSON they are ISO 8601 with Vietnam's offset, ``2026-11-22T14:05:00+07:00``, so
that a person reads the same clock on the page, in the stamp and in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Self, TypeAlias

from asn1crypto import x509 as asn1_x509

from signing.settings import VIETNAM

Json: TypeAlias = dict[str, object]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top in points (1/72 inch)."""


class Verdict(StrEnum):
    """The five words of a check: ETSI EN 319 102-1's three, plus two for files without an answer."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Code(StrEnum):
    """Why: one main cause for a verdict. The table with reasons is in the README of this package."""

    OK = "ok"
    TAMPERED = "tampered"
    MODIFIED = "modified"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    WEAK_ALGORITHM = "weak_algorithm"
    STATUS_UNKNOWN = "status_unknown"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the code."""
        return VERDICT_OF[self]


VERDICT_OF: Final = {
    Code.OK: Verdict.VALID,
    Code.TAMPERED: Verdict.INVALID,
    Code.MODIFIED: Verdict.INVALID,
    Code.WEAK_ALGORITHM: Verdict.INVALID,
    Code.REVOKED: Verdict.INVALID,
    Code.UNREADABLE: Verdict.UNREADABLE,
    Code.UNTRUSTED: Verdict.INDETERMINATE,
    Code.EXPIRED: Verdict.INDETERMINATE,
    Code.STATUS_UNKNOWN: Verdict.INDETERMINATE,
    Code.UNSIGNED: Verdict.UNSIGNED,
}

SEVERITY: Final = (
    Code.TAMPERED,
    Code.MODIFIED,
    Code.WEAK_ALGORITHM,
    Code.REVOKED,
    Code.UNREADABLE,
    Code.UNTRUSTED,
    Code.EXPIRED,
    Code.STATUS_UNKNOWN,
    Code.UNSIGNED,
    Code.OK,
)
"""Worst first: of several findings the first in this order is the code."""


def worst(codes: Iterable[Code]) -> Code:
    """Return the worst of the codes; ``ok`` when there is none."""
    return min(codes, key=SEVERITY.index, default=Code.OK)


class Level(StrEnum):
    """Baseline levels of PAdES (ETSI EN 319 142-1)."""

    B_B = "b-b"
    B_T = "b-t"
    B_LT = "b-lt"
    B_LTA = "b-lta"


class SignatureKind(StrEnum):
    """A person's or agency's signature, or a timestamp over the whole document."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document_timestamp"


class RevocationStatus(StrEnum):
    """What is known of a certificate's revocation at the control time."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_DECLARED = "not_declared"


class Coverage(StrEnum):
    """How much of the file a signature's digest covers."""

    WHOLE_FILE = "whole_file"
    REVISION = "revision"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding in words: ``code`` for programs, a sentence in Vietnamese and one in English."""

    code: str
    vi: str
    en: str

    def to_json(self) -> Json:
        """As JSON."""
        return {"code": self.code, "vi": self.vi, "en": self.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInfo:
    """What a person needs to know of a certificate."""

    common_name: str
    organization: str
    title: str
    subject: str
    issuer: str
    issuer_organization: str
    serial: str
    sha256: str
    valid_from: datetime
    valid_to: datetime
    key_usage: tuple[str, ...]
    key_algorithm: str
    key_bits: int

    @classmethod
    def of(cls, certificate: asn1_x509.Certificate) -> Self:
        """Describe a certificate. Raises ValueError when it cannot be parsed."""
        usage = certificate.key_usage_value
        algorithm, bits = key_of(certificate)
        return cls(
            common_name=_part(certificate.subject, "common_name") or _part(certificate.subject, "organization_name"),
            organization=_part(certificate.subject, "organization_name"),
            title=_part(certificate.subject, "title"),
            subject=certificate.subject.human_friendly,
            issuer=_part(certificate.issuer, "common_name") or certificate.issuer.human_friendly,
            issuer_organization=_part(certificate.issuer, "organization_name"),
            serial=format(certificate.serial_number, "x"),
            sha256=certificate.sha256.hex(),
            valid_from=certificate.not_valid_before,
            valid_to=certificate.not_valid_after,
            key_usage=tuple(sorted(usage.native)) if usage is not None else (),
            key_algorithm=algorithm,
            key_bits=bits,
        )

    def to_json(self) -> Json:
        """As JSON; ``serial`` and ``sha256`` are hexadecimal."""
        return {
            "common_name": self.common_name,
            "organization": self.organization,
            "title": self.title,
            "subject": self.subject,
            "issuer": self.issuer,
            "managing_unit": self.issuer_organization,
            "serial": self.serial,
            "sha256": self.sha256,
            "valid_from": iso(self.valid_from),
            "valid_to": iso(self.valid_to),
            "key_usage": list(self.key_usage),
            "key_algorithm": self.key_algorithm,
            "key_bits": self.key_bits,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """Everything said of one signature (Circular 15/2025/TT-BKHCN: issuer, signer, unit, time, integrity, validity)."""

    code: Code
    reasons: tuple[Reason, ...]
    kind: SignatureKind = SignatureKind.SIGNATURE
    field: str = ""
    certificate: CertificateInfo | None = None
    claimed_time: datetime | None = None
    timestamp_time: datetime | None = None
    timestamp_trusted: bool = False
    control_time: datetime | None = None
    intact: bool = False
    digest_algorithm: str = ""
    signature_algorithm: str = ""
    coverage: Coverage = Coverage.UNCLEAR
    revision_end: int = 0
    level: Level | None = None
    revocation: RevocationStatus = RevocationStatus.UNKNOWN
    revocation_source: str = ""
    signature_sha256: str = ""

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the code."""
        return self.code.verdict

    @property
    def signer(self) -> str:
        """Common name of the signer; empty when the certificate could not be read."""
        return self.certificate.common_name if self.certificate else ""

    def to_json(self) -> Json:
        """As JSON; unknown times are null."""
        certificate = self.certificate
        return {
            "verdict": self.verdict.value,
            "code": self.code.value,
            "reasons": [reason.to_json() for reason in self.reasons],
            "kind": self.kind.value,
            "field": self.field,
            "signer": self.signer,
            "organization": certificate.organization if certificate else "",
            "title": certificate.title if certificate else "",
            "issuer": certificate.issuer if certificate else "",
            "managing_unit": certificate.issuer_organization if certificate else "",
            "serial": certificate.serial if certificate else "",
            "valid_from": iso(certificate.valid_from) if certificate else None,
            "valid_to": iso(certificate.valid_to) if certificate else None,
            "certificate": certificate.to_json() if certificate else None,
            "claimed_time": iso(self.claimed_time),
            "timestamp_time": iso(self.timestamp_time),
            "timestamp_trusted": self.timestamp_trusted,
            "control_time": iso(self.control_time),
            "intact": self.intact,
            "digest_algorithm": self.digest_algorithm,
            "signature_algorithm": self.signature_algorithm,
            "key_algorithm": certificate.key_algorithm if certificate else "",
            "key_bits": certificate.key_bits if certificate else 0,
            "coverage": self.coverage.value,
            "revision_end": self.revision_end,
            "level": self.level.value if self.level else None,
            "revocation": {"status": self.revocation.value, "source": self.revocation_source},
            "signature_sha256": self.signature_sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """The answer for a file: the worst of its signatures decides."""

    code: Code
    reasons: tuple[Reason, ...]
    checked_at: datetime
    sha256: str
    size: int
    signatures: tuple[SignatureReport, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the code."""
        return self.code.verdict

    def to_json(self) -> Json:
        """As JSON: the object that ``validate --json`` prints."""
        return {
            "verdict": self.verdict.value,
            "code": self.code.value,
            "reasons": [reason.to_json() for reason in self.reasons],
            "signatures": [signature.to_json() for signature in self.signatures],
            "checked_at": iso(self.checked_at),
            "sha256": self.sha256,
            "size": self.size,
        }


class StampLayout(StrEnum):
    """How picture and text share the box of a visible signature (Decree 30/2020/NĐ-CP, annex I)."""

    PICTURE = "picture"
    PICTURE_ABOVE_TEXT = "picture_above_text"
    PICTURE_BESIDE_TEXT = "picture_beside_text"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The look of a visible signature.

    ``picture`` is a PNG; ``lines`` may use ``{signer}`` and ``{time}``; ``size`` in points.
    """

    layout: StampLayout = StampLayout.PICTURE
    picture: bytes | None = field(default=None, repr=False)
    lines: tuple[str, ...] = ()
    size: float = 8.0
    blue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a visible signature goes.

    ``page`` counts from 0; negative from the back. ``box`` in points **as the page is seen**: origin at the lower left
    corner of the visible (cropped, rotated) page.
    """

    page: int
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPdf:
    """A document with its QR code and the empty field for the number.

    ``symbol`` is what the document prints right after the gap of "Số:" (such as ``/KH-UBND``): then only the bare
    number belongs in the field. It is empty when the whole number and symbol do.
    """

    data: bytes = field(repr=False)
    number_place: Place
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRequest:
    """What to sign with and how it should look.

    ``field`` is made when it does not exist. ``place`` and ``stamp`` belong together; without them the signature is
    invisible.
    """

    field: str = "ChuKy"
    level: Level = Level.B_B
    place: Place | None = None
    stamp: Stamp | None = None
    reason: str = ""
    location: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf:
    """A signed file that passed its own check, with the facts a ledger needs."""

    data: bytes = field(repr=False)
    sha256: str
    field: str
    level: Level
    signature_sha256: str
    revision_end: int
    claimed_time: datetime
    timestamp_time: datetime | None
    certificate: CertificateInfo
    report: FileReport | None

    def to_json(self) -> Json:
        """As JSON, without the bytes."""
        return {
            "sha256": self.sha256,
            "size": len(self.data),
            "field": self.field,
            "level": self.level.value,
            "signature_sha256": self.signature_sha256,
            "revision_end": self.revision_end,
            "claimed_time": iso(self.claimed_time),
            "timestamp_time": iso(self.timestamp_time),
            "certificate": self.certificate.to_json(),
        }


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 to the second with Vietnam's offset; None stays None."""
    return None if moment is None else moment.astimezone(VIETNAM).isoformat(timespec="seconds")


def reasons_of(code: Code, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return the reasons with the ones that explain the code first."""
    return (*(r for r in reasons if r.code == code.value), *(r for r in reasons if r.code != code.value))


def key_of(certificate: asn1_x509.Certificate) -> tuple[str, int]:
    """Algorithm (``rsa``, ``ec``, ...) and size in bits of a certificate's public key."""
    key = certificate.public_key
    algorithm = str(key.algorithm)
    fixed = {"ed25519": 256, "ed448": 448}
    return algorithm, fixed.get(algorithm) or int(key.bit_size)


def _part(name: asn1_x509.Name, kind: str) -> str:
    value = name.native.get(kind, "")
    return ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
