"""What is refused before a key is used.

Unfit certificates and documents that a new signature would break or lend weight to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

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
from signing.sign.identity import parsed
from signing.trust import TrustStore
from signing.validate.algorithms import weak_certificate_hash, weak_key
from signing.validate.chain import signer_may_sign
from signing.validate.file import inspect_base
from signing.validate.revocation import revocation_date


@dataclass(frozen=True, slots=True)
class _Facts:
    """What does not depend on the clock, found out once per certificate, chain and set of lists."""

    begins: datetime
    ends: datetime
    may_sign: bool
    weak: bool
    revoked: tuple[datetime, ...]


def check_certificate(
    certificate: asn1_x509.Certificate,
    chain: Sequence[asn1_x509.Certificate],
    *,
    crls: Sequence[bytes],
    now: datetime,
) -> None:
    """Raise the CertificateNotUsable that applies: dates, key usage, strength, and revocation by the lists at hand."""
    facts = _facts(certificate.dump(), tuple(c.dump() for c in chain), tuple(crls))
    if now > facts.ends:
        raise CertificateExpired
    if now < facts.begins:
        raise CertificateNotYetValid
    if not facts.may_sign:
        raise WrongKeyUsage
    if facts.weak:
        raise WeakKey
    if any(date <= now for date in facts.revoked):
        raise CertificateRevoked


@lru_cache(maxsize=64)
def _facts(certificate: bytes, chain: tuple[bytes, ...], crls: tuple[bytes, ...]) -> _Facts:
    leaf = parsed(certificate)
    issuers = [parsed(der) for der in chain]
    return _Facts(
        begins=leaf.not_valid_before,
        ends=leaf.not_valid_after,
        may_sign=signer_may_sign(leaf),
        weak=bool(weak_key(leaf) or weak_certificate_hash(leaf)),
        revoked=tuple(_revocations((leaf, *issuers), issuers, crls)),
    )


def _revocations(
    subjects: Sequence[asn1_x509.Certificate], issuers: Sequence[asn1_x509.Certificate], crls: Sequence[bytes]
) -> Iterator[datetime]:
    """Yield when the lists of their issuers revoked the certificates."""
    for subject in subjects:
        for issuer in issuers:
            if issuer.subject == subject.issuer:
                dates = (revocation_date(crl, issuer=issuer, serial=subject.serial_number) for crl in crls)
                yield from (date for date in dates if date is not None)


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
