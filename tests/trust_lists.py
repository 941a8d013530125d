"""A ward's trust list in tests, entered as its administrator would."""

import datetime as dt
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from webapp.core.ids import new_id
from webapp.models.signing import TrustAnchor


def add_anchor(sessions: sessionmaker[Session], ward_id: UUID, certificate: bytes, now: dt.datetime) -> None:
    """Let the ward trust an authority."""
    with sessions.begin() as session:
        session.add(
            TrustAnchor(
                ward_id=ward_id,
                id=new_id(),
                fingerprint="00",
                subject="CN=MẪU",
                certificate=certificate,
                is_anchor=True,
                not_before=now,
                not_after=now,
                added_at=now,
                added_by=None,
            )
        )
