"""Revocation lists read directly: whether an issuer's own list names a certificate, or covers it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtensionOID
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.util import get_declared_revinfo

from signing.validate.evidence import Evidence

PARTIAL: Final = frozenset({ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.DELTA_CRL_INDICATOR})
"""Marks of lists that speak for some certificates only."""


def revocations(path: ValidationPath, evidence: Evidence) -> Iterator[datetime]:
    """Yield the moments at which lists at hand revoked certificates of a path."""
    for issuer, subject in _links(path):
        for crl, _source in evidence.crls:
            if crl.issuer == subject.issuer:
                found = revocation_date(crl.dump(), issuer=issuer, serial=subject.serial_number)
                if found is not None:
                    yield found


def revocation_date(crl: bytes, *, issuer: asn1_x509.Certificate, serial: int) -> datetime | None:
    """Return when the list, if it is the issuer's own, says the serial number was revoked; None otherwise."""
    parsed = _own_list(crl, issuer)
    entry = parsed.get_revoked_certificate_by_serial_number(serial) if parsed is not None else None
    return entry.revocation_date_utc.replace(tzinfo=UTC) if entry is not None else None


def lists_cover(path: ValidationPath, evidence: Evidence, moment: datetime) -> bool:
    """Return True when lists at hand cover, at ``moment``, every certificate that declares revocation data.

    Only complete lists count; a list made later speaks for earlier moments too.
    """
    return all(
        not any(get_declared_revinfo(subject))
        or any(_covers(crl.dump(), issuer, moment) for crl, _source in evidence.crls if crl.issuer == subject.issuer)
        for issuer, subject in _links(path)
    )


def _covers(crl: bytes, issuer: asn1_x509.Certificate, moment: datetime) -> bool:
    parsed = _own_list(crl, issuer)
    if parsed is None or parsed.next_update_utc is None:
        return False
    kinds = {extension.oid for extension in parsed.extensions}
    return not kinds & PARTIAL and moment <= parsed.next_update_utc.replace(tzinfo=UTC)


def _own_list(crl: bytes, issuer: asn1_x509.Certificate) -> x509.CertificateRevocationList | None:
    try:
        parsed = x509.load_der_x509_crl(crl)
        key = x509.load_der_x509_certificate(issuer.dump()).public_key()
        return parsed if parsed.is_signature_valid(key) else None  # type: ignore[arg-type]  # TypeError for other keys
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return None


def _links(path: ValidationPath) -> Iterator[tuple[asn1_x509.Certificate, asn1_x509.Certificate]]:
    """Yield issuer and subject, from the anchor down."""
    return itertools.pairwise(path.iter_certs(include_root=True))
