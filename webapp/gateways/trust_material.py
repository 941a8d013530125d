"""What a ward trusts, read in a session of its own: the signing room takes no part in the caller's transaction."""

from typing import cast
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from webapp.core.ports import TrustMaterial
from webapp.models.database import bind_ward
from webapp.models.places import Ward
from webapp.models.signing import Keystore, RevocationList, TrustAnchor


def read_trust(sessions: sessionmaker[Session], ward_id: UUID | None) -> TrustMaterial:
    """Give the material of one ward; without a ward, of all wards of the installation (the public page)."""
    # A reader on SQLite too: the caller may hold the only place of a writer, and waits for the signature.
    reading = cast("Engine", sessions.kw["bind"]).execution_options(sqlite_deferred=True)
    with sessions(bind=reading) as session:
        wards = [ward_id] if ward_id else list(session.scalars(select(Ward.id)))
        found = [_of_ward(session, ward) for ward in wards]
    return TrustMaterial(
        anchors=tuple(dict.fromkeys(der for one in found for der in one.anchors)),
        intermediates=tuple(dict.fromkeys(der for one in found for der in one.intermediates)),
        revocation_lists=tuple(dict.fromkeys(der for one in found for der in one.revocation_lists)),
    )


def _of_ward(session: Session, ward_id: UUID) -> TrustMaterial:
    bind_ward(session, ward_id)
    certificates = session.execute(
        select(TrustAnchor.certificate, TrustAnchor.is_anchor).where(
            TrustAnchor.ward_id == ward_id, TrustAnchor.removed_at.is_(None)
        )
    ).all()
    return TrustMaterial(
        anchors=tuple(row.certificate for row in certificates if row.is_anchor),
        intermediates=tuple(row.certificate for row in certificates if not row.is_anchor),
        revocation_lists=_newest_lists(session, ward_id),
    )


def _newest_lists(session: Session, ward_id: UUID) -> tuple[bytes, ...]:
    """Of each issuer the newest list counts."""
    place = (
        func.row_number()
        .over(partition_by=RevocationList.issuer, order_by=RevocationList.this_update.desc())
        .label("place")
    )
    ranked = select(RevocationList.content, place).where(RevocationList.ward_id == ward_id).subquery()
    return tuple(session.scalars(select(ranked.c.content).where(ranked.c.place == 1)))


def enrolled_certificates(sessions: sessionmaker[Session], ward_id: UUID) -> frozenset[str]:
    """Give the SHA-256 fingerprints of every certificate that was ever enrolled: old signatures need them too."""
    reading = cast("Engine", sessions.kw["bind"]).execution_options(sqlite_deferred=True)
    with sessions(bind=reading) as session:
        bind_ward(session, ward_id)
        return frozenset(session.scalars(select(Keystore.fingerprint).where(Keystore.ward_id == ward_id)))
