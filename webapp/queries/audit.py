"""The audit log as its readers page through it, the newest first."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.text import fold
from webapp.models.accounts import Account, RoleGrant
from webapp.models.audit import AuditEvent

PAGE = 50
WARD_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One event. `actor` is the person's name; empty for work done on the machine itself."""

    sequence: int
    at: dt.datetime
    actor: str
    tag: str
    subject: str
    detail: dict[str, Any]
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What to look for. Days are of the ward's zone, both included; `person` matches names and usernames."""

    tag: str = ""
    person: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A page of events; `next_before` asks for the following one (None: this is the last)."""

    rows: list[AuditRow]
    next_before: int | None


def list_events(session: Session, ward_id: UUID, wanted: AuditFilter) -> AuditPage:
    """Give one page. Two or three statements; the place in the log is a sequence number, so pages do not shift."""
    query = select(AuditEvent).where(AuditEvent.ward_id == ward_id)
    if wanted.tag:
        query = query.where(AuditEvent.tag == wanted.tag)
    if wanted.person.strip():
        query = query.where(AuditEvent.actor_id.in_(_persons(session, ward_id, wanted.person)))
    if wanted.first_day is not None:
        query = query.where(AuditEvent.at >= _midnight(wanted.first_day))
    if wanted.last_day is not None:
        query = query.where(AuditEvent.at < _midnight(wanted.last_day + dt.timedelta(days=1)))
    if wanted.before is not None:
        query = query.where(AuditEvent.sequence < wanted.before)
    found = session.scalars(query.order_by(AuditEvent.sequence.desc()).limit(PAGE + 1)).all()
    events = found[:PAGE]
    names = _names(session, {key for event in events for key in (event.actor_id, event.subject_id) if key})
    rows = [
        AuditRow(
            sequence=event.sequence,
            at=event.at,
            actor=names.get(event.actor_id, "") if event.actor_id else "",
            tag=event.tag,
            subject=names.get(event.subject_id, "") if event.subject_id else "",
            detail=event.detail,
            address=event.address,
        )
        for event in events
    ]
    return AuditPage(rows=rows, next_before=events[-1].sequence if len(found) > PAGE else None)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), WARD_ZONE)


def _persons(session: Session, ward_id: UUID, words: str) -> list[UUID]:
    wanted = fold(words).split()
    found = session.execute(
        select(Account.id, Account.username, Account.display_name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.ward_id == ward_id)
        .distinct()
    )
    return [row.id for row in found if all(word in f"{fold(row.display_name)} {row.username}" for word in wanted)]


def _names(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    found = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {row.id: row.display_name for row in found}
