"""Incoming documents that wait: for whom, and how much time is left."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from webapp.core.incoming import IncomingStatus
from webapp.core.waiting import INCOMING_DUE_SOON
from webapp.models.incoming import IncomingDocument

I = IncomingDocument  # noqa: E741 - the statement below names it in every line


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingWork:
    """What waits: for the clerk to register and to hand on; for this person: late, due soon, and the rest."""

    to_register: int
    to_hand_on: int
    mine: int
    late: int
    soon: int


def incoming_work(session: Session, ward_id: UUID, account_id: UUID, today: dt.date) -> IncomingWork:
    """Count what waits. One statement over the open documents."""
    open_one = I.status == IncomingStatus.REGISTERED
    mine = and_(open_one, I.handler_id == account_id)
    until = today + dt.timedelta(days=INCOMING_DUE_SOON)

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, 1)))

    row = session.execute(
        select(
            count(I.status == IncomingStatus.RECEIVED),
            count(and_(open_one, I.handler_id.is_(None))),
            count(mine),
            count(and_(mine, I.deadline_on < today)),
            count(and_(mine, I.deadline_on.between(today, until))),
        ).where(I.ward_id == ward_id, I.status.in_((IncomingStatus.RECEIVED, IncomingStatus.REGISTERED)))
    ).one()
    return IncomingWork(to_register=row[0], to_hand_on=row[1], mine=row[2] - row[3] - row[4], late=row[3], soon=row[4])
