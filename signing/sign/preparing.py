"""The first phase: everything but the raw signature."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from asn1crypto import x509 as asn1_x509

from signing.errors import LevelUnavailable, TimestamperMissing
from signing.fields import OpenedPdf, open_pdf
from signing.levels import NEEDS_TIMESTAMP
from signing.model import Level, SignRequest
from signing.protocol import PreparedSignature, choose_mechanism
from signing.sign.cms import CmsParts, cms_parts
from signing.sign.content import Content, MemoryContent
from signing.sign.placeholder import write_placeholder
from signing.sign.prechecks import check_certificate, check_document
from signing.sign.surroundings import Surroundings
from signing.trust import TrustStore

ROOM_SLACK: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signs: certificate and intermediates, without a key."""

    certificate: asn1_x509.Certificate
    chain: Sequence[asn1_x509.Certificate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A prepared signature with its file in two parts, the untouched base and the update."""

    prepared: PreparedSignature
    base: Content
    update: bytes


def prepare(data: bytes, identity: Identity, request: SignRequest, surroundings: Surroundings) -> Draft:
    """Check certificate and document, write the signature with an empty hole, compute what is to be signed.

    Raises the SigningError that applies; ``data`` is never changed.
    """
    check_identity(identity, request, surroundings)
    opened = open_pdf(data)
    check_opened(opened, data, request, surroundings)
    return draft(MemoryContent(data), opened, identity, request, surroundings)


def parts_of(prepared: PreparedSignature) -> CmsParts:
    """Return the parts that the CMS of a prepared signature is made of."""
    return cms_parts(prepared.certificate, prepared.chain, prepared.mechanism)


def check_identity(identity: Identity, request: SignRequest, surroundings: Surroundings) -> None:
    """Raise what speaks against certificate or level, before the document is looked at."""
    now = surroundings.moment()
    check_certificate(identity.certificate, identity.chain, crls=surroundings.crls, now=now)
    if request.level in NEEDS_TIMESTAMP and surroundings.timestamper is None:
        raise TimestamperMissing
    if request.level is Level.B_LTA and surroundings.raise_level is None:
        raise LevelUnavailable


def check_opened(opened: OpenedPdf, data: bytes, request: SignRequest, surroundings: Surroundings) -> None:
    """Raise what forbids another signature on the document; ``data`` is read only where it is signed already."""
    trust = surroundings.trust or TrustStore.nobody()
    now = surroundings.moment()
    check_document(opened.reader, data, trust=trust, crls=surroundings.crls, now=now, field=request.field)


def draft(
    base: Content, opened: OpenedPdf, identity: Identity, request: SignRequest, surroundings: Surroundings
) -> Draft:
    """Write the update of an opened and checked document."""
    now = surroundings.moment()
    certificate = identity.certificate.dump()
    chain = tuple(c.dump() for c in identity.chain)
    mechanism = request.mechanism or choose_mechanism(identity.certificate, preferred=surroundings.mechanisms)
    parts = cms_parts(certificate, chain, mechanism)
    room = parts.room + _token_room(request.level, surroundings) + ROOM_SLACK
    update, hole = write_placeholder(opened, base, identity.certificate, request, room=room, now=now)
    base_sha256, digest, whole = _digests(base, update, hole)
    prepared = PreparedSignature(
        field=request.field,
        level=request.level,
        mechanism=mechanism,
        claimed_time=now.astimezone(UTC).replace(microsecond=0),
        base_sha256=base_sha256,
        base_size=base.size,
        prepared_sha256=whole,
        prepared_size=base.size + len(update),
        hole=hole,
        digest=digest,
        attributes=parts.attributes(digest),
        certificate=certificate,
        chain=chain,
    )
    return Draft(prepared=prepared, base=base, update=update)


def _token_room(level: Level, surroundings: Surroundings) -> int:
    if level not in NEEDS_TIMESTAMP or surroundings.timestamper is None:
        return 0
    return surroundings.timestamper.token_room + ROOM_SLACK


def _digests(base: Content, update: bytes, hole: tuple[int, int]) -> tuple[str, bytes, str]:
    """SHA-256 of the base, of the byte range and of the whole prepared file; the base is read once."""
    covered = hashlib.sha256()
    base.feed(covered, start=0, end=base.size)
    base_sha256 = covered.hexdigest()
    view = memoryview(update)
    start, end = hole[0] - base.size, hole[1] - base.size
    covered.update(view[:start])
    whole = covered.copy()
    covered.update(view[end:])
    whole.update(view[start:])
    return base_sha256, covered.digest(), whole.hexdigest()
