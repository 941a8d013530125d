"""What waits for a person, one by one: the most pressing first."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.documents import DocumentStatus as S
from webapp.core.incoming import IncomingStatus
from webapp.core.periods import WARD_ZONE
from webapp.core.waiting import WaitingKind as K
from webapp.models.incoming import IncomingDocument
from webapp.queries.delegations import list_ending
from webapp.queries.document_lists import Tab, list_documents

MOST: Final = 200
_OF_STATE: Final = {
    S.AWAITING_SIGNATURE: K.TO_SIGN,
    S.REJECTED: K.SENT_BACK,
    S.SIGNED: K.TO_NUMBER,
    S.NUMBERED: K.TO_SEAL,
    S.SEALED: K.TO_PUBLISH,
    S.DRAFT: K.DRAFTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingItem:
    """One thing to do. `kind` says which page `subject_id` belongs to; days are the ward's."""

    kind: K
    subject_id: UUID
    title: str
    since: dt.date
    due_on: dt.date | None = None


def list_waiting(session: Session, actor: Actor, today: dt.date) -> list[WaitingItem]:
    """Give what waits, what has a deadline first, then what waits longest; drafts last. At most four statements."""
    found = [*_documents(session, actor), *_incoming(session, actor), *_delegations(session, actor, today)]
    return sorted(found, key=lambda item: (item.due_on or dt.date.max, item.kind is K.DRAFTS, item.since))


def _documents(session: Session, actor: Actor) -> Iterator[WaitingItem]:
    if not actor.can(Permission.DOCUMENT_DRAFT):
        return
    for line in list_documents(session, actor, Tab.MINE, size=MOST).lines:
        yield WaitingItem(
            kind=_OF_STATE[line.status],
            subject_id=line.id,
            title=f"{line.type_name}: {line.abstract}",
            since=line.changed_at.astimezone(WARD_ZONE).date(),
        )


def _incoming(session: Session, actor: Actor) -> Iterator[WaitingItem]:
    if not actor.can(Permission.INCOMING_HANDLE):
        return
    rows = session.execute(
        select(
            IncomingDocument.id,
            IncomingDocument.type_name,
            IncomingDocument.abstract,
            IncomingDocument.arrived_on,
            IncomingDocument.forwarded_on,
            IncomingDocument.deadline_on,
        )
        .where(
            IncomingDocument.ward_id == actor.ward_id,
            IncomingDocument.handler_id == actor.account_id,
            IncomingDocument.status == IncomingStatus.REGISTERED,
        )
        .order_by(IncomingDocument.deadline_on, IncomingDocument.id)
        .limit(MOST)
    )
    for row in rows:
        yield WaitingItem(
            kind=K.INCOMING_MINE,
            subject_id=row.id,
            title=f"{row.type_name}: {row.abstract}" if row.type_name else row.abstract,
            since=row.forwarded_on or row.arrived_on,
            due_on=row.deadline_on,
        )


def _delegations(session: Session, actor: Actor, today: dt.date) -> Iterator[WaitingItem]:
    if not actor.can(Permission.DOCUMENT_DRAFT):
        return
    for one in list_ending(session, actor, today):
        yield WaitingItem(
            kind=K.DELEGATIONS_ENDING,
            subject_id=one.id,
            title=f"{one.capacity.value.upper()} {one.principal}: {one.basis}",
            since=one.starts_on,
            due_on=one.ends_on,
        )
