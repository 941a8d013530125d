"""A certificate in words."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from asn1crypto import x509 as asn1_x509

from signing.model.words import Json, iso


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
            subject=plain(certificate.subject.human_friendly),
            issuer=_part(certificate.issuer, "common_name") or plain(certificate.issuer.human_friendly),
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


def read_certificate(der: bytes, *, strict: bool = False) -> asn1_x509.Certificate:
    """Return a certificate that was parsed to the last field, so that threads may share it.

    asn1crypto parses when a field is first asked for, and not under a lock: a second thread then finds half a list.
    What cannot be parsed raises later, where it is asked for. ``strict`` refuses bytes behind it with ValueError.
    """
    certificate = asn1_x509.Certificate.load(der, strict=strict)
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        certificate.native  # noqa: B018  -- parses all there is
        certificate.critical_extensions  # noqa: B018  -- and what the library notes of the extensions
    return certificate


def key_of(certificate: asn1_x509.Certificate) -> tuple[str, int]:
    """Algorithm (``rsa``, ``ec``, ...) and size in bits of a certificate's public key."""
    key = certificate.public_key
    algorithm = str(key.algorithm)
    fixed = {"ed25519": 256, "ed448": 448}
    return algorithm, fixed.get(algorithm) or int(key.bit_size)


def plain(text: str) -> str:
    """Return text of a stranger without control and direction characters, which could dress up what a person reads."""
    return "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")


def _part(name: asn1_x509.Name, kind: str) -> str:
    value = name.native.get(kind, "")
    return plain(", ".join(str(v) for v in value) if isinstance(value, list) else str(value))
