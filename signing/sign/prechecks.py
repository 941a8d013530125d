"""What is refused before a key is used.

Unfit certificates and documents that a new signature would break or lend weight to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPAction, MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation import read_certification_data

from signing.errors import (
    BaseSignatureInvalid,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRevoked,
    DocumentHasXfa,
    DocumentLocked,
    DocumentUnreadable,
    WeakKey,
    WrongKeyUsage,
)
from signing.fields import subdictionary
from signing.model import Verdict
from signing.trust import TrustStore
from signing.validate.algorithms import weak_certificate_hash, weak_key
from signing.validate.chain import signer_may_sign
from signing.validate.file import inspect_base
from signing.validate.revocation import revocation_date


def check_certificate(
    certificate: asn1_x509.Certificate,
    chain: Sequence[asn1_x509.Certificate],
    *,
    crls: Sequence[bytes],
    now: datetime,
) -> None:
    """Raise the CertificateNotUsable that applies: dates, key usage, strength, and revocation by the lists at hand."""
    if now > certificate.not_valid_after:
        raise CertificateExpired
    if now < certificate.not_valid_before:
        raise CertificateNotYetValid
    if not signer_may_sign(certificate):
        raise WrongKeyUsage
    if weak_key(certificate) or weak_certificate_hash(certificate):
        raise WeakKey
    for subject in (certificate, *chain):
        for issuer in chain:
            if issuer.subject == subject.issuer and _is_revoked(subject, issuer, crls=crls, now=now):
                raise CertificateRevoked


def _is_revoked(
    subject: asn1_x509.Certificate, issuer: asn1_x509.Certificate, *, crls: Sequence[bytes], now: datetime
) -> bool:
    dates = (revocation_date(crl, issuer=issuer, serial=subject.serial_number) for crl in crls)
    return any(date is not None and date <= now for date in dates)


def check_document(
    reader: PdfFileReader, data: bytes, *, trust: TrustStore, crls: Sequence[bytes], now: datetime, field: str
) -> None:
    """Raise what forbids another signature: XFA, locks by earlier ones, an earlier one that is not valid."""
    try:
        has_xfa = "/XFA" in subdictionary(reader.root, "/AcroForm")
        embedded = reader.embedded_signatures
    except Exception as error:  # as above
        raise DocumentUnreadable from error
    if has_xfa:
        raise DocumentHasXfa
    if not embedded:
        return
    try:
        _check_locks(reader, field)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DocumentLocked from error
    report = inspect_base(data, trust=trust, crls=crls, now=now)
    if report.verdict in {Verdict.INVALID, Verdict.UNREADABLE}:
        raise BaseSignatureInvalid


def _check_locks(reader: PdfFileReader, field: str) -> None:
    certification = read_certification_data(reader)
    certified = certification is not None
    if certification is not None and certification.permission == MDPPerm.NO_CHANGES:
        raise DocumentLocked
    existing = {name for name, _value, _reference in enumerate_sig_fields(reader, filled_status=False)}
    for signature in reader.embedded_signatures:
        if signature.docmdp_level == MDPPerm.NO_CHANGES:
            raise DocumentLocked
        lock = signature.fieldmdp
        if lock is not None and (lock.action is FieldMDPAction.ALL or lock.is_locked(field)):
            raise DocumentLocked
    if certified and field not in existing:
        raise DocumentLocked  # a new field after a certification makes the certifier's signature invalid
