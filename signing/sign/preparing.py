"""The first phase: everything but the raw signature."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import x509 as asn1_x509

from signing.errors import DocumentUnreadable, LevelUnavailable, TimestamperMissing
from signing.fields import open_pdf
from signing.levels import NEEDS_TIMESTAMP
from signing.model import Level, SignRequest
from signing.protocol import PreparedSignature, choose_mechanism
from signing.sign.cms import CmsParts, cms_parts
from signing.sign.placeholder import write_placeholder
from signing.sign.prechecks import check_certificate, check_document
from signing.sign.surroundings import Surroundings
from signing.trust import TrustStore

ROOM_SLACK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signs: certificate and intermediates, without a key."""

    certificate: asn1_x509.Certificate
    chain: Sequence[asn1_x509.Certificate]


def prepare(
    data: bytes, identity: Identity, request: SignRequest, surroundings: Surroundings
) -> tuple[PreparedSignature, bytes]:
    """Check certificate and document, write the signature with an empty hole, compute what is to be signed.

    Raises the SigningError that applies; ``data`` is never changed.
    """
    now = surroundings.moment()
    mechanism = request.mechanism or choose_mechanism(identity.certificate, preferred=surroundings.mechanisms)
    check_certificate(identity.certificate, identity.chain, crls=surroundings.crls, now=now)
    _check_level(request.level, surroundings)
    parts = cms_parts(identity.certificate.dump(), tuple(c.dump() for c in identity.chain), mechanism)
    opened = open_pdf(data)
    trust = surroundings.trust or TrustStore.nobody()
    check_document(opened.reader, data, trust=trust, crls=surroundings.crls, now=now, field=request.field)
    room = parts.room + _token_room(request.level, surroundings) + ROOM_SLACK
    hole = write_placeholder(opened, identity.certificate, request, room=room, now=now)
    pdf = opened.buffer.getvalue()
    if not pdf.startswith(data):
        raise DocumentUnreadable
    base, digest, whole = _digests(pdf, len(data), hole)
    return (
        PreparedSignature(
            field=request.field,
            level=request.level,
            mechanism=mechanism,
            claimed_time=_to_the_second(now),
            base_sha256=base,
            base_size=len(data),
            prepared_sha256=whole,
            prepared_size=len(pdf),
            hole=hole,
            digest=digest,
            attributes=parts.attributes(digest),
            certificate=identity.certificate.dump(),
            chain=tuple(c.dump() for c in identity.chain),
        ),
        pdf,
    )


def parts_of(prepared: PreparedSignature) -> CmsParts:
    """Return the parts that the CMS of a prepared signature is made of."""
    return cms_parts(prepared.certificate, prepared.chain, prepared.mechanism)


def _check_level(level: Level, surroundings: Surroundings) -> None:
    if level in NEEDS_TIMESTAMP and surroundings.timestamper is None:
        raise TimestamperMissing
    if level is Level.B_LTA and surroundings.raise_level is None:
        raise LevelUnavailable


def _token_room(level: Level, surroundings: Surroundings) -> int:
    if level not in NEEDS_TIMESTAMP or surroundings.timestamper is None:
        return 0
    return surroundings.timestamper.token_room + ROOM_SLACK


def _digests(pdf: bytes, base: int, hole: tuple[int, int]) -> tuple[str, bytes, str]:
    """SHA-256 of the base, of the byte range and of the whole prepared file, in one pass over the base."""
    view = memoryview(pdf)
    covered = hashlib.sha256(view[:base])
    base_sha256 = covered.hexdigest()
    covered.update(view[base : hole[0]])
    whole = covered.copy()
    covered.update(view[hole[1] :])
    whole.update(view[hole[0] :])
    return base_sha256, covered.digest(), whole.hexdigest()


def _to_the_second(moment: datetime) -> datetime:
    """PDF dates know no fractions."""
    return moment.astimezone(UTC).replace(microsecond=0)
