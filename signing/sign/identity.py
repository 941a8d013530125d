"""Certificates parsed once per process."""

from __future__ import annotations

from functools import lru_cache

from asn1crypto import x509 as asn1_x509

from signing.model import CertificateInfo, read_certificate


@lru_cache(maxsize=64)
def described(certificate: bytes) -> CertificateInfo:
    """Describe a DER certificate."""
    return CertificateInfo.of(parsed(certificate))


@lru_cache(maxsize=64)
def parsed(certificate: bytes) -> asn1_x509.Certificate:
    """Parse a DER certificate. Callers only read it."""
    return read_certificate(certificate)
