"""The morning's letters: taken for a try before they are sent, and what became of each."""

import datetime as dt
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.ports import Clock
from webapp.core.reminders import MailTrouble, next_try
from webapp.models.reminders import Reminder


def take_letter(session: Session, ward_id: UUID, account_id: UUID, *, clock: Clock) -> bool:
    """Take a person's letter of today for one try; False when another worker was quicker or the day is done with.

    The next try is written down before this one, so a worker that is killed while sending makes no endless letters.
    """
    row = session.get(Reminder, (ward_id, account_id), with_for_update=True, populate_existing=True)
    now, today = clock.now(), clock.today()
    if row is None or not row.wanted or row.confirmed_at is None or row.sent_on == today:
        return False
    if row.tried_on == today and (row.next_try_at is None or row.next_try_at > now):
        return False
    row.tries = row.tries + 1 if row.tried_on == today else 1
    row.tried_on = today
    wait = next_try(row.tries)
    row.next_try_at = now + wait if wait else None
    session.flush()
    return True


def end_day(session: Session, ward_id: UUID, account_id: UUID, day: dt.date) -> None:
    """Be done with a day: the letter is sent, or nothing waits."""
    row = session.get(Reminder, (ward_id, account_id), with_for_update=True)
    if row is not None:
        row.sent_on, row.next_try_at, row.trouble = day, None, None


def note_trouble(session: Session, ward_id: UUID, account_id: UUID, trouble: MailTrouble | None) -> None:
    """Write down why a letter did not go out; the administrator sees it until one does (None)."""
    row = session.get(Reminder, (ward_id, account_id), with_for_update=True)
    if row is not None:
        row.trouble = trouble
