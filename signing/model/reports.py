"""The answer of a check: per signature and for the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signing.model.certificates import CertificateInfo
from signing.model.words import Code, Coverage, Json, Level, Reason, RevocationStatus, SignatureKind, Verdict, iso


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

    @property
    def scheme(self) -> str:
        """How it was signed, as people name it: ``RSA-PSS``, ``RSA PKCS#1 v1.5``, ``ECDSA``; empty for others."""
        name = self.signature_algorithm
        schemes = {"pss": "RSA-PSS", "ecdsa": "ECDSA", "rsa": "RSA PKCS#1 v1.5"}
        return next((scheme for part, scheme in schemes.items() if part in name), "")

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
            "signature_scheme": self.scheme,
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
