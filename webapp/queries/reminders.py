"""Who wants the morning's letter, whose is due, and how the last ones went."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Role
from webapp.core.reminders import MailTrouble
from webapp.models.accounts import Account, RoleGrant
from webapp.models.reminders import Reminder
from webapp.queries.grants import live_grant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """A person's address as the pages show it; never its code."""

    email: str
    wanted: bool
    confirmed: bool
    sent_on: dt.date | None
    trouble: MailTrouble | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody whose letter is due, as the person that asks for what waits."""

    actor: Actor
    name: str
    email: str = field(repr=False)


def find_reminder(session: Session, ward_id: UUID, account_id: UUID) -> ReminderRow | None:
    """Give a person's address; None when there is none. One statement."""
    row = session.get(Reminder, (ward_id, account_id), populate_existing=True)
    if row is None:
        return None
    return ReminderRow(
        email=row.email,
        wanted=row.wanted,
        confirmed=row.confirmed_at is not None,
        sent_on=row.sent_on,
        trouble=row.trouble,
    )


def count_letters_failing(session: Session, ward_id: UUID) -> int:
    """Count the people whose letter or code did not go out last time. One statement."""
    query = select(func.count()).where(Reminder.ward_id == ward_id, Reminder.wanted, Reminder.trouble.is_not(None))
    return session.scalar(query) or 0


def recipients(session: Session, ward_id: UUID, now: dt.datetime, today: dt.date) -> list[Recipient]:
    """Give whose letter is due now and who still works here. One statement."""
    rows = session.execute(
        select(Reminder.account_id, Reminder.email, Account.display_name, RoleGrant.role, RoleGrant.group_id)
        .join(Account, Account.id == Reminder.account_id)
        .join(
            RoleGrant,
            and_(RoleGrant.ward_id == Reminder.ward_id, RoleGrant.account_id == Reminder.account_id),
        )
        .where(_due(ward_id, now, today), Account.disabled_at.is_(None), live_grant(RoleGrant.__table__))
        .order_by(Reminder.account_id),
        {"now": now},
    ).all()
    roles: dict[UUID, set[Role]] = {}
    groups: dict[UUID, set[UUID]] = {}
    for row in rows:
        roles.setdefault(row.account_id, set()).add(row.role)
        groups.setdefault(row.account_id, set()).update({row.group_id} if row.group_id else ())
    once = {row.account_id: row for row in rows}
    return [
        Recipient(
            actor=Actor(account_id=key, ward_id=ward_id, roles=frozenset(roles[key]), group_ids=frozenset(groups[key])),
            name=row.display_name,
            email=row.email,
        )
        for key, row in once.items()
    ]


def _due(ward_id: UUID, now: dt.datetime, today: dt.date) -> ColumnElement[bool]:
    return and_(
        Reminder.ward_id == ward_id,
        Reminder.wanted,
        Reminder.confirmed_at.is_not(None),
        or_(Reminder.sent_on.is_(None), Reminder.sent_on < today),
        or_(Reminder.tried_on.is_(None), Reminder.tried_on < today, Reminder.next_try_at <= now),
    )
