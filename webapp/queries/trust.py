"""The ward's trust list as its administrator sees it."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.models.accounts import Account
from webapp.models.signing import RevocationList, TrustAnchor


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRow:
    """A root that the ward trusts, or an intermediate. Times are aware UTC; the fingerprint is SHA-256 in hex."""

    anchor_id: UUID
    subject: str
    fingerprint: str
    is_anchor: bool
    not_before: dt.datetime
    not_after: dt.datetime
    added_at: dt.datetime
    added_by: str

    @property
    def spaced_fingerprint(self) -> str:
        """The fingerprint in groups of four, as people compare it aloud."""
        return " ".join(self.fingerprint[n : n + 4].upper() for n in range(0, len(self.fingerprint), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationRow:
    """The newest revocation list of one issuer."""

    issuer: str
    this_update: dt.datetime
    next_update: dt.datetime | None


def list_anchors(session: Session, ward_id: UUID) -> list[AnchorRow]:
    """Give what is trusted now: roots first, then intermediates."""
    found = session.execute(
        select(TrustAnchor, Account.display_name)
        .outerjoin(Account, Account.id == TrustAnchor.added_by)
        .where(TrustAnchor.ward_id == ward_id, TrustAnchor.removed_at.is_(None))
        .order_by(TrustAnchor.is_anchor.desc(), TrustAnchor.subject)
    )
    return [
        AnchorRow(
            anchor_id=row.id,
            subject=row.subject,
            fingerprint=row.fingerprint,
            is_anchor=row.is_anchor,
            not_before=row.not_before,
            not_after=row.not_after,
            added_at=row.added_at,
            added_by=name or "",
        )
        for row, name in found
    ]


def list_revocation_lists(session: Session, ward_id: UUID) -> list[RevocationRow]:
    """Give the newest list of each issuer."""
    newest = (
        select(RevocationList.issuer, func.max(RevocationList.this_update).label("this_update"))
        .where(RevocationList.ward_id == ward_id)
        .group_by(RevocationList.issuer)
        .subquery()
    )
    found = session.execute(
        select(RevocationList.issuer, RevocationList.this_update, RevocationList.next_update)
        .join(
            newest,
            (newest.c.issuer == RevocationList.issuer) & (newest.c.this_update == RevocationList.this_update),
        )
        .where(RevocationList.ward_id == ward_id)
        .distinct()
        .order_by(RevocationList.issuer)
    )
    return [RevocationRow(issuer=row.issuer, this_update=row.this_update, next_update=row.next_update) for row in found]
