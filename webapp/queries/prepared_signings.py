"""Signatures that wait for their timestamp: one document's, and how many worry somebody."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.prepared_signings import STAMP_ALARM, PreparedState
from webapp.models.accounts import Account
from webapp.models.prepared_signings import PreparedSigning


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingStamp:
    """A signature without its timestamp. `attempts`: how often the services did not answer."""

    signer: str
    signed_at: dt.datetime
    attempts: int
    next_try_at: dt.datetime | None


def waiting_stamp(session: Session, ward_id: UUID, document_id: UUID) -> WaitingStamp | None:
    """Give what a document waits for; None for most. One statement."""
    row = session.execute(
        select(Account.display_name, PreparedSigning.signed_at, PreparedSigning.attempts, PreparedSigning.next_try_at)
        .join(Account, Account.id == PreparedSigning.actor_id)
        .where(
            PreparedSigning.ward_id == ward_id,
            PreparedSigning.document_id == document_id,
            PreparedSigning.state == PreparedState.SIGNED,
        )
    ).one_or_none()
    if row is None or row.signed_at is None:
        return None
    return WaitingStamp(
        signer=row.display_name, signed_at=row.signed_at, attempts=row.attempts, next_try_at=row.next_try_at
    )


def count_stamp_alarms(session: Session, ward_id: UUID) -> int:
    """Count the signatures whose timestamp was asked for often in vain. One statement."""
    wanted = select(func.count()).where(
        PreparedSigning.ward_id == ward_id,
        PreparedSigning.state == PreparedState.SIGNED,
        PreparedSigning.attempts >= STAMP_ALARM,
    )
    return session.scalar(wanted) or 0
