"""Whom the ward trusts: roots and intermediates chosen by its administrator, and revocation lists. None silently."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.models.signing import RevocationList, TrustAnchor
from webapp.services.audit import record

LARGEST: Final = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What the administrator compares before trusting. Times are aware UTC; `content` is DER."""

    content: bytes
    subject: str
    issuer: str
    fingerprint: str
    not_before: dt.datetime
    not_after: dt.datetime
    is_self_issued: bool

    @property
    def pem(self) -> bytes:
        """The certificate as PEM, to travel through a page."""
        return x509.load_der_x509_certificate(self.content).public_bytes(Encoding.PEM)

    @property
    def spaced_fingerprint(self) -> str:
        """The SHA-256 fingerprint in groups of four, as people compare it aloud."""
        return " ".join(self.fingerprint[n : n + 4].upper() for n in range(0, len(self.fingerprint), 4))


def _refuse(message: str, **values: object) -> InvalidInput:
    return InvalidInput(Problem("file", message, values))


def read_certificates(content: bytes) -> list[CertificateFacts]:
    """Read one DER certificate or a PEM bundle. Raises InvalidInput on field `file`."""
    try:
        found = (
            x509.load_pem_x509_certificates(content)
            if b"-----BEGIN" in content
            else [x509.load_der_x509_certificate(content)]
        )
        return [_facts(certificate) for certificate in found]
    except (ValueError, TypeError, x509.InvalidVersion, x509.UnsupportedGeneralNameType) as error:
        raise _refuse(N_("Tệp này không phải chứng thư số (PEM hoặc DER).")) from error


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    subject = certificate.subject.rfc4514_string()
    _check_authority(certificate, subject)
    return CertificateFacts(
        content=certificate.public_bytes(Encoding.DER),
        subject=subject[:300],
        issuer=certificate.issuer.rfc4514_string()[:300],
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        is_self_issued=certificate.subject == certificate.issuer,
    )


def _check_authority(certificate: x509.Certificate, subject: str) -> None:
    """Refuse a certificate that cannot issue others, and keys that Vietnam's standards no longer accept."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        constraints = None
    if constraints is None or not constraints.ca:
        raise _refuse(
            N_("“%(subject)s” không phải chứng thư của tổ chức cấp chứng thư (CA) nên không thể đưa vào danh sách."),
            subject=subject,
        )
    key = certificate.public_key()
    weak = isinstance(key, dsa.DSAPublicKey) or (
        key.key_size < 2048
        if isinstance(key, rsa.RSAPublicKey)
        else isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < 256
    )
    if weak:
        raise _refuse(
            N_("Khóa của “%(subject)s” quá yếu (cần RSA từ 2048 bit hoặc ECDSA từ 256 bit)."), subject=subject
        )


def add_anchor(session: Session, content: bytes, *, is_anchor: bool, actor: Actor, clock: Clock) -> list[UUID]:
    """Trust the certificates of a file as roots, or keep them as intermediates. Adding one again changes its kind.

    Raises InvalidInput on field `file`, NotAllowed.
    """
    require(actor, Permission.TRUST_MANAGE)
    return [
        _store(session, facts, is_anchor=is_anchor, actor=actor, clock=clock) for facts in read_certificates(content)
    ]


def _store(session: Session, facts: CertificateFacts, *, is_anchor: bool, actor: Actor, clock: Clock) -> UUID:
    row = session.scalar(
        select(TrustAnchor).where(TrustAnchor.ward_id == actor.ward_id, TrustAnchor.fingerprint == facts.fingerprint)
    )
    if row is None:
        row = TrustAnchor(ward_id=actor.ward_id, id=new_id(), fingerprint=facts.fingerprint)
        row.subject, row.certificate = facts.subject, facts.content
        row.not_before, row.not_after = facts.not_before, facts.not_after
        session.add(row)
    row.is_anchor, row.removed_at = is_anchor, None
    row.added_at, row.added_by = clock.now(), actor.account_id
    session.flush()
    record(
        session,
        AuditTag.TRUST_CHANGE,
        actor=actor,
        clock=clock,
        subject=row.id,
        added=facts.fingerprint,
        anchor=is_anchor,
    )
    return row.id


def remove_anchor(session: Session, anchor_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Stop trusting a certificate; signatures that rest on it are no longer shown as valid. Raises NotFound."""
    require(actor, Permission.TRUST_MANAGE)
    row = session.get(TrustAnchor, (actor.ward_id, anchor_id), with_for_update=True)
    if row is None or row.removed_at is not None:
        raise NotFound
    row.removed_at = clock.now()
    record(session, AuditTag.TRUST_CHANGE, actor=actor, clock=clock, subject=row.id, removed=row.fingerprint)


def add_revocation_list(session: Session, content: bytes, *, actor: Actor, clock: Clock) -> UUID:
    """Keep a revocation list (PEM or DER) signed by a certificate of the list. Raises InvalidInput on field `file`."""
    require(actor, Permission.TRUST_MANAGE)
    revoked = _read_list(content)
    if not any(_signed_by(revoked, issuer) for issuer in _kept_certificates(session, actor.ward_id)):
        raise _refuse(
            N_("Danh sách này không do chứng thư nào trong danh sách tin cậy ký. Hãy thêm chứng thư của nơi cấp trước.")
        )
    row = RevocationList(
        ward_id=actor.ward_id,
        id=new_id(),
        issuer=revoked.issuer.rfc4514_string()[:300],
        this_update=revoked.last_update_utc,
        next_update=revoked.next_update_utc,
        content=revoked.public_bytes(Encoding.DER),
        added_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, AuditTag.TRUST_CHANGE, actor=actor, clock=clock, subject=row.id, revocation_list=row.issuer)
    return row.id


def _read_list(content: bytes) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(content) if b"-----BEGIN" in content else x509.load_der_x509_crl(content)
    except (ValueError, TypeError) as error:
        raise _refuse(N_("Tệp này không phải danh sách thu hồi chứng thư (CRL).")) from error


def _kept_certificates(session: Session, ward_id: UUID) -> list[x509.Certificate]:
    kept = session.scalars(
        select(TrustAnchor.certificate).where(TrustAnchor.ward_id == ward_id, TrustAnchor.removed_at.is_(None))
    )
    return [x509.load_der_x509_certificate(content) for content in kept]


def _signed_by(revoked: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    if revoked.issuer != issuer.subject:
        return False
    try:
        return revoked.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # other kinds raise TypeError
    except (TypeError, InvalidSignature):
        return False
